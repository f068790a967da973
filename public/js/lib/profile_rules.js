// Length limits of the profile texts, with the server's own messages. Only the server decides which characters are
// allowed.

export const MOST = /** @type {const} */ ({ display_name: 64, about: 140 });

/** @typedef {keyof typeof MOST} Field */

/** The remaining characters are shown from this number on. */
const NEAR = 20;

/** The length as the server counts it. @param {string} text */
const length = (text) => [...text.trim().normalize("NFC")].length;

/**
 * How many characters are left, or null while there are many.
 * @param {Field} field
 * @param {string} text
 * @returns {number | null}
 */
export function left(field, text) {
	const rest = MOST[field] - length(text);
	return rest <= NEAR ? rest : null;
}

/**
 * What is wrong with a text, or an empty string.
 * @param {Field} field
 * @param {string} text
 */
export function problemWith(field, text) {
	return length(text) > MOST[field] ? `This has at most ${MOST[field]} characters.` : "";
}
