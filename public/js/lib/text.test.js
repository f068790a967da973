import assert from "node:assert/strict";
import { test } from "node:test";
import { beginning, byteLength, initial, tint } from "./text.js";

test("length is counted in bytes, as the server counts it", () => {
	assert.equal(byteLength("né😀"), 7);
});

test("the initial is one grapheme", () => {
	assert.equal(initial("zed"), "Z");
	assert.equal(initial("👩‍👩‍👧 family"), "👩‍👩‍👧");
	assert.equal(initial(""), "?");
});

test("a beginning never ends in half a character", () => {
	assert.equal(beginning("ab😀c", 3), "ab");
	assert.equal(beginning("ab😀c", 4), "ab😀");
});

test("a name keeps its tint", () => {
	assert.equal(tint("ann", 8), tint("ann", 8));
	assert.ok(tint("سلام", 8) < 8);
});

test("a browser that cannot segment graphemes counts characters", async () => {
	const { Segmenter } = Intl;
	Object.assign(Intl, { Segmenter: undefined });
	try {
		const alone = /** @type {typeof import("./text.js")} */ (await import(`./text.js?${"plain"}`));
		assert.equal(alone.initial("émile"), "É");
		assert.deepEqual([...alone.letters("a👍")], ["a", "👍"]);
	} finally {
		Object.assign(Intl, { Segmenter });
	}
});
