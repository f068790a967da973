import assert from "node:assert/strict";
import { test } from "node:test";
import { left, problemWith } from "./profile_rules.js";

test("characters are counted as the server counts them", () => {
	assert.equal(problemWith("display_name", `  ${"🐴".repeat(64)}  `), "");
	assert.equal(problemWith("display_name", "e\u0301".repeat(64)), "");
	assert.equal(problemWith("display_name", "x".repeat(65)), "This has at most 64 characters.");
	assert.equal(problemWith("about", "x".repeat(140)), "");
	assert.equal(problemWith("about", "x".repeat(141)), "This has at most 140 characters.");
});

test("the remaining characters are shown only near the limit", () => {
	assert.equal(left("about", "x".repeat(119)), null);
	assert.equal(left("about", "x".repeat(120)), 20);
	assert.equal(left("display_name", "x".repeat(70)), -6);
});
