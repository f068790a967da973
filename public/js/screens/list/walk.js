// Arrow keys, Home, End and Page keys in a list of conversations.

/**
 * @param {KeyboardEvent} event
 * @param {number} at
 * @param {number} count
 * @returns {number | null} the row to go to
 */
export function goal(event, at, count) {
	if (event.altKey || event.ctrlKey || event.metaKey || count === 0) return null;
	/** @type {Record<string, number>} */
	const goals = {
		ArrowDown: at + 1,
		ArrowUp: at - 1,
		PageDown: at + 8,
		PageUp: at - 8,
		Home: 0,
		End: count - 1,
	};
	const wanted = goals[event.key];
	return wanted === undefined ? null : Math.min(Math.max(wanted, 0), count - 1);
}
