// The read and delivered positions of a conversation's members. Pure; positions only move forward.

/** @typedef {import("../../protocol/types.js").Position} Position */

/**
 * @param {Position[] | undefined} positions
 * @param {string} user
 * @returns {Position}
 */
export function positionOf(positions, user) {
	return positions?.find((position) => position.user === user) ?? { user, delivered: 0, read: 0 };
}

/**
 * @param {Position[]} positions
 * @param {Position} to
 * @returns {Position[]}
 */
export function moved(positions, { user, delivered, read }) {
	return positions.map((known) =>
		known.user === user
			? {
					user,
					delivered: Math.max(known.delivered, delivered),
					read: Math.max(known.read, read),
				}
			: known,
	);
}

/**
 * The further position of each member in two states.
 * @param {{ positions: Position[] }} one
 * @param {{ positions: Position[] }} other
 */
export const joined = (one, other) => other.positions.reduce(moved, one.positions);

/**
 * A conversation's state with one more message.
 * @param {import("../../protocol/types.js").ConversationState} state
 * @param {import("../../protocol/types.js").Message} message
 * @param {string} me
 */
export function grown(state, { seq, user, deleted }, me) {
	const counts = user !== me && !deleted;
	return { ...state, last_seq: seq, unread: state.unread + (counts ? 1 : 0) };
}
