// Splits a frame's events, in order, into groups of changes and events that are not part of the history. Unknown events of
// a later server version are skipped.

/**
 * @typedef {import("../../protocol/types.js").Event} Event
 * @typedef {import("../../protocol/types.js").Change} Change
 * @typedef {Exclude<Event, Change | { type: "pong" }>} Control
 */

const CONTROL = new Set(["hello", "synced", "resync", "presence", "typing"]);
const CHANGES = new Set([
	"message",
	"hidden",
	"position",
	"conversation",
	"limited",
	"profile",
	"me",
]);

/**
 * @param {readonly Event[]} events of one frame
 * @returns {(Change[] | Control)[]}
 */
export function inTurn(events) {
	/** @type {(Change[] | Control)[]} */
	const turns = [];
	for (const event of events) {
		const last = turns.at(-1);
		if (CONTROL.has(event.type)) turns.push(/** @type {Control} */ (event));
		else if (!CHANGES.has(event.type)) continue;
		else if (Array.isArray(last)) last.push(/** @type {Change} */ (event));
		else turns.push([/** @type {Change} */ (event)]);
	}
	return turns;
}
