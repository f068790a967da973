import assert from "node:assert/strict";
import { test } from "node:test";
import { REACH, slice } from "./slice.js";

test("at the end the newest messages are rendered", () => {
	assert.deepEqual(slice(10_000, null), [10_000 - 2 * REACH - 1, 10_000]);
	assert.deepEqual(slice(3, null), [0, 3]);
	assert.deepEqual(slice(0, null), [0, 0]);
});

test("elsewhere equally many before and after are rendered", () => {
	assert.deepEqual(slice(10_000, 5_000), [5_000 - REACH, 5_000 + REACH + 1]);
	assert.deepEqual(slice(10_000, 3), [0, 2 * REACH + 1]);
	assert.deepEqual(slice(10_000, 9_999), [10_000 - 2 * REACH - 1, 10_000]);
});
