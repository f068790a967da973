// Finds URLs in a text. Only http and https are ever links.

const OPENINGS = /https?:\/\//iy;
const ADDRESS = /https?:\/\/[^\s<>"'`]+/iy;
const TRAILING = ".,;:!?]}…*_~";

/**
 * Punctuation after a URL belongs to the sentence; a closing bracket belongs to the URL only when
 * the URL opened one. One pass, because a hostile URL may be long.
 * @param {string} address
 */
function withoutSentenceEnd(address) {
	let open = 0;
	for (const character of address) {
		if (character === "(") open += 1;
		if (character === ")") open -= 1;
	}
	let end = address.length;
	for (; end > 0; end -= 1) {
		const last = address[end - 1];
		if (last === ")" && open < 0) open += 1;
		else if (!TRAILING.includes(last)) break;
	}
	return address.slice(0, end);
}

/**
 * The URL that starts at this index, or null.
 * @param {string} text
 * @param {number} at
 * @returns {string | null}
 */
export function addressAt(text, at) {
	OPENINGS.lastIndex = at;
	if (!OPENINGS.test(text)) return null;
	ADDRESS.lastIndex = at;
	const found = ADDRESS.exec(text);
	const address = found ? withoutSentenceEnd(found[0]) : "";
	return URL.canParse(address) ? address : null;
}
