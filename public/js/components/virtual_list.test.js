import assert from "node:assert/strict";
import { test } from "node:test";
import { inSight } from "./virtual_list.js";

test("only visible rows and a few beyond are rendered", () => {
	assert.deepEqual(inSight({ scrollTop: 0, height: 720 }, 72, 5_000), [0, 16]);
	assert.deepEqual(inSight({ scrollTop: 72_000, height: 720 }, 72, 5_000), [994, 1_016]);
	assert.deepEqual(inSight({ scrollTop: 999_999, height: 720 }, 72, 20), [19, 20]);
	assert.deepEqual(inSight({ scrollTop: 0, height: 720 }, 72, 0), [0, 0]);
});
