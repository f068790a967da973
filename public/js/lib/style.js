// Loads stylesheets of rarely used parts on demand.

/** @type {Map<string, Promise<void>>} */
const requested = new Map();

/** Resolves when the file of this name in `public/styles/` is loaded. @param {string} name */
export function style(name) {
	const known = requested.get(name);
	if (known) return known;
	const link = document.createElement("link");
	link.rel = "stylesheet";
	link.href = new URL(`../../styles/${name}.css`, import.meta.url).href;
	const loaded = new Promise((/** @type {(value: void) => void} */ resolve, reject) => {
		link.onload = () => resolve();
		link.onerror = () => {
			requested.delete(name);
			link.remove();
			reject(new Error(`${name}.css did not come`));
		};
	});
	requested.set(name, loaded);
	document.head.append(link);
	return loaded;
}
