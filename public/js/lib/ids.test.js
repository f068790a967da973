import assert from "node:assert/strict";
import { test } from "node:test";
import { newClientId } from "./ids.js";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("keys are random version 4 identifiers", () => {
	assert.match(newClientId(), UUID);
	assert.notEqual(newClientId(), newClientId());
});

test("plain http, where randomUUID is missing, makes the same kind of key", () => {
	const plain = { getRandomValues: crypto.getRandomValues.bind(crypto) };
	assert.match(newClientId(plain), UUID);
	assert.notEqual(newClientId(plain), newClientId(plain));
});
