import assert from "node:assert/strict";
import { test } from "node:test";
import { loneEmoji, USUAL, withRecent } from "./emoji.js";
import { byGroup, find, GROUPS, nameOf } from "./emoji_list.js";

test("a text of only one to three emoji is big", () => {
	assert.equal(loneEmoji("👍"), 1);
	assert.equal(loneEmoji(" ❤️ 👩‍👩‍👧\n"), 2);
	assert.equal(loneEmoji("🇪🇺1️⃣👋🏽"), 3);
	for (const text of ["", "  ", "👍👍👍👍", "ok 👍", "1", "#", "12", "a"]) {
		assert.equal(loneEmoji(text), 0, text);
	}
});

test("recent emoji are newest first, without duplicates, and limited in number", () => {
	assert.deepEqual(withRecent(["a", "b"], "b"), ["b", "a"]);
	assert.equal(withRecent(["a", "b", "c"], "d", 3).length, 3);
});

test("an emoji is found by its name and by its keywords", () => {
	assert.equal(find("grinning face")[0].emoji, "😀");
	assert.ok(find("coffee").some(({ emoji }) => emoji === "☕"));
	assert.ok(find("thumb UP").some(({ emoji }) => emoji === "👍"));
	assert.deepEqual(find("no such thing"), []);
	assert.ok(find("a").length <= 120);
});

test("every group has emoji, and every entry is one emoji", () => {
	assert.equal(byGroup.length, GROUPS.length);
	for (const { emoji, name } of byGroup.flat()) assert.equal(loneEmoji(emoji), 1, name);
	for (const emoji of USUAL) assert.notEqual(nameOf(emoji), emoji);
});
