import assert from "node:assert/strict";
import { test } from "node:test";
import { backoff } from "./backoff.js";

test("waits grow from half a second to half a minute and stay there", () => {
	const waits = [1, 2, 3, 4, 5, 6, 7, 50].map((failures) => backoff(failures, () => 1));
	assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000]);
});

test("jitter removes at most half of the wait", () => {
	assert.equal(
		backoff(3, () => 0),
		1000,
	);
});
