// Sends acknowledgements: delivered when a message is stored, read when the user looks at it. At most once a second per
// conversation; what cannot be sent now is sent when the server can be reached again.
import { Refused, Unreachable } from "../../protocol/api.js";
import { readUpTo, unackedReadSeq, unreadOf } from "../model/conversation.js";
import { positionOf } from "../model/positions.js";

/** Delivered and read follow each other shortly, and are sent together. */
const FLUSH_DELAY = 100;
const MIN_INTERVAL = 1_000;

/**
 * @typedef {import("../client/conversation.js").Conversation} Conversation
 * @typedef {{
 *   sentAt: number,
 *   delivered: number,
 *   read: number,
 *   kept: number,
 *   timer: ReturnType<typeof setTimeout> | undefined,
 * }} Acked `sentAt`: time of the last send; `delivered`, `read`: sent, not yet confirmed; `kept`: stored up to this seq
 */

export class Acks {
	#api;
	#local;
	#send;
	#transport;
	#active = false;
	#covered = false;
	/** @type {Conversation | null} */
	#open = null;
	/** The conversation was just opened, which clears its unread mark. */
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

	/** @param {boolean} active whether the page is visible and has the focus */
	setActive(active) {
		this.#active = active;
		this.changed();
	}

	/** @param {boolean} covered whether something covers the open conversation */
	cover(covered) {
		this.#covered = covered;
		this.changed();
	}

	/** The open conversation may have unread messages. */
	changed() {
		const conversation = this.#open;
		const id = conversation?.id ?? null;
		const data = conversation?.data;
		if (!this.#active || this.#covered || !data || id === null) return;
		if (this.#opened && data.state.marked_unread) {
			this.#try(this.#api.setConversation(id, { unread: false }));
		}
		this.#opened = false;
		const { last, items } = data.window;
		const { user } = this.#local.state;
		if (items.length === 0 || unreadOf(data, user) === 0 || last <= readUpTo(data, user)) return;
		this.#local.add({ type: "seen", conversation: id, seq: last });
		this.#schedule(id);
	}

	/** Everything up to these seqs is stored, by conversation. @param {Iterable<[id: number, seq: number]>} kept */
	kept(kept) {
		for (const [id, seq] of kept) {
			this.#ackedOf(id).kept = seq;
			if (this.#unacked(id)) this.#schedule(id);
		}
	}

	/** A resync replaced the state. */
	begun() {
		this.stop();
		this.#acked.clear();
	}

	/** The page has caught up: sends what could not be sent before. */
	caughtUp() {
		for (const acked of this.#acked.values()) {
			acked.delivered = 0;
			acked.read = 0;
		}
		this.changed();
		for (const id of this.#local.state.conversations.keys())
			if (this.#unacked(id)) this.#schedule(id);
	}

	stop() {
		for (const acked of this.#acked.values()) clearTimeout(acked.timer);
	}

	/** @param {number} id */
	#ackedOf(id) {
		let acked = this.#acked.get(id);
		if (!acked) {
			acked = { sentAt: 0, delivered: 0, read: 0, kept: 0, timer: undefined };
			this.#acked.set(id, acked);
		}
		return acked;
	}

	/**
	 * What has to be acknowledged in a conversation. Without unread messages nothing is acknowledged as delivered: it was
	 * read elsewhere.
	 * @param {number} id
	 */
	#unacked(id) {
		const data = this.#local.state.conversations.get(id);
		const acked = this.#acked.get(id);
		if (!data) return null;
		const me = this.#local.state.user;
		const known = positionOf(data.state.positions, me);
		const read = unackedReadSeq(data, me);
		const unread = unreadOf(data, me) > 0;
		const delivered = unread ? Math.max(acked?.kept ?? 0, read) : read;
		/** @type {{ delivered?: number, read?: number }} */
		const unacked = {};
		if (read > Math.max(known.read, acked?.read ?? 0)) unacked.read = read;
		const sent = Math.max(known.delivered, acked?.delivered ?? 0, unacked.read ?? acked?.read ?? 0);
		if (delivered > sent) unacked.delivered = delivered;
		return unacked.read || unacked.delivered ? unacked : null;
	}

	/** @param {number} id */
	#schedule(id) {
		const acked = this.#ackedOf(id);
		const pause = Math.max(FLUSH_DELAY, acked.sentAt + MIN_INTERVAL - Date.now());
		acked.timer ??= setTimeout(() => this.#sendAck(id), pause);
	}

	/** @param {number} id */
	#sendAck(id) {
		const acked = this.#ackedOf(id);
		clearTimeout(acked.timer);
		acked.timer = undefined;
		const unacked = this.#unacked(id);
		const transport = this.#transport();
		if (!unacked || transport === "offline") return;
		acked.sentAt = Date.now();
		acked.read = Math.max(acked.read, unacked.read ?? 0);
		acked.delivered = Math.max(acked.delivered, unacked.delivered ?? 0, acked.read);
		if (transport === "ws") this.#send({ type: "ack", conversation: id, ...unacked });
		else this.#try(this.#api.setConversation(id, unacked));
	}

	/** @param {Promise<unknown>} request a failure is ignored: it will be tried again later */
	async #try(request) {
		try {
			await request;
		} catch (error) {
			if (!(error instanceof Refused || error instanceof Unreachable)) throw error;
		}
	}
}
