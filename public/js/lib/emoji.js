// Detects emoji and keeps the recently used ones. The full list is in `emoji_list.js`, which is
// loaded on demand.
import { letters } from "./text.js";

const EMOJI = /^(?:\p{Extended_Pictographic}|\p{Regional_Indicator}{2}|[\d#*]\uFE0F?\u20E3)/u;
const BIG_AT_MOST = 3;
const LONGEST = 120;

/** The reactions offered first. */
export const USUAL = ["👍", "❤️", "😂", "😮", "😢", "🙏"];

/**
 * How many emoji a text consists of, if it is only one to three of them; else 0.
 * @param {string} text
 */
export function loneEmoji(text) {
	const trimmed = text.trim();
	if (trimmed.length > LONGEST) return 0;
	const graphemes = [...letters(trimmed)].filter((grapheme) => grapheme.trim());
	if (graphemes.length > BIG_AT_MOST) return 0;
	return graphemes.every((grapheme) => EMOJI.test(grapheme)) ? graphemes.length : 0;
}

/**
 * @param {string[]} recent newest first
 * @param {string} emoji
 * @param {number} most
 */
export function withRecent(recent, emoji, most = 24) {
	return [emoji, ...recent.filter((known) => known !== emoji)].slice(0, most);
}
