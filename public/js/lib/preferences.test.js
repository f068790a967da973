import assert from "node:assert/strict";
import { test } from "node:test";
import { kept } from "./preferences.js";

/** @param {string | null} text */
const storage = (text) => /** @type {Storage} */ (/** @type {unknown} */ ({ getItem: () => text }));

test("missing or unreadable preferences have their defaults", () => {
	const usual = { enterSends: true, sound: true, notifications: true };
	for (const text of [null, "", "{", "null", "[]", '{"sound": 3, "other": true}']) {
		assert.deepEqual(kept(storage(text)), usual);
	}
	assert.deepEqual(kept(null), usual);
	assert.deepEqual(kept(storage('{"sound": false}')), { ...usual, sound: false });
});
