// The client's structure: which modules may import which.
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";

const folder = new URL("../", import.meta.url);
const layers = [
	"vendor",
	"js/lib",
	"js/protocol",
	"js/state",
	"js/components",
	"js/screens",
	"js/pages",
	"js",
];

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
const layerOf = (module) => {
	const [top, layer] = nameOf(module).split("/");
	const inside = layer.endsWith(".js") ? top : `${top}/${layer}`;
	return layers.indexOf(inside);
};

async function graph() {
	/** @type {Map<string, URL[]>} */
	const known = new Map();
	const pages = await readdir(new URL("js/pages/", folder));
	const waiting = ["js/main.js", ...pages.map((page) => `js/pages/${page}`)].map(
		(name) => new URL(name, folder),
	);
	for (let module = waiting.pop(); module; module = waiting.pop()) {
		if (known.has(module.href)) continue;
		const found = nameOf(module).startsWith("vendor/") ? [] : await imports(module);
		known.set(module.href, found);
		waiting.push(...found);
	}
	return known;
}

test("no modules import each other in a circle, which a release build could not bundle", async () => {
	const known = await graph();
	/** @type {Set<string>} */
	const done = new Set();
	/** @param {string} href @param {string[]} path */
	function walk(href, path) {
		assert.ok(!path.includes(href), [...path, href].join("\n"));
		if (done.has(href)) return;
		for (const { href: imported } of known.get(href) ?? []) walk(imported, [...path, href]);
		done.add(href);
	}
	for (const href of known.keys()) walk(href, []);
});

test("no layer imports from a layer above it", async () => {
	for (const [href, found] of await graph()) {
		const module = new URL(href);
		for (const imported of found) {
			const allowed = layerOf(imported) >= 0 && layerOf(imported) <= layerOf(module);
			assert.ok(allowed, `${nameOf(module)} imports ${nameOf(imported)}`);
		}
	}
});
