// What is an emoji, and which were used last. The list of all of them is in `emoji_list.js`, which
// is loaded when somebody looks for one.
import { letters } from "./text.js";

const EMOJI = /^(?:\p{Extended_Pictographic}|\p{Regional_Indicator}{2}|[\d#*]\uFE0F?\u20E3)/u;
const BIG_AT_MOST = 3;
const LONGEST = 120;

/** The ones offered first, as answers to a message. */
export const USUAL = ["👍", "❤️", "😂", "😮", "😢", "🙏"];

/**
 * How many emoji a text consists of, if it is nothing but one to three of them; else 0.
 * @param {string} text
 */
export function loneEmoji(text) {
	const trimmed = text.trim();
	if (trimmed.length > LONGEST) return 0;
	const signs = [...letters(trimmed)].filter((sign) => sign.trim());
	if (signs.length > BIG_AT_MOST) return 0;
	return signs.every((sign) => EMOJI.test(sign)) ? signs.length : 0;
}

/**
 * @param {string[]} recent newest first
 * @param {string} emoji
 * @param {number} most
 */
export function withRecent(recent, emoji, most = 24) {
	return [emoji, ...recent.filter((known) => known !== emoji)].slice(0, most);
}
