// Responses may be newer than the cursor. If the history after it is lost, as when a backup is restored, no change reports
// that; a page that knows more than the cursor says must resync.

/**
 * @typedef {import("./state.js").State} State
 */

/**
 * @param {State} state
 * @returns {boolean} whether anything known is newer than the cursor
 */
export function isAheadOfCursor({ cursor, me, conversations }) {
	if (!cursor) return false;
	const { revision } = cursor;
	return (
		me.revision > revision || [...conversations.values()].some((data) => newest(data) > revision)
	);
}

/**
 * The newest known revision of a conversation; unknown, so infinite, if a message in it is hidden from the user.
 * @param {import("./conversation.js").ConversationData} data
 */
function newest({ rank, state, last, window }) {
	const { items, first, last: end } = window;
	if (items.length < end - first + 1) return Number.POSITIVE_INFINITY;
	const messages = items.map((message) => message.revision);
	return Math.max(rank, state.revision, last?.revision ?? 0, ...messages);
}
