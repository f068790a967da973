import assert from "node:assert/strict";
import { test } from "node:test";
import { newClientId } from "./ids.js";

const UUID_7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("keys are distinct version 7 UUIDs", () => {
	const keys = Array.from({ length: 1000 }, () => newClientId());
	for (const key of keys) assert.match(key, UUID_7);
	assert.equal(new Set(keys).size, keys.length);
});

test("keys start with their creation time", () => {
	// The example of RFC 9562, appendix A.6: Tuesday, February 22, 2022 2:22:22 PM GMT-05:00.
	assert.equal(newClientId(0x017f22e279b0).slice(0, 14), "017f22e2-79b0-");
	assert.ok(newClientId(1) < newClientId(2));
	assert.equal(newClientId(2 ** 48 - 1).slice(0, 14), "ffffffff-ffff-");
});
