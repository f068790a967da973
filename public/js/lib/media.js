// Whether something holds of the screen, as a signal.
import { signal } from "../../vendor/signals-core.js";

/** @param {string} query as in a style */
export function media(query) {
	const list = matchMedia(query);
	const holds = signal(list.matches);
	list.addEventListener("change", () => {
		holds.value = list.matches;
	});
	return holds;
}
