// Says how far I have come: delivered when it is kept, read when somebody looks at it. At most once a second for each
// conversation; what cannot be said now is said when the server can be reached again.
import { Refused, Unreachable } from "../../protocol/api.js";
import { readUpTo, unackedReadSeq, unreadOf } from "../model/conversation.js";
import { positionOf } from "../model/positions.js";

/** What is kept and what is read come one after the other, and are said together. */
const GATHER = 100;
const EVERY = 1_000;

/**
 * @typedef {import("../client/conversation.js").Conversation} Conversation
 * @typedef {{
 *   said: number,
 *   delivered: number,
 *   read: number,
 *   kept: number,
 *   timer: ReturnType<typeof setTimeout> | undefined,
 * }} Acked `said`: when; `delivered` and `read`: what was said and not yet confirmed; `kept`: up to where all is kept
 */

export class Acks {
	#api;
	#local;
	#send;
	#transport;
	#looking = false;
	#covered = false;
	/** @type {Conversation | null} */
	#open = null;
	/** The conversation was opened, which ends its being put aside. */
	#opened = false;
	/** @type {Map<number, Acked>} */
	#acked = new Map();

	/**
	 * @param {{
	 *   api: import("../../protocol/api.js").Api,
	 *   local: import("../client/local_state.js").LocalState,
	 *   send: (frame: Record<string, unknown>) => boolean,
	 *   transport: () => "ws" | "http" | "offline",
	 * }} parts
	 */
	constructor({ api, local, send, transport }) {
		this.#api = api;
		this.#local = local;
		this.#send = send;
		this.#transport = transport;
	}

	/** @param {Conversation | null} conversation */
	show(conversation) {
		this.#open = conversation;
		this.#opened = conversation !== null;
		this.changed();
	}

	/** @param {boolean} looking whether the page is visible and has the focus */
	look(looking) {
		this.#looking = looking;
		this.changed();
	}

	/** @param {boolean} covered whether something stands before the open conversation */
	cover(covered) {
		this.#covered = covered;
		this.changed();
	}

	/** The open conversation may have something that was not read. */
	changed() {
		const conversation = this.#open;
		const id = conversation?.id ?? null;
		const data = conversation?.data;
		if (!this.#looking || this.#covered || !data || id === null) return;
		if (this.#opened && data.state.marked_unread) {
			this.#try(this.#api.setConversation(id, { unread: false }));
		}
		this.#opened = false;
		const { last, items } = data.window;
		const { user } = this.#local.state;
		if (items.length === 0 || unreadOf(data, user) === 0 || last <= readUpTo(data, user)) return;
		this.#local.add({ type: "seen", conversation: id, seq: last });
		this.#due(id);
	}

	/** Everything up to these seqs is kept, by conversation. @param {Iterable<[id: number, seq: number]>} kept */
	kept(kept) {
		for (const [id, seq] of kept) {
			this.#of(id).kept = seq;
			if (this.#owed(id)) this.#due(id);
		}
	}

	/** There is a new beginning. */
	begun() {
		this.stop();
		this.#acked.clear();
	}

	/** One has caught up: what could not be said before is due. */
	caughtUp() {
		for (const acked of this.#acked.values()) {
			acked.delivered = 0;
			acked.read = 0;
		}
		this.changed();
		for (const id of this.#local.state.conversations.keys()) if (this.#owed(id)) this.#due(id);
	}

	stop() {
		for (const acked of this.#acked.values()) clearTimeout(acked.timer);
	}

	/** @param {number} id */
	#of(id) {
		let acked = this.#acked.get(id);
		if (!acked) {
			acked = { said: 0, delivered: 0, read: 0, kept: 0, timer: undefined };
			this.#acked.set(id, acked);
		}
		return acked;
	}

	/**
	 * What is to be said of a conversation. Of one without anything unread nothing is due as delivered: it was read
	 * elsewhere.
	 * @param {number} id
	 */
	#owed(id) {
		const data = this.#local.state.conversations.get(id);
		const acked = this.#acked.get(id);
		if (!data) return null;
		const me = this.#local.state.user;
		const known = positionOf(data.state.positions, me);
		const read = unackedReadSeq(data, me);
		const unread = unreadOf(data, me) > 0;
		const delivered = unread ? Math.max(acked?.kept ?? 0, read) : read;
		/** @type {{ delivered?: number, read?: number }} */
		const owed = {};
		if (read > Math.max(known.read, acked?.read ?? 0)) owed.read = read;
		const said = Math.max(known.delivered, acked?.delivered ?? 0, owed.read ?? acked?.read ?? 0);
		if (delivered > said) owed.delivered = delivered;
		return owed.read || owed.delivered ? owed : null;
	}

	/** @param {number} id */
	#due(id) {
		const acked = this.#of(id);
		const pause = Math.max(GATHER, acked.said + EVERY - Date.now());
		acked.timer ??= setTimeout(() => this.#say(id), pause);
	}

	/** @param {number} id */
	#say(id) {
		const acked = this.#of(id);
		clearTimeout(acked.timer);
		acked.timer = undefined;
		const owed = this.#owed(id);
		const transport = this.#transport();
		if (!owed || transport === "offline") return;
		acked.said = Date.now();
		acked.read = Math.max(acked.read, owed.read ?? 0);
		acked.delivered = Math.max(acked.delivered, owed.delivered ?? 0, acked.read);
		if (transport === "ws") this.#send({ type: "ack", conversation: id, ...owed });
		else this.#try(this.#api.setConversation(id, owed));
	}

	/** @param {Promise<unknown>} asked it matters little when this fails: there will be another occasion */
	async #try(asked) {
		try {
			await asked;
		} catch (error) {
			if (!(error instanceof Refused || error instanceof Unreachable)) throw error;
		}
	}
}
