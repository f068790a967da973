// How long what one says of oneself may be, said in the server's own words. Which characters it may have only the server
// decides.

export const MOST = /** @type {const} */ ({ display_name: 64, about: 140 });

/** @typedef {keyof typeof MOST} Field */

/** From how many characters before the end on one is told how many are left. */
const NEAR = 20;

/** As the server counts. @param {string} text */
const length = (text) => [...text.trim().normalize("NFC")].length;

/**
 * How many characters are left, once that matters.
 * @param {Field} field
 * @param {string} text
 * @returns {number | null}
 */
export function left(field, text) {
	const rest = MOST[field] - length(text);
	return rest <= NEAR ? rest : null;
}

/**
 * What is wrong with a text, or nothing.
 * @param {Field} field
 * @param {string} text
 */
export function problemWith(field, text) {
	return length(text) > MOST[field] ? `This has at most ${MOST[field]} characters.` : "";
}
