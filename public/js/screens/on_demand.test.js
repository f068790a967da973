import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

test("every dynamic import prefetches the file it imports", async () => {
	const code = await readFile(new URL("on_demand.js", import.meta.url), "utf8");
	const pairs = [...code.matchAll(/file\(\s*"([^"]+)",\s*\(\) => import\("([^"]+)"\)/g)];
	assert.ok(pairs.length > 0);
	for (const [, fetched, imported] of pairs) assert.equal(fetched, imported);
	assert.equal(pairs.length, code.split("import(").length - 1);
});
