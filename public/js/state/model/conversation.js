// One conversation as plain data, and its changes. Pure: each function returns new data or the same. An older state never
// replaces a newer one, in whatever order they arrive.
import { GUESS } from "./defaults.js";
import { grown, joined, moved, positionOf } from "./positions.js";
import { countAfter, isEmpty, join, NOTHING, newest, only, renewed, without } from "./window.js";

/**
 * @typedef {import("../../protocol/types.js").Message} Message
 * @typedef {import("../../protocol/types.js").ConversationState} ConversationState
 * @typedef {import("./window.js").Window} Window
 *
 * @typedef {Readonly<{
 *   state: ConversationState,
 *   last: Message | null,
 *   rank: number,
 *   window: Window,
 *   ahead: readonly Message[],
 *   following: boolean,
 *   readHere: number,
 *   newsFrom: number,
 *   uncertain: boolean,
 * }>} ConversationData `last`: the newest visible message; `rank`: the newest message's id, which sorts the list;
 *   `window`: the loaded range of messages; `ahead`: messages after a gap behind it, ascending; `following`: whether the
 *   window grows with new messages, which it does not after a jump into the past; `readHere`: read on this page up to
 *   this seq, which the server may not know yet; `newsFrom`: messages from this seq on are news; `uncertain`: something
 *   happened that may have changed the unread count.
 */

/** Messages held of a conversation that is not open: at most the first number, then cut to the second. */
const MOST_HELD = 200;
const HELD = 60;

/**
 * A conversation without messages yet.
 * @param {ConversationState} state
 * @returns {ConversationData}
 */
export const fresh = (state) => ({
	state,
	last: null,
	rank: 0,
	window: NOTHING,
	ahead: [],
	following: true,
	readHere: 0,
	newsFrom: state.last_seq + 1,
	uncertain: false,
});

/** The server has not sent its state yet. @param {ConversationData} data */
export const isGuessed = ({ state }) => state.revision === GUESS;

/** @param {ConversationData} data @param {string} me */
export const readUpTo = ({ state, readHere }, me) =>
	Math.max(positionOf(state.positions, me).read, readHere);

/** The read seq that the server does not know yet; 0 if it does. @param {ConversationData} data @param {string} me */
export const unackedReadSeq = ({ state, readHere }, me) =>
	readHere > positionOf(state.positions, me).read ? readHere : 0;

/** The unread count if it can be computed here, or null. @param {ConversationData} data @param {string} me */
const counted = (data, me) => countAfter(data.window, readUpTo(data, me), data.state.last_seq, me);

/** @param {ConversationData} data @param {string} me */
export const unreadOf = (data, me) =>
	data.state.with === me ? 0 : (counted(data, me) ?? data.state.unread);

/** Whether the unread count must be requested, because it cannot be computed here. @param {ConversationData} data @param {string} me */
export const unreadUncertain = (data, me) => data.uncertain && counted(data, me) === null;

/** Whether messages are missing between the window and the newest. @param {ConversationData} data */
export const hasGap = ({ following, window, state }) => following && window.last < state.last_seq;

/** @param {ConversationData} data @param {ConversationState} received @returns {ConversationData} */
export function mergeState(data, received) {
	const { state } = data;
	if (received.revision < state.revision) return data;
	// Positions that moved after the response was made were applied to the default state as well.
	const next = isGuessed(data) ? { ...received, positions: joined(received, state) } : received;
	const behind = next.last_seq < state.last_seq;
	const grown = { last_seq: state.last_seq, unread: state.unread };
	return { ...data, uncertain: behind, state: behind ? { ...next, ...grown } : next };
}

/**
 * Merges its entry in a page of the list.
 * @param {ConversationData} data
 * @param {import("../../protocol/types.js").Latest} latest
 * @param {Context} context
 */
export function mergeLatest(data, { last_message: last, place, ...state }, context) {
	const merged = raise(mergeState(data, state), place);
	if (last) return take(merged, last, context);
	const end = merged.state.last_seq;
	// The newest message is hidden from the user: its seq is known, and empty.
	if (!isEmpty(merged.window) || end === 0) return merged;
	return show(merged, { first: end, last: end, items: [] });
}

/**
 * When many messages were missed, only the newest arrive: what was held lies before a gap.
 * @param {ConversationData} data
 * @param {ConversationState} state
 * @param {number} first the seq of the first message that follows
 * @returns {ConversationData}
 */
export function limit(data, state, first) {
	const window = { first, last: first - 1, items: [] };
	const last = data.last && data.last.seq >= first ? data.last : null;
	return { ...data, state, last, window, ahead: [], following: true, uncertain: false };
}

/** @param {ConversationData} data @param {Partial<ConversationState>} changes @returns {ConversationData} */
export const patch = (data, changes) => ({ ...data, state: { ...data.state, ...changes } });

/**
 * An older response must not restore the previous position.
 * @param {ConversationData} data
 * @param {import("../../protocol/types.js").Position} position
 * @param {number} revision
 * @param {string} me
 */
export function move(data, position, revision, me) {
	const { state } = data;
	const wasRead = position.user === me && position.read > positionOf(state.positions, me).read;
	return patch(
		{ ...data, uncertain: data.uncertain || wasRead },
		{
			positions: moved(state.positions, position),
			marked_unread: state.marked_unread && !wasRead,
			revision: isGuessed(data) ? GUESS : Math.max(state.revision, revision),
		},
	);
}

/** @param {ConversationData} data @param {number} seq @returns {ConversationData} */
export const readTo = (data, seq) => (seq > data.readHere ? { ...data, readHere: seq } : data);

/** @param {ConversationData} data @param {number} id @returns {ConversationData} */
const raise = (data, id) => (id > data.rank ? { ...data, rank: id } : data);

/**
 * @typedef {{ me: string, open: boolean }} Context `open`: whether it is open on this page
 */

/**
 * Adds or updates a message.
 * @param {ConversationData} data
 * @param {Message} message
 * @param {Context} context
 * @returns {ConversationData}
 */
export function take(data, message, { me, open }) {
	const { seq, user, deleted } = message;
	const isNew = seq > data.state.last_seq;
	const uncountable = !isNew && user !== me && deleted && seq > readUpTo(data, me);
	const state = isNew ? grown(data.state, message, me) : data.state;
	const known = { ...data, state, uncertain: data.uncertain || uncountable };
	return hold(renewLast(raise(known, message.id), message), message, me, open);
}

/** @param {ConversationData} data @param {Message} message @returns {ConversationData} */
function renewLast(data, message) {
	const { last, state } = data;
	const isNewer = message.id === last?.id && message.revision > last.revision;
	const isNext = message.seq >= (last ? last.seq + 1 : state.last_seq);
	return isNext || isNewer ? { ...data, last: message } : data;
}

/**
 * @param {ConversationData} data
 * @param {Message} message
 * @param {string} me
 * @param {boolean} open
 * @returns {ConversationData}
 */
function hold(data, message, me, open) {
	const { window } = data;
	const { seq } = message;
	if (seq <= window.last) {
		return seq < window.first ? data : { ...data, window: renewed(window, message) };
	}
	if (!data.following) return data;
	if (open && seq !== window.last + 1) return holdBack(data, message);
	const shown = show(data, join(window, only(message)) ?? only(message));
	return !open && shown.window.items.length > MOST_HELD ? cut(shown, me) : shown;
}

/** Holds it back until the missing messages before it arrive. @param {ConversationData} data @param {Message} message @returns {ConversationData} */
function holdBack(data, message) {
	const known = data.ahead.find(({ seq }) => seq === message.seq);
	if (known && known.revision >= message.revision) return data;
	const others = data.ahead.filter(({ seq }) => seq !== message.seq);
	return { ...data, ahead: [...others, message].sort((one, other) => one.seq - other.seq) };
}

/** The user has deleted a message for themselves. @param {ConversationData} data @param {number} id @returns {ConversationData} */
export function hide(data, id) {
	const window = without(data.window, id);
	const ahead = data.ahead.filter((message) => message.id !== id);
	const hidden = { ...data, window, ahead, uncertain: true };
	if (data.last?.id !== id) return hidden;
	return { ...hidden, last: data.following ? (window.items.at(-1) ?? null) : null };
}

/**
 * Adds a fetched page.
 * @param {ConversationData} data
 * @param {Window} page
 * @param {"extend" | "newest" | "jump"} how `extend`: it continues the window, or is ignored; `newest`: it is the end; `jump`:
 *   it replaces the window
 */
export function addPage(data, page, how) {
	if (how === "newest") {
		const held = data.following ? data.window : NOTHING;
		return show({ ...data, following: true }, join(held, page) ?? page);
	}
	const window = how === "jump" ? page : join(data.window, page);
	if (!window) return data;
	const shown = show(data, window);
	// After a jump the window may have reached the newest message again.
	const following =
		shown.window.last >= data.state.last_seq || (how === "extend" && data.following);
	return { ...shown, following };
}

/** Sets the window, and appends the messages that waited for it. @param {ConversationData} data @param {Window} window @returns {ConversationData} */
function show(data, window) {
	let held = window;
	for (const message of data.ahead) {
		if (message.seq === held.last + 1) held = join(held, only(message)) ?? held;
	}
	const ahead = data.ahead.filter(({ seq }) => seq > held.last);
	const shown = held.items.at(-1);
	const atEnd = shown && held.last >= data.state.last_seq;
	return { ...data, window: held, ahead, last: atEnd ? shown : data.last };
}

/** No longer open: only the newest part is worth its memory. @param {ConversationData} data @param {string} me @returns {ConversationData} */
export function rest(data, me) {
	const alone = { ...data, ahead: [] };
	if (data.following) return cut(alone, me);
	return { ...alone, window: data.last ? only(data.last) : NOTHING, following: true };
}

/** @param {ConversationData} data @param {string} me */
function cut(data, me) {
	return { ...patch(data, { unread: unreadOf(data, me) }), window: newest(data.window, HELD) };
}
