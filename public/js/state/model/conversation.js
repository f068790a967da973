// One conversation as plain data, and what can happen to it. Pure: each function gives new data or the old. An older
// state never replaces a newer one, in whatever order they come.
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
 * }>} ConversationData `last`: the newest message to be seen; `rank`: the newest message's id, which orders the list;
 *   `window`: the stretch of messages that is held; `ahead`: messages after a hole behind it, ascending; `following`:
 *   whether the stretch grows with new messages, which after a jump into the past it does not; `readHere`: up to where
 *   this page has read, which the server may not know yet; `newsFrom`: messages from this seq on are news; `uncertain`:
 *   something happened that may have changed how many messages are unread.
 */

/** Messages held of a conversation that nobody looks at: at most the first number, then cut to the second. */
const MOST_HELD = 200;
const HELD = 60;

/**
 * A conversation of which only its state is known.
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

/** Not all of its state was ever told. @param {ConversationData} data */
export const isGuessed = ({ state }) => state.revision === GUESS;

/** @param {ConversationData} data @param {string} me */
export const readUpTo = ({ state, readHere }, me) =>
	Math.max(positionOf(state.positions, me).read, readHere);

/** Up to where I have read and the server does not know it; 0 when it does. @param {ConversationData} data @param {string} me */
export const unackedReadSeq = ({ state, readHere }, me) =>
	readHere > positionOf(state.positions, me).read ? readHere : 0;

/** Unread messages as they can be counted here, or null. @param {ConversationData} data @param {string} me */
const counted = (data, me) => countAfter(data.window, readUpTo(data, me), data.state.last_seq, me);

/** @param {ConversationData} data @param {string} me */
export const unreadOf = (data, me) =>
	data.state.with === me ? 0 : (counted(data, me) ?? data.state.unread);

/** Whether the number of unread messages must be asked for: what changed it is not held here. @param {ConversationData} data @param {string} me */
export const unreadUncertain = (data, me) => data.uncertain && counted(data, me) === null;

/** Whether messages are missing between those shown and the newest. @param {ConversationData} data */
export const hasHole = ({ following, window, state }) => following && window.last < state.last_seq;

/** @param {ConversationData} data @param {ConversationState} told @returns {ConversationData} */
export function settle(data, told) {
	const { state } = data;
	if (told.revision < state.revision) return data;
	// Who has come further since the answer was given was told of a guess as well.
	const next = isGuessed(data) ? { ...told, positions: joined(told, state) } : told;
	const behind = next.last_seq < state.last_seq;
	const grown = { last_seq: state.last_seq, unread: state.unread };
	return { ...data, uncertain: behind, state: behind ? { ...next, ...grown } : next };
}

/**
 * What the list says of it.
 * @param {ConversationData} data
 * @param {import("../../protocol/types.js").Latest} latest
 * @param {Context} context
 */
export function settleLatest(data, { last_message: last, place, ...state }, context) {
	const settled = raise(settle(data, state), place);
	if (last) return take(settled, last, context);
	const end = settled.state.last_seq;
	// The newest message is hidden from me: its seq is known, and empty.
	if (!isEmpty(settled.window) || end === 0) return settled;
	return show(settled, { first: end, last: end, items: [] });
}

/**
 * Of more than a few missed messages only the newest come: what was held lies before a hole.
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
 * An answer that is older must not bring the former position back.
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
 * @typedef {{ me: string, open: boolean }} Context `open`: somebody looks at it
 */

/**
 * A message in its current state, new or known.
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
	if (open && seq !== window.last + 1) return wait(data, message);
	const shown = show(data, join(window, only(message)) ?? only(message));
	return !open && shown.window.items.length > MOST_HELD ? cut(shown, me) : shown;
}

/** It waits until what is missing before it has come. @param {ConversationData} data @param {Message} message @returns {ConversationData} */
function wait(data, message) {
	const known = data.ahead.find(({ seq }) => seq === message.seq);
	if (known && known.revision >= message.revision) return data;
	const others = data.ahead.filter(({ seq }) => seq !== message.seq);
	return { ...data, ahead: [...others, message].sort((one, other) => one.seq - other.seq) };
}

/** I have deleted a message for myself. @param {ConversationData} data @param {number} id @returns {ConversationData} */
export function hide(data, id) {
	const window = without(data.window, id);
	const ahead = data.ahead.filter((message) => message.id !== id);
	const hidden = { ...data, window, ahead, uncertain: true };
	if (data.last?.id !== id) return hidden;
	return { ...hidden, last: data.following ? (window.items.at(-1) ?? null) : null };
}

/**
 * A stretch that was fetched.
 * @param {ConversationData} data
 * @param {Window} page
 * @param {"extend" | "newest" | "jump"} how `extend`: it continues what there is, or says nothing; `newest`: it is the end;
 *   `jump`: it stands in the place of what there is
 */
export function addPage(data, page, how) {
	if (how === "newest") {
		const held = data.following ? data.window : NOTHING;
		return show({ ...data, following: true }, join(held, page) ?? page);
	}
	const window = how === "jump" ? page : join(data.window, page);
	if (!window) return data;
	const shown = show(data, window);
	// After a jump one may have come back to the newest message.
	const following =
		shown.window.last >= data.state.last_seq || (how === "extend" && data.following);
	return { ...shown, following };
}

/** Holds a stretch, with what had to wait for it. @param {ConversationData} data @param {Window} window @returns {ConversationData} */
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

/** Nobody looks any more: only the newest part is worth its memory. @param {ConversationData} data @param {string} me @returns {ConversationData} */
export function rest(data, me) {
	const alone = { ...data, ahead: [] };
	if (data.following) return cut(alone, me);
	return { ...alone, window: data.last ? only(data.last) : NOTHING, following: true };
}

/** @param {ConversationData} data @param {string} me */
function cut(data, me) {
	return { ...patch(data, { unread: unreadOf(data, me) }), window: newest(data.window, HELD) };
}
