// Answers may be newer than the cursor. Should the history after it be lost, as when a backup is restored, no change would
// tell of it; a page that knows more than the cursor says then begins again.

/**
 * @typedef {import("./state.js").State} State
 */

/**
 * @param {State} state
 * @returns {boolean} whether something is known that is newer than the cursor
 */
export function isAheadOfCursor({ cursor, me, conversations }) {
	if (!cursor) return false;
	const { revision } = cursor;
	return (
		me.revision > revision || [...conversations.values()].some((data) => newest(data) > revision)
	);
}

/**
 * The newest change known of a conversation; of a message that is hidden from me one cannot know when that was.
 * @param {import("./conversation.js").ConversationData} data
 */
function newest({ rank, state, last, window }) {
	const { items, first, last: end } = window;
	if (items.length < end - first + 1) return Number.POSITIVE_INFINITY;
	const messages = items.map((message) => message.revision);
	return Math.max(rank, state.revision, last?.revision ?? 0, ...messages);
}
