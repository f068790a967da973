// Light, dark, or the system's theme. The choice is a cookie, so that the server renders the page in
// it and nothing flashes before a script runs.
import { choose } from "./choice.js";

/** @typedef {"system" | "light" | "dark"} Theme */

/** The chosen theme. @returns {Theme} */
export function theme() {
	const { theme } = document.documentElement.dataset;
	return theme === "light" || theme === "dark" ? theme : "system";
}

/** Sets the theme of this page and of all later ones. @param {Theme} chosen */
export function setTheme(chosen) {
	const system = chosen === "system";
	const { dataset } = document.documentElement;
	if (system) delete dataset.theme;
	else dataset.theme = chosen;
	const scheme = document.querySelector('meta[name="color-scheme"]');
	scheme?.setAttribute("content", system ? "light dark" : chosen);
	for (const bar of document.querySelectorAll('meta[name="theme-color"]')) {
		const its = bar.getAttribute("data-for");
		const chosenOne = its === chosen ? "all" : "not all";
		bar.setAttribute("media", system ? `(prefers-color-scheme: ${its})` : chosenOne);
	}
	choose("theme", system ? null : chosen);
}
