import assert from "node:assert/strict";
import { test } from "node:test";
import { strength } from "./password_strength.js";

test("common passwords are weak, regardless of length or decoration", () => {
	for (const password of [
		"",
		"password",
		"Password1!",
		"12345678",
		"aaaaaaaaaaaaaaaa",
		"abcdefghijkl",
		"qwertz2024",
		"chinwag123",
		"abababababab",
	]) {
		assert.equal(strength(password), 0, password);
	}
});

test("the user's own name adds no strength", () => {
	assert.ok(strength("charlotte-brown") > 0);
	assert.equal(strength("charlotte-brown", ["Charlotte.Brown", "cb@example.org"]), 0);
});

test("length counts more than special characters", () => {
	assert.ok(strength("x7$Kq9!z") < strength("a quiet kettle sings"));
	assert.equal(strength("a quiet kettle sings"), 3);
	assert.equal(strength("جملة قصيرة يسهل تذكرها"), 3);
});
