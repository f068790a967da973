// All emoji with their names, by group, and the search in them. Large, so it is imported only when
// it is needed.
import groups from "../../vendor/emoji.js";

/** @typedef {{ emoji: string, name: string, words: string }} Emoji */

export const GROUPS = /** @type {const} */ ([
	"smileys",
	"people",
	"nature",
	"food",
	"travel",
	"activities",
	"objects",
	"symbols",
	"flags",
]);

/** @type {Emoji[][]} in the order of `GROUPS` */
export const byGroup = groups.map((lines) =>
	lines.split("\n").map((line) => {
		const [emoji, name, words] = line.split("\t");
		return { emoji, name, words: `${name} ${words}`.toLowerCase() };
	}),
);

const all = byGroup.flat();
const names = new Map(all.map(({ emoji, name }) => [emoji, name]));

/** @param {string} emoji */
export function nameOf(emoji) {
	return names.get(emoji) ?? emoji;
}

/**
 * Emoji for which every query word is a prefix of a keyword; matches in the name come first.
 * @param {string} query
 * @param {number} most
 * @returns {Emoji[]}
 */
export function find(query, most = 120) {
	const wanted = query.toLowerCase().split(/\s+/u).filter(Boolean);
	const begins = (/** @type {string} */ text, /** @type {string} */ word) =>
		text.startsWith(word) || text.includes(` ${word}`);
	const found = all.filter(
		({ emoji, words }) => query.includes(emoji) || wanted.every((word) => begins(words, word)),
	);
	const named = (/** @type {Emoji} */ { name }) =>
		wanted.every((word) => begins(name.toLowerCase(), word)) ? 0 : 1;
	return found.sort((a, b) => named(a) - named(b)).slice(0, most);
}
