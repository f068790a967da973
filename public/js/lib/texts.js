// What the page says, in its reader's language: phrases by key, plurals, numbers and dates by Intl.
// The same files serve the pages the server renders.

/**
 * @typedef {Exclude<keyof typeof import("../../texts/en.json"), "server">} Key
 * @typedef {Record<string, string | Record<string, string>>} Texts the phrases by key; a phrase that
 *   depends on `count` has one form per plural category. `server` holds what the server says, by
 *   its English words; English itself has no need of it.
 */

const GAP = /\{(\w+)\}/;
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
 * @param {readonly string[]} preferred the reader's own locales; one of this language is used, so
 *   that someone in Ireland gets the dates of Ireland
 */
export function speak(language, texts, preferred = []) {
	phrases = texts;
	locale = preferred.find((tag) => tag.split("-")[0] === language && isLocale(tag)) ?? language;
	fromRightToLeft = language === "ar";
	plurals = new Intl.PluralRules(locale);
	numbers = new Intl.NumberFormat(locale);
	dates = new Map();
}

/** Some systems name locales that are none, such as `en-US@posix`. @param {string} tag */
function isLocale(tag) {
	try {
		return Intl.PluralRules.supportedLocalesOf(tag).length > 0;
	} catch {
		return false;
	}
}

/** How long the texts are waited for, in milliseconds. */
const PATIENCE = 15_000;

/** Takes the page's language and gets its texts. */
export async function loadTexts() {
	const { lang } = document.documentElement;
	const response = await fetch(new URL(`../../texts/${lang}.json`, import.meta.url), {
		signal: AbortSignal.timeout(PATIENCE),
	});
	if (!response.ok) throw new Error(`The texts did not come: ${response.status}.`);
	speak(lang, await response.json(), navigator.languages);
}

/**
 * A name in letters of the other direction must not carry the words around it along.
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
		.split(GAP)
		.map((piece, index) => (index % 2 === 0 ? piece : shown(values[piece])))
		.filter((piece) => piece !== "");
}

/**
 * The phrase with its gaps filled, in pieces, so that a value may be an element.
 * @param {Key} key
 * @param {Record<string, unknown>} values by the names of the gaps; `count` chooses the plural form
 */
export function pieces(key, values) {
	const found = phrases[key] ?? key;
	if (typeof found === "string") return filled(found, values);
	return filled(found[plurals.select(Number(values.count))] ?? found.other, values);
}

/**
 * The phrase with its gaps filled.
 * @param {Key} key
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function t(key, values = {}) {
	return pieces(key, values).join("");
}

/**
 * What the server said in English, in the reader's language.
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
