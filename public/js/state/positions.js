// How far the members of a conversation have come. Pure; positions only move forward.

/** @typedef {import("../protocol/types.js").Position} Position */

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
 * How far each has come by either of two states.
 * @param {{ positions: Position[] }} one
 * @param {{ positions: Position[] }} other
 */
export const joined = (one, other) => other.positions.reduce(moved, one.positions);
