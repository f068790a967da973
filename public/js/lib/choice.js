// A setting that the server needs to render a page, such as the theme: stored in a cookie.

const A_YEAR = 31_536_000;

/** @param {string} name @returns {string | null} */
export function choice(name) {
	const all = document.cookie.split("; ").map((one) => one.split("="));
	return all.find(([its]) => its === name)?.[1] ?? null;
}

/** @param {string} name @param {string | null} chosen null removes the choice */
export function choose(name, chosen) {
	const secure = location.protocol === "https:" ? "; Secure" : "";
	const age = chosen === null ? 0 : A_YEAR;
	// biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not available without HTTPS
	document.cookie = `${name}=${chosen ?? ""}; Path=/; Max-Age=${age}; SameSite=Lax${secure}`;
}
