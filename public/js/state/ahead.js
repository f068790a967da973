// Answers may be newer than the cursor. Should the history after it be lost, as when a backup is restored, no change would
// tell of it; whoever knows more than the cursor says then begins anew.

/**
 * @param {import("./mirror.js").Mirror} mirror
 * @returns {boolean} whether something is known that is newer than the cursor
 */
export function isAhead({ cursor, me, conversations }) {
	if (!cursor) return false;
	const { revision } = cursor;
	return (
		me.peek().revision > revision || conversations.peek().some((one) => newest(one) > revision)
	);
}

/**
 * The newest change known of a conversation; of a message that is hidden from me one cannot know when that was.
 * @param {import("./conversation.js").Conversation} conversation
 */
function newest({ rank, state, last, window }) {
	const { items, first, last: end } = window;
	if (items.length < end - first + 1) return Number.POSITIVE_INFINITY;
	const messages = items.map((message) => message.revision);
	return Math.max(
		rank.peek(),
		state.peek()?.revision ?? 0,
		last.peek()?.revision ?? 0,
		...messages,
	);
}
