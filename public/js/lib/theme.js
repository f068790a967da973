// Light, dark, or as the system has it. The choice is a cookie, so that the server sends the page in
// it and nothing flashes; no script has to run first.
import { choose } from "./choice.js";

/** @typedef {"system" | "light" | "dark"} Theme */

/** The theme that is chosen now. @returns {Theme} */
export function theme() {
	const { theme } = document.documentElement.dataset;
	return theme === "light" || theme === "dark" ? theme : "system";
}

/** Shows this page in a theme, and all pages to come. @param {Theme} chosen */
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
