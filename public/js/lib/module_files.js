// Fetches what a module needs before it is imported. Should a module's file not come, a browser holds that against it for as
// long as the page lives (HTML, "fetch a single module script"), and no later import would ask for it again.

const IMPORT = /\bfrom\s*"(\.[^"]+)"/g;

/** Addresses of modules that need not be fetched any more. @type {Set<string>} */
const here = new Set();

/** The page names what it began with. */
function lookAround() {
	for (const link of document.querySelectorAll("link[rel=modulepreload]")) {
		here.add(/** @type {HTMLLinkElement} */ (link).href);
	}
	for (const script of document.scripts) here.add(script.src);
}

/** @param {string} address @returns {Promise<string[]>} what it imports */
async function imports(address) {
	const answer = await fetch(address);
	if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
	const code = await answer.text();
	return Array.from(code.matchAll(IMPORT), ([, path]) => new URL(path, address).href);
}

/**
 * Resolves when a module and all it imports lie in the browser's cache; rejects when something did not come, and can then
 * be tried again.
 * @param {URL} module
 */
export async function bring(module) {
	if (here.size === 0) lookAround();
	/** @type {Set<string>} */
	const found = new Set();
	for (let next = [module.href]; next.length > 0; ) {
		const missing = new Set(next.filter((address) => !here.has(address) && !found.has(address)));
		for (const address of missing) found.add(address);
		next = (await Promise.all(Array.from(missing, imports))).flat();
	}
	for (const address of found) here.add(address);
}
