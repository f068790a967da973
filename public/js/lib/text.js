// Text measurements and helpers, independent of the page.

export const MAX_BODY_BYTES = 65_536;

const encoder = new TextEncoder();
/** Some browsers cannot segment graphemes; there a grapheme of several code points counts as several. */
const segmenter = Intl.Segmenter
	? new Intl.Segmenter(undefined, { granularity: "grapheme" })
	: null;

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
