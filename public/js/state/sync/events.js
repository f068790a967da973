// What the socket tells, in turn: changes that belong together, and what is not part of the history. What a later version of
// the server may tell as well is passed over.

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
