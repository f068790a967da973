// Localisation: phrases by key; plurals, numbers and dates by Intl. The server's templates use the
// same files.

/**
 * @typedef {Exclude<keyof typeof import("../../texts/en.json"), "server">} Key
 * @typedef {Record<string, string | Record<string, string>>} Texts the phrases by key; a phrase that
 *   depends on `count` has one form per plural category. `server` holds translations of the
 *   server's English messages; English has none.
 */

const PLACEHOLDER = /\{(\w+)\}/;
const RTL = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** @type {Texts} */
let phrases = {};
let locale = "en";
let fromRightToLeft = false;
let plurals = new Intl.PluralRules(locale);
let numbers = new Intl.NumberFormat(locale);
/** @type {Map<string, Intl.DateTimeFormat>} */
let dates = new Map();

/**
 * @param {string} language
 * @param {Texts} texts
 * @param {readonly string[]} preferred the reader's locales; one of this language is used, so that
 *   a reader in Ireland sees Irish date formats
 */
export function speak(language, texts, preferred = []) {
	phrases = texts;
	locale = preferred.find((tag) => tag.split("-")[0] === language && isLocale(tag)) ?? language;
	fromRightToLeft = language === "ar";
	plurals = new Intl.PluralRules(locale);
	numbers = new Intl.NumberFormat(locale);
	dates = new Map();
}

/** Some systems report invalid locales, such as `en-US@posix`. @param {string} tag */
function isLocale(tag) {
	try {
		return Intl.PluralRules.supportedLocalesOf(tag).length > 0;
	} catch {
		return false;
	}
}

/** How long to wait for the texts, in milliseconds. */
const TIMEOUT = 15_000;

/** Loads the texts of the page's language. */
export async function loadTexts() {
	const { lang } = document.documentElement;
	const response = await fetch(new URL(`../../texts/${lang}.json`, import.meta.url), {
		signal: AbortSignal.timeout(TIMEOUT),
	});
	if (!response.ok) throw new Error(`The texts did not come: ${response.status}.`);
	speak(lang, await response.json(), navigator.languages);
}

/**
 * Isolates a name, so that its text direction does not affect the words around it.
 * @param {string} text
 */
function isolated(text) {
	return fromRightToLeft || RTL.test(text) ? `\u2068${text}\u2069` : text;
}

/** @param {unknown} value */
function shown(value) {
	if (typeof value === "number") return number(value);
	return typeof value === "string" ? isolated(value) : value;
}

/**
 * @param {string} phrase
 * @param {Record<string, unknown>} values
 */
function filled(phrase, values) {
	return phrase
		.split(PLACEHOLDER)
		.map((piece, index) => (index % 2 === 0 ? piece : shown(values[piece])))
		.filter((piece) => piece !== "");
}

/**
 * The phrase with its placeholders filled, in pieces, so that a value may be an element.
 * @param {Key} key
 * @param {Record<string, unknown>} values by placeholder name; `count` selects the plural form
 */
export function pieces(key, values) {
	const found = phrases[key] ?? key;
	if (typeof found === "string") return filled(found, values);
	return filled(found[plurals.select(Number(values.count))] ?? found.other, values);
}

/**
 * The phrase with its placeholders filled.
 * @param {Key} key
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function t(key, values = {}) {
	return pieces(key, values).join("");
}

/**
 * Translates the server's English message into the reader's language.
 * @param {string} sentence
 */
export function translated(sentence) {
	const { server } = phrases;
	const known = typeof server === "object" ? server[sentence.replace(/\d+/g, "{n}")] : undefined;
	if (!known) return sentence;
	const found = (sentence.match(/\d+/g) ?? []).values();
	return known.replaceAll("{n}", () => found.next().value ?? "");
}

/** @param {string[]} names */
export function list(names) {
	return new Intl.ListFormat(locale, { type: "conjunction" }).format(names);
}

/** @param {number} value */
export function number(value) {
	return numbers.format(value);
}

/**
 * @param {number | Date} at
 * @param {Intl.DateTimeFormatOptions} options
 */
export function date(at, options) {
	const kind = JSON.stringify(options);
	const format = dates.get(kind) ?? new Intl.DateTimeFormat(locale, options);
	dates.set(kind, format);
	return format.format(at);
}
