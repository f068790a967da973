// A choice that the server must know before it writes a page, such as the theme: kept in a cookie.

const A_YEAR = 31_536_000;

/** @param {string} name @returns {string | null} */
export function choice(name) {
	const all = document.cookie.split("; ").map((one) => one.split("="));
	return all.find(([its]) => its === name)?.[1] ?? null;
}

/** @param {string} name @param {string | null} chosen null takes the choice back */
export function choose(name, chosen) {
	const secure = location.protocol === "https:" ? "; Secure" : "";
	const age = chosen === null ? 0 : A_YEAR;
	// biome-ignore lint/suspicious/noDocumentCookie: the other interface is not there without HTTPS
	document.cookie = `${name}=${chosen ?? ""}; Path=/; Max-Age=${age}; SameSite=Lax${secure}`;
}
