// Prefetches a module's files before it is imported. When a module's file fails to load, the browser remembers that for
// the page's lifetime (HTML, "fetch a single module script"), and no later import requests it again.

const IMPORT = /\bfrom\s*"(\.[^"]+)"/g;

/** URLs of modules that are already in the cache. @type {Set<string>} */
const cached = new Set();

/** Adds the modules that the page itself loads. */
function addLoaded() {
	for (const link of document.querySelectorAll("link[rel=modulepreload]")) {
		cached.add(/** @type {HTMLLinkElement} */ (link).href);
	}
	for (const script of document.scripts) cached.add(script.src);
}

/** @param {string} address @returns {Promise<string[]>} URLs of its imports */
async function imports(address) {
	const answer = await fetch(address);
	if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
	const code = await answer.text();
	return Array.from(code.matchAll(IMPORT), ([, path]) => new URL(path, address).href);
}

/**
 * Resolves when a module and all its imports are in the browser's cache; rejects when one failed to load, and can then
 * be retried.
 * @param {URL} module
 */
export async function bring(module) {
	if (cached.size === 0) addLoaded();
	/** @type {Set<string>} */
	const found = new Set();
	for (let next = [module.href]; next.length > 0; ) {
		const missing = new Set(next.filter((address) => !cached.has(address) && !found.has(address)));
		for (const address of missing) found.add(address);
		next = (await Promise.all(Array.from(missing, imports))).flat();
	}
	for (const address of found) cached.add(address);
}
