// How many conversations ask for attention. Pure.
import { isMuted } from "../lib/muted.js";

/** @typedef {import("./conversation.js").Conversation} Conversation */

/**
 * Conversations that have something new, or were put aside to be read, and are not muted.
 * @param {Conversation[]} conversations
 */
export const countUnread = (conversations) =>
	conversations.filter(({ state, unread }) => {
		const { marked_unread: marked = false, muted_until: muted = null } = state.value ?? {};
		return !isMuted(muted) && (marked || unread.value > 0);
	}).length;
