// Styles of what few people open: loaded with it, not with the page.

/** @type {Map<string, Promise<void>>} */
const asked = new Map();

/** Resolves when the file of this name in `public/styles/` holds. @param {string} name */
export function style(name) {
	const known = asked.get(name);
	if (known) return known;
	const link = document.createElement("link");
	link.rel = "stylesheet";
	link.href = new URL(`../../styles/${name}.css`, import.meta.url).href;
	const loaded = new Promise((/** @type {(value: void) => void} */ resolve, reject) => {
		link.onload = () => resolve();
		link.onerror = () => {
			asked.delete(name);
			link.remove();
			reject(new Error(`${name}.css did not come`));
		};
	});
	asked.set(name, loaded);
	document.head.append(link);
	return loaded;
}
