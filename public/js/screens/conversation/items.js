// The items of the message list, in order: messages, then pending ones. Pure.
import { sameDay } from "../../lib/time.js";

/**
 * @typedef {import("../../state/types.js").Message} Message
 * @typedef {import("../../state/types.js").Entry} Entry
 * @typedef {{ key: string, at: string | number, user: string, message: Message | null, entry: Entry | null }} Item
 * @typedef {Item & { first: boolean, divided: boolean }} Shown `first`: of a group by the same
 *   person; `divided`: the first new message.
 */

/**
 * An own message keeps the key it had while pending, so that it keeps its element.
 * @param {Message} message
 * @param {string} me
 */
export function keyOf({ id, user, client_id }, me) {
	return user === me && client_id ? `c${client_id}` : `m${id}`;
}

/**
 * @param {Message[]} messages
 * @param {Entry[]} pending
 * @param {string} me
 * @returns {{ length: number, at: (index: number) => Item, indexOf: (key: string) => number }}
 */
export function itemsOf(messages, pending, me) {
	const length = messages.length + pending.length;
	/** @param {number} index */
	const key = (index) =>
		index < messages.length
			? keyOf(messages[index], me)
			: `c${pending[index - messages.length].client_id}`;
	return {
		length,
		at: (index) => {
			if (index < messages.length) {
				const message = messages[index];
				const { timestamp, user } = message;
				return { key: keyOf(message, me), at: timestamp, user, message, entry: null };
			}
			const entry = pending[index - messages.length];
			return { key: `c${entry.client_id}`, at: entry.at, user: me, message: null, entry };
		},
		indexOf: (wanted) => {
			for (let index = length - 1; index >= 0; index -= 1) if (key(index) === wanted) return index;
			return -1;
		},
	};
}

/**
 * A part of the items, grouped by day.
 * @param {ReturnType<typeof itemsOf>} items
 * @param {[from: number, to: number]} part
 * @param {number | null} divider the seq of the first new message
 * @returns {Shown[][]}
 */
export function byDay(items, [from, to], divider) {
	/** @type {Shown[][]} */
	const days = [];
	let before = from > 0 ? items.at(from - 1) : null;
	for (let index = from; index < to; index += 1) {
		const item = items.at(index);
		const old = before === null || (before.message !== null && before.message.seq < (divider ?? 0));
		const fresh = divider !== null && item.message !== null && item.message.seq >= divider;
		const divided = fresh && old;
		const together = before !== null && sameDay(before.at, item.at);
		const first = divided || !together || before?.user !== item.user;
		const day = days.at(-1);
		if (day && together) day.push({ ...item, first, divided });
		else days.push([{ ...item, first, divided }]);
		before = item;
	}
	return days;
}
