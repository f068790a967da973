// A media query as a signal.
import { signal } from "../../vendor/signals-core.js";

/** @param {string} query as in CSS */
export function media(query) {
	const list = matchMedia(query);
	const holds = signal(list.matches);
	list.addEventListener("change", () => {
		holds.value = list.matches;
	});
	return holds;
}
