// A part of the page that is loaded when it is first shown.
import { html, useEffect, useState } from "./html.js";

/**
 * @typedef {(properties: any) => unknown} Component
 * @typedef {(properties: any) => Promise<Component>} Load
 */

/**
 * @param {{
 *   load: Load,
 *   waiting: () => unknown,
 *   failed: (again: () => void) => unknown,
 *   properties: object,
 * }} properties `load` receives `properties` too, and must stay the same function.
 */
export function Lazy({ load, waiting, failed, properties }) {
	const [loaded, setLoaded] = useState(
		/** @type {{ Component?: Component, failed?: boolean }} */ ({}),
	);
	const [tries, setTries] = useState(0);

	useEffect(() => {
		let gone = false;
		setLoaded({});
		load(properties).then(
			(Component) => gone || setLoaded({ Component }),
			() => gone || setLoaded({ failed: true }),
		);
		return () => {
			gone = true;
		};
	}, [load, tries]);

	if (loaded.Component) return html`<${loaded.Component} ...${properties} />`;
	return loaded.failed ? failed(() => setTries(tries + 1)) : waiting();
}
