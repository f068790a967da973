// Text measurements and helpers, independent of the page.

export const MAX_BODY_BYTES = 65_536;

const encoder = new TextEncoder();
/** Some browsers cannot segment graphemes; there a grapheme of several code points counts as several. */
const segmenter = Intl.Segmenter
	? new Intl.Segmenter(undefined, { granularity: "grapheme" })
	: null;
const LINK = /\bhttps?:\/\/[^\s<>"'`]+/giu;
const TRAILING = /[.,;:!?\]}…]+$/u;

/**
 * The graphemes of a text: characters as a reader counts them.
 * @param {string} text
 * @returns {Iterable<string>}
 */
export function* letters(text) {
	if (!segmenter) yield* text;
	else for (const { segment } of segmenter.segment(text)) yield segment;
}

/** @param {string} text */
export function byteLength(text) {
	return encoder.encode(text).length;
}

/**
 * The initial on a person's badge: the first grapheme.
 * @param {string} name
 */
export function initial(name) {
	for (const letter of letters(name)) return letter.toLocaleUpperCase();
	return "?";
}

/**
 * The start of a text that is too long to show; never half a character.
 * @param {string} text
 * @param {number} length
 */
export function beginning(text, length) {
	return text.slice(0, length).replace(/[\uD800-\uDBFF]$/, "");
}

/**
 * The same name has the same tint everywhere; there are `count` tints.
 * @param {string} name
 * @param {number} count
 */
export function tint(name, count) {
	let sum = 7;
	for (const character of name) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
	return sum % count;
}

/**
 * Punctuation after a URL belongs to the sentence; a closing bracket belongs to the URL only when
 * the URL opened one.
 * @param {string} address
 */
function withoutSentenceEnd(address) {
	let end = address.replace(TRAILING, "");
	while (end.endsWith(")") && end.split("(").length < end.split(")").length) {
		end = end.slice(0, -1).replace(TRAILING, "");
	}
	return end;
}

/**
 * Splits a text into pieces, of which some are links. Only http and https are ever links.
 * @param {string} text
 * @returns {{ text: string, href?: string }[]}
 */
export function withLinks(text) {
	/** @type {{ text: string, href?: string }[]} */
	const pieces = [];
	let from = 0;
	for (const match of text.matchAll(LINK)) {
		const address = withoutSentenceEnd(match[0]);
		if (!URL.canParse(address)) continue;
		if (match.index > from) pieces.push({ text: text.slice(from, match.index) });
		pieces.push({ text: address, href: address });
		from = match.index + address.length;
	}
	if (from < text.length) pieces.push({ text: text.slice(from) });
	return pieces;
}
