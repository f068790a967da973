// What is stored of a conversation for the next visit: its state and the newest messages. Stored data may be of an earlier
// version of the program, or damaged: what cannot be read is skipped.
import { fresh, unackedReadSeq, unreadOf } from "../model/conversation.js";
import { isEmpty, NOTHING, newest, only } from "../model/window.js";

/**
 * @typedef {import("../model/conversation.js").ConversationData} ConversationData
 * @typedef {import("../../protocol/types.js").ConversationState} ConversationState
 * @typedef {{
 *   state: ConversationState,
 *   last: import("../types.js").Message | null,
 *   rank: number,
 *   read: number,
 *   newsFrom: number,
 *   window: import("../model/window.js").Window,
 * }} Kept `read`: the read seq that is not acknowledged yet; 0 if there is none
 * @typedef {{
 *   cursor: import("../../protocol/types.js").Cursor,
 *   me: import("../types.js").MeState,
 *   more: boolean,
 *   conversations: ConversationData[],
 * }} KeptState
 */

/** Messages stored per conversation. */
const COUNT = 30;

/**
 * @param {ConversationData} data
 * @param {string} me
 * @returns {Kept}
 */
export function keep(data, me) {
	const { last, rank, newsFrom, following } = data;
	const state = { ...data.state, unread: unreadOf(data, me) };
	const whole = following ? newest(data.window, COUNT) : NOTHING;
	const window = isEmpty(whole) && last ? only(last) : whole;
	return { state, last, rank, newsFrom, read: unackedReadSeq(data, me), window };
}

/**
 * @param {unknown} kept
 * @returns {ConversationData | null} null when it cannot be read
 */
export function readable(kept) {
	if (!isObject(kept) || !isConversation(kept.state)) return null;
	const { state, last, rank, read, newsFrom, window } = kept;
	if (typeof rank !== "number" || !(last === null || isMessage(last)) || !isWindow(window))
		return null;
	const data = fresh({ ...state, kind: "direct" });
	return {
		...data,
		last,
		rank,
		window,
		readHere: typeof read === "number" ? read : 0,
		newsFrom: typeof newsFrom === "number" ? newsFrom : data.newsFrom,
	};
}

/**
 * @param {unknown} kept the state without its conversations
 * @returns {kept is Omit<KeptState, "conversations"> & { writer?: string }}
 */
export const isHead = (kept) =>
	isObject(kept) &&
	isObject(kept.cursor) &&
	typeof kept.cursor.revision === "number" &&
	typeof kept.cursor.epoch === "string" &&
	isObject(kept.me) &&
	Array.isArray(kept.me.blocked);

/** @param {unknown} value @returns {value is Record<string, any>} */
export const isObject = (value) => typeof value === "object" && value !== null;

/** @param {unknown} value @returns {value is ConversationState} */
const isConversation = (value) =>
	isObject(value) &&
	Number.isSafeInteger(value.id) &&
	typeof value.with === "string" &&
	Array.isArray(value.positions) &&
	typeof value.last_seq === "number" &&
	typeof value.revision === "number";

/** @param {unknown} value @returns {value is import("../types.js").Message} */
const isMessage = (value) =>
	isObject(value) &&
	Number.isSafeInteger(value.id) &&
	Number.isSafeInteger(value.seq) &&
	typeof value.user === "string" &&
	typeof value.body === "string" &&
	Array.isArray(value.reactions) &&
	!Number.isNaN(Date.parse(value.timestamp));

/** @param {unknown} value @returns {value is import("../model/window.js").Window} */
const isWindow = (value) =>
	isObject(value) &&
	typeof value.first === "number" &&
	typeof value.last === "number" &&
	Array.isArray(value.items) &&
	value.items.every(isMessage);
