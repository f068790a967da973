// The chosen language, or null for the browser's. The server renders pages in it, so a change shows with the next page
// it sends.
import { choice, choose } from "./choice.js";

/** All languages, as BCP 47 tags. */
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

/** A language's name in that language. @param {string} language */
export function ownName(language) {
	return new Intl.DisplayNames([language], { type: "language" }).of(language) ?? language;
}
