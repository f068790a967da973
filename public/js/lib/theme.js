// Light, dark, or as the system has it. The choice is a cookie, so that the server sends the page in
// it and nothing flashes; no script has to run first.

/** @typedef {"system" | "light" | "dark"} Theme */

const A_YEAR = 31_536_000;

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
	const secure = location.protocol === "https:" ? "; Secure" : "";
	const age = system ? 0 : A_YEAR;
	// biome-ignore lint/suspicious/noDocumentCookie: the other interface is not there without HTTPS
	document.cookie = `theme=${chosen}; Path=/; Max-Age=${age}; SameSite=Lax${secure}`;
}
