// A contiguous range of a conversation's messages. Pure: each function returns a new window or the same.

/**
 * @typedef {import("../../protocol/types.js").Message} Message
 * @typedef {{ first: number, last: number, items: Message[] }} Window every visible message with
 *   `first` ≤ seq ≤ `last`, ascending, without those the user hid. An empty one has `first` above `last`.
 */

/** @type {Window} */
export const NOTHING = { first: 1, last: 0, items: [] };

/** @param {Window} window */
export const isEmpty = (window) => window.first > window.last;

/** @param {Message} message @returns {Window} */
export const only = (message) => ({ first: message.seq, last: message.seq, items: [message] });

/**
 * Both joined, each message in its newer state; null when there is a gap between them.
 * @param {Window} a
 * @param {Window} b
 * @returns {Window | null}
 */
export function join(a, b) {
	if (isEmpty(b)) return a;
	if (isEmpty(a)) return b;
	if (b.first > a.last + 1 || a.first > b.last + 1) return null;
	const first = Math.min(a.first, b.first);
	const last = Math.max(a.last, b.last);
	if (b.first > a.last) return { first, last, items: [...a.items, ...b.items] };
	if (a.first > b.last) return { first, last, items: [...b.items, ...a.items] };
	/** @type {Map<number, Message>} */
	const bySeq = new Map(a.items.map((message) => [message.seq, message]));
	for (const message of b.items) {
		const known = bySeq.get(message.seq);
		if (!known || known.revision < message.revision) bySeq.set(message.seq, message);
	}
	const items = [...bySeq.values()].sort((one, other) => one.seq - other.seq);
	return { first, last, items };
}

/**
 * Updates a message that is in it.
 * @param {Window} window
 * @param {Message} message
 * @returns {Window}
 */
export function renewed(window, message) {
	const at = window.items.findLastIndex(({ id }) => id === message.id);
	if (at < 0 || window.items[at].revision >= message.revision) return window;
	return { ...window, items: window.items.with(at, message) };
}

/**
 * @param {Window} window
 * @param {number} id
 * @returns {Window}
 */
export function without(window, id) {
	if (!window.items.some((message) => message.id === id)) return window;
	return { ...window, items: window.items.filter((message) => message.id !== id) };
}

/**
 * Its newest part.
 * @param {Window} window
 * @param {number} count messages at most
 * @returns {Window}
 */
export function newest(window, count) {
	if (window.items.length <= count) return window;
	const items = window.items.slice(-count);
	return { first: items[0].seq, last: window.last, items };
}

/**
 * The number of messages from others after a seq, or null when not all of them are here.
 * @param {Window} window
 * @param {number} after
 * @param {number} lastSeq the conversation's last seq
 * @param {string} me
 * @returns {number | null}
 */
export function countAfter(window, after, lastSeq, me) {
	if (after >= lastSeq) return 0;
	if (window.first > after + 1 || window.last < lastSeq) return null;
	return window.items.filter(({ seq, user, deleted }) => seq > after && user !== me && !deleted)
		.length;
}
