// What of a conversation is worth keeping for the next visit: its state and the newest of what was said.
import { isEmpty, NOTHING, newest, only } from "./window.js";

/**
 * @typedef {import("./conversation.js").Conversation} Conversation
 * @typedef {{
 *   name: string,
 *   state: import("../protocol/types.js").ConversationState,
 *   last: import("../protocol/types.js").Message | null,
 *   rank: number,
 *   read: number,
 *   window: import("./window.js").Window,
 * }} Kept `read`: up to where one has read and could not say it; 0 where nothing is to be said
 */

/** Messages kept of each conversation. */
const COUNT = 30;

/**
 * @param {Conversation} conversation
 * @returns {Kept | null} null where nobody has written anything
 */
export function keep(conversation) {
	const { name } = conversation;
	const known = conversation.state.peek();
	const last = conversation.last.peek();
	if (!known) return null;
	const state = { ...known, unread: conversation.unread.peek() };
	const whole = conversation.following.peek() ? newest(conversation.window, COUNT) : NOTHING;
	const window = isEmpty(whole) && last ? only(last) : whole;
	const rank = conversation.rank.peek();
	return { name, state, last, rank, read: conversation.owed, window };
}

/**
 * @param {Conversation} conversation
 * @param {Kept} kept
 */
export function restore(conversation, { state, last, rank, read, window }) {
	conversation.settle(state);
	conversation.last.value = last;
	conversation.raise(rank);
	conversation.readHere(read);
	conversation.show(window);
}
