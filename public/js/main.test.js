// The shape of the client: who may import whom, and that the page asks for every module at once
// instead of discovering them one after the other.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

const folder = new URL("../", import.meta.url);
const layers = ["vendor", "js/lib", "js/protocol", "js/state", "js/components", "js/screens", "js"];

/** @param {URL} module */
async function imports(module) {
	const code = await readFile(module, "utf8");
	const found = code.matchAll(/^(?:import|export)\b[^;]*?\bfrom\s*"([^"]+)";/gms);
	return Array.from(found, ([, name]) => {
		assert.match(name, /^\.{1,2}\/.*\.js$/, `${module}: a browser cannot find "${name}"`);
		return new URL(name, module);
	});
}

/** @param {URL} module */
const nameOf = (module) => module.href.slice(folder.href.length);

/** @param {URL} module */
const layerOf = (module) => layers.indexOf(nameOf(module).split("/").slice(0, -1).join("/"));

async function graph() {
	/** @type {Map<string, URL[]>} */
	const known = new Map();
	const waiting = [new URL("js/main.js", folder)];
	for (let module = waiting.pop(); module; module = waiting.pop()) {
		if (known.has(module.href)) continue;
		const found = nameOf(module).startsWith("vendor/") ? [] : await imports(module);
		known.set(module.href, found);
		waiting.push(...found);
	}
	return known;
}

test("no layer knows a layer above it", async () => {
	for (const [href, found] of await graph()) {
		const module = new URL(href);
		for (const imported of found) {
			const allowed = layerOf(imported) >= 0 && layerOf(imported) <= layerOf(module);
			assert.ok(allowed, `${nameOf(module)} imports ${nameOf(imported)}`);
		}
	}
});

test("the page preloads exactly the modules it needs", async () => {
	const page = await readFile(new URL("../templates/chat.html", folder), "utf8");
	const links = page.matchAll(/rel="modulepreload" href="\{\{ asset \}\}\/([^"]+)"/g);
	const needed = [...(await graph()).keys()].map((href) => nameOf(new URL(href)));
	const entry = "js/main.js";
	const preloaded = Array.from(links, ([, name]) => name);
	assert.deepEqual(preloaded.sort(), needed.filter((name) => name !== entry).sort());
});
