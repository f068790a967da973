// The language one has chosen, or none: then it is the browser's. The server writes pages in it, so another choice shows
// with the next page that comes from there.
import { choice, choose } from "./choice.js";

/** All there are, by what BCP 47 calls them. */
export const LANGUAGES = /** @type {const} */ (["en", "ar"]);

/** @returns {string | null} */
export function chosenLanguage() {
	const chosen = choice("lang");
	return LANGUAGES.find((language) => language === chosen) ?? null;
}

/** @param {string | null} language null is the browser's */
export function chooseLanguage(language) {
	choose("lang", language);
}

/** What those who speak a language call it. @param {string} language */
export function ownName(language) {
	return new Intl.DisplayNames([language], { type: "language" }).of(language) ?? language;
}
