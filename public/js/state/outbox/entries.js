// Pending messages, as data. Pure.
import { isObject } from "../persistence/snapshot.js";

/** @typedef {import("../types.js").Entry} Entry */

/** @param {Entry} one @param {Entry} other */
export const inOrder = (one, other) => one.at - other.at;

/**
 * The lane of an entry: messages in one lane arrive in order. One lane per conversation, named by the person if known.
 * @param {Pick<Entry, "conversation" | "recipient">} entry
 */
export const laneOf = ({ conversation, recipient }) => recipient ?? conversation ?? "";

/**
 * Whether it belongs to this conversation.
 * @param {Entry} entry
 * @param {{ id: number | null, name: string }} conversation
 */
export const goesTo = (entry, { id, name }) =>
	entry.recipient === null ? entry.conversation === id : entry.recipient === name;

/**
 * The request that sends it. It names the person even if there is a conversation with them: after the server's data was
 * restored from a backup, a stored id may belong to another conversation.
 * @param {Entry} entry
 * @returns {import("../../protocol/types.js").Outgoing}
 */
export function outgoing({ conversation, recipient, body, client_id, reply_to, forward }) {
	return {
		...(recipient === null ? { conversation: conversation ?? 0 } : { recipient }),
		...(forward === null ? { body } : { forward }),
		client_id,
		...(reply_to && { reply_to: reply_to.id }),
	};
}

/**
 * Reads a stored entry, maybe of an earlier version of the program.
 * @param {unknown} kept
 * @returns {Entry | null} null when it cannot be read
 */
export function readable(kept) {
	if (!isObject(kept)) return null;
	const {
		client_id,
		recipient = null,
		conversation = null,
		body,
		at,
		state,
		reply_to,
		forward,
	} = kept;
	if (typeof client_id !== "string" || typeof body !== "string") return null;
	const named = typeof recipient === "string" && recipient !== "";
	if (!named && !Number.isSafeInteger(conversation)) return null;
	const quoted = isObject(reply_to) && Number.isSafeInteger(reply_to.id);
	return {
		client_id,
		conversation: Number.isSafeInteger(conversation) ? conversation : null,
		recipient: named ? recipient : null,
		body,
		reply_to: quoted
			? { id: reply_to.id, user: String(reply_to.user), body: String(reply_to.body) }
			: null,
		forward: Number.isSafeInteger(forward) ? forward : null,
		at: Number.isFinite(at) ? at : 0,
		state: state === "failed" ? "failed" : "waiting",
		problem: typeof kept.problem === "string" ? kept.problem : "",
		code: typeof kept.code === "string" ? kept.code : "",
	};
}
