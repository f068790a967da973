// Outgoing messages. Each is stored until the server has it, is sent in order within its conversation, and is retried
// with the same idempotency key, so that it arrives once. Of several pages one sends; all show what is pending.
import { signal } from "../../../vendor/signals-core.js";
import { backoff } from "../../lib/backoff.js";
import { newClientId } from "../../lib/ids.js";
import { Refused, Unreachable } from "../../protocol/api.js";
import { UNSENT } from "../persistence/local_storage_store.js";
import { inOrder, laneOf, outgoing, readable } from "./entries.js";

/**
 * @typedef {import("../types.js").Message} Message
 * @typedef {import("../types.js").Entry} Entry
 * @typedef {{ busy: boolean, failures: number, timer: ReturnType<typeof setTimeout> | undefined }} Lane
 */

const KEY_REUSED = "client_id_reused";

export class Outbox {
	#send;
	#store;
	#storage;
	#broadcast;
	/** @type {Map<string | number, Lane>} */
	#lanes = new Map();
	/** Keys of entries in the database. @type {Set<string>} */
	#kept = new Set();
	/** Keys of entries that could not be stored: no other page can send them. @type {Set<string>} */
	#local = new Set();
	/** Entries the server accepted but has not reported in order: until then a restored backup may lose them. @type {Map<string, Entry>} */
	#sent = new Map();
	/** Keys of entries that were removed while the database was being read. @type {Set<string>} */
	#gone = new Set();
	#leading = false;
	#reading = Promise.resolve();

	/** The pending entries to show. @type {import("../types.js").Signal<Entry[]>} */
	pending = signal([]);

	/**
	 * @param {{
	 *   send: (outgoing: import("../../protocol/types.js").Outgoing) => Promise<void>,
	 *   store: import("../persistence/idb_store.js").IdbStore,
	 *   storage: import("../persistence/local_storage_store.js").LocalStorageStore,
	 *   broadcast: () => void,
	 * }} parts `send` it, and apply the resulting message; `broadcast`: makes other pages read the database.
	 */
	constructor({ send, store, storage, broadcast }) {
		this.#send = send;
		this.#store = store;
		this.#storage = storage;
		this.#broadcast = broadcast;
	}

	/** Continues where an earlier page ended, even if it was closed before the database had stored its entries. */
	async begin() {
		/** @type {Entry[]} */
		const found = [];
		for (const [key, value] of this.#storage.all(UNSENT)) {
			const entry = readable(value);
			if (entry) found.push(entry);
			else this.#storage.remove(UNSENT, key);
		}
		await Promise.all(found.sort(inOrder).map((entry) => this.#keep(entry)));
		await this.read();
	}

	/** Reads entries of an earlier visit or of another page from the database. */
	read() {
		this.#reading = this.#reading.then(() => this.#read());
		return this.#reading;
	}

	/** From now on this page sends. */
	async lead() {
		await this.read();
		this.#leading = true;
		this.retryNow();
	}

	/**
	 * @param {{ conversation: number | null, recipient: string | null }} to
	 * @param {string} body
	 * @param {{ replyTo?: Message | undefined, forward?: Message | undefined }} [of]
	 */
	add({ conversation, recipient }, body, { replyTo, forward } = {}) {
		const last = this.pending.peek().at(-1)?.at ?? 0;
		return this.#keep({
			client_id: newClientId(),
			conversation,
			recipient,
			body,
			reply_to: replyTo ? { id: replyTo.id, user: replyTo.user, body: replyTo.body } : null,
			forward: forward?.id ?? null,
			at: Math.max(Date.now(), last + 1),
			state: "waiting",
			problem: "",
			code: "",
		});
	}

	/** The conversation with a person has an id now, or another one. @param {string} recipient @param {number | null} conversation */
	move(recipient, conversation) {
		for (const entry of this.pending.peek()) {
			if (entry.recipient !== recipient || entry.conversation === conversation) continue;
			this.#keep({ ...entry, conversation });
		}
	}

	/** @param {string} clientId */
	tryAgain(clientId) {
		const entry = this.#find(clientId);
		if (entry?.state !== "failed") return;
		const reused = entry.code === KEY_REUSED;
		if (reused) this.forget(clientId);
		this.#keep({
			...entry,
			client_id: reused ? newClientId() : clientId,
			state: "waiting",
			problem: "",
			code: "",
		});
	}

	/** @param {string} clientId */
	forget(clientId) {
		this.#remove(clientId);
		this.#drop(clientId);
	}

	/** A try may succeed now: try everything that waits. */
	retryNow() {
		for (const lane of this.#lanes.values()) {
			clearTimeout(lane.timer);
			lane.timer = undefined;
		}
		this.#advanceAll();
	}

	/** The server reported an own message, maybe before the response to its request. @param {Message} message */
	arrived({ client_id: clientId }) {
		if (!clientId) return;
		this.#sent.delete(clientId);
		if (this.#find(clientId)) this.forget(clientId);
	}

	/**
	 * The page has caught up. What the server accepted but did not report was lost with its history, or arrived in a page:
	 * it is sent again, with its old key.
	 */
	caughtUp() {
		const lost = [...this.#sent.values()].filter(({ client_id: id }) => !this.#find(id));
		for (const { client_id: id } of lost) this.#sent.delete(id);
		if (lost.length > 0) this.pending.value = [...lost, ...this.pending.peek()].sort(inOrder);
		for (const entry of lost) this.#keep(entry);
		this.retryNow();
	}

	stop() {
		this.#leading = false;
		this.#local.clear();
		for (const lane of this.#lanes.values()) clearTimeout(lane.timer);
	}

	async #read() {
		const expected = new Set(this.#kept);
		this.#gone.clear();
		const kept = await this.#store.entries();
		/** @type {Entry[]} */
		const found = [];
		for (const value of kept) {
			const entry = readable(value);
			if (entry && !this.#gone.has(entry.client_id)) found.push(entry);
		}
		const here = new Set(found.map(({ client_id }) => client_id));
		const own = this.pending
			.peek()
			.filter(({ client_id: id }) => !here.has(id) && (this.#local.has(id) || !expected.has(id)));
		for (const id of here) this.#kept.add(id);
		this.pending.value = [...found, ...own].sort(inOrder);
		this.#advanceAll();
	}

	/** @param {Entry} entry */
	async #keep(entry) {
		// The database is asynchronous, and the page may be closed meanwhile.
		this.#storage.put(UNSENT, entry.client_id, entry);
		const entries = this.pending.peek();
		this.pending.value = this.#find(entry.client_id)
			? entries.map((other) => (other.client_id === entry.client_id ? entry : other))
			: [...entries, entry];
		if (this.#leading) this.#advance(laneOf(entry));
		const kept = await this.#store.put(entry);
		if (kept) {
			this.#kept.add(entry.client_id);
			this.#storage.remove(UNSENT, entry.client_id);
			this.#broadcast();
		} else {
			this.#local.add(entry.client_id);
			this.#advance(laneOf(entry));
		}
	}

	/** @param {string} clientId */
	#remove(clientId) {
		this.#local.delete(clientId);
		this.#gone.add(clientId);
		this.pending.value = this.pending.peek().filter((entry) => entry.client_id !== clientId);
	}

	/** @param {string} clientId */
	async #drop(clientId) {
		this.#kept.delete(clientId);
		this.#storage.remove(UNSENT, clientId);
		await this.#store.drop(clientId);
		this.#broadcast();
	}

	#advanceAll() {
		for (const lane of new Set(this.pending.peek().map(laneOf))) this.#advance(lane);
	}

	/** @param {string | number} name */
	async #advance(name) {
		const lane = this.#lane(name);
		if (lane.busy || lane.timer !== undefined) return;
		const entry = this.pending
			.peek()
			.find((waiting) => waiting.state === "waiting" && laneOf(waiting) === name);
		if (!entry || !(this.#leading || this.#local.has(entry.client_id))) return;
		lane.busy = true;
		const next = await this.#attempt(entry, lane);
		lane.busy = false;
		if (next) this.#advance(name);
	}

	/**
	 * @param {Entry} entry
	 * @param {Lane} lane
	 * @returns {Promise<boolean>} whether the next entry may go
	 */
	async #attempt(entry, lane) {
		const { client_id: clientId } = entry;
		this.#sent.set(clientId, entry);
		try {
			await this.#send(outgoing(entry));
			lane.failures = 0;
			if (this.#find(clientId)) this.forget(clientId);
			return true;
		} catch (error) {
			this.#sent.delete(clientId);
			if (!(error instanceof Refused || error instanceof Unreachable)) throw error;
			return this.#failed(error, entry, lane);
		}
	}

	/**
	 * @param {Refused | Unreachable} error
	 * @param {Entry} entry
	 * @param {Lane} lane
	 */
	#failed(error, entry, lane) {
		if (error instanceof Refused && !error.temporary) {
			const { message: problem, code } = error;
			if (this.#find(entry.client_id)) this.#keep({ ...entry, state: "failed", problem, code });
			return true;
		}
		if (error instanceof Refused && (error.signedOut || error.otherPerson)) return false;
		lane.failures += 1;
		const pause = error instanceof Refused ? (error.retryAfter ?? 0) : 0;
		lane.timer = setTimeout(
			() => {
				lane.timer = undefined;
				this.#advance(laneOf(entry));
			},
			Math.max(pause, backoff(lane.failures)),
		);
		return false;
	}

	/** @param {string | number} name */
	#lane(name) {
		let lane = this.#lanes.get(name);
		if (!lane) {
			lane = { busy: false, failures: 0, timer: undefined };
			this.#lanes.set(name, lane);
		}
		return lane;
	}

	/** @param {string} clientId */
	#find(clientId) {
		return this.pending.peek().find((entry) => entry.client_id === clientId);
	}
}
