import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { test } from "node:test";
import { LANGUAGES, ownName } from "./language.js";

test("every language that has texts can be chosen, under its own name", async () => {
	const files = await readdir(new URL("../../texts/", import.meta.url));
	const spoken = files.map((name) => name.replace(".json", ""));
	assert.deepEqual(spoken.sort(), [...LANGUAGES].sort());
	assert.equal(ownName("en"), "English");
	assert.equal(ownName("ar"), "العربية");
});
