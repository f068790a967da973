// Defaults for states that are not known yet.

/**
 * @typedef {import("../../protocol/types.js").MeState} MeState
 * @typedef {import("../../protocol/types.js").ConversationState} ConversationState
 * @typedef {import("../../protocol/types.js").Message} Message
 */

/**
 * The user's account, before it is known.
 * @param {string} user
 * @returns {MeState}
 */
export const nobodyYet = (user) => ({
	user,
	display_name: null,
	about: "",
	avatar: null,
	email: "",
	is_admin: false,
	hides_presence: false,
	hides_typing: false,
	hides_receipts: false,
	blocked: [],
	revision: 0,
});

/** The revision of a default state: any state from the server replaces it. */
export const GUESS = -1;

/**
 * The state of a conversation of which only one message is known.
 * @param {Message} message
 * @param {string} name the other person's
 * @param {string} me
 * @returns {ConversationState}
 */
export const guessed = ({ conversation, seq, user }, name, me) => ({
	id: conversation,
	kind: "direct",
	with: name,
	name: null,
	about: "",
	avatar: null,
	deleted: false,
	last_seq: seq,
	positions: [...new Set([me, name])].map((member) => ({ user: member, delivered: 0, read: 0 })),
	unread: user === me ? 0 : 1,
	marked_unread: false,
	pinned: false,
	archived: false,
	muted_until: null,
	blocked: false,
	revision: GUESS,
});
