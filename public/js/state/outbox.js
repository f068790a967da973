// Messages on their way out. Each is kept until the server has it, is sent in the order it was written to that person,
// and is tried again under the same key, so that it arrives once. Of several pages one sends; all show what waits.
import { signal } from "../../vendor/signals-core.js";
import { backoff } from "../lib/backoff.js";
import { newClientId } from "../lib/ids.js";
import { Refused, Unreachable } from "../protocol/api.js";

/**
 * @typedef {import("../protocol/types.js").Message} Message
 * @typedef {import("./types.js").Entry} Entry
 * @typedef {{ busy: boolean, failures: number, timer: ReturnType<typeof setTimeout> | undefined }} Lane
 */

const KEY_REUSED = 422;
/** Of what is on the shelf: entries the depot may not have yet. */
const KIND = "unsent";

/** @param {Entry} one @param {Entry} other */
const inOrder = (one, other) => one.at - other.at;

export class Outbox {
	#send;
	#depot;
	#shelf;
	#tell;
	#isKnown;
	/** @type {Map<string, Lane>} */
	#lanes = new Map();
	/** Keys of entries that are in the depot. @type {Set<string>} */
	#kept = new Set();
	/** Keys of entries that could not be kept: no other page can send them. @type {Set<string>} */
	#local = new Set();
	/** Entries the server has, whose messages have not come yet: ids by key. @type {Map<string, number>} */
	#sent = new Map();
	/** Keys of entries that went while the depot was being read. @type {Set<string>} */
	#gone = new Set();
	#leading = false;
	#reading = Promise.resolve();

	/** What to show as pending. @type {import("./types.js").Signal<Entry[]>} */
	pending = signal([]);

	/**
	 * @param {{
	 *   send: (outgoing: import("../protocol/types.js").Outgoing) => Promise<{ id: number }>,
	 *   depot: import("./depot.js").Depot,
	 *   shelf: import("./shelf.js").Shelf,
	 *   tell: () => void,
	 *   isKnown: (id: number) => boolean,
	 * }} parts `tell`: other pages are to look into the depot; `isKnown`: whether a message of this id, if there was one,
	 *   has been taken in already.
	 */
	constructor({ send, depot, shelf, tell, isKnown }) {
		this.#send = send;
		this.#depot = depot;
		this.#shelf = shelf;
		this.#tell = tell;
		this.#isKnown = isKnown;
	}

	/** Goes on where an earlier page ended, also one that was closed before the depot had what was written there. */
	async begin() {
		const jotted = /** @type {Iterable<Entry>} */ (this.#shelf.all(KIND).values());
		await Promise.all([...jotted].sort(inOrder).map((entry) => this.#keep(entry)));
		await this.read();
	}

	/** Takes in what the depot has: from an earlier visit, or from another page. */
	read() {
		this.#reading = this.#reading.then(() => this.#read());
		return this.#reading;
	}

	/** From now on it is for this page to send. */
	async lead() {
		await this.read();
		this.#leading = true;
		this.hurry();
	}

	/**
	 * @param {string} recipient
	 * @param {string} body
	 * @param {{ replyTo?: Message | undefined, forward?: Message | undefined }} [of]
	 */
	add(recipient, body, { replyTo, forward } = {}) {
		const last = this.pending.peek().at(-1)?.at ?? 0;
		return this.#keep({
			client_id: newClientId(),
			recipient,
			body,
			reply_to: replyTo ? { id: replyTo.id, user: replyTo.user, body: replyTo.body } : null,
			forward: forward?.id ?? null,
			at: Math.max(Date.now(), last + 1),
			state: "waiting",
			problem: "",
			status: 0,
		});
	}

	/** @param {string} clientId */
	tryAgain(clientId) {
		const entry = this.#find(clientId);
		if (entry?.state !== "failed") return;
		const reused = entry.status === KEY_REUSED;
		if (reused) this.forget(clientId);
		this.#keep({
			...entry,
			client_id: reused ? newClientId() : clientId,
			state: "waiting",
			problem: "",
			status: 0,
		});
	}

	/** @param {string} clientId */
	forget(clientId) {
		this.#remove(clientId);
		this.#drop(clientId);
	}

	/** There is a chance now: try everything that waits. */
	hurry() {
		for (const lane of this.#lanes.values()) {
			clearTimeout(lane.timer);
			lane.timer = undefined;
		}
		this.#advanceAll();
	}

	/**
	 * A message of mine has come, maybe before the answer to its own request.
	 * @param {Message} message
	 */
	arrived({ client_id: clientId }) {
		if (clientId && this.#find(clientId)) this.forget(clientId);
	}

	/**
	 * One has caught up. What the server said to have and did not tell of was lost with its history, or came with a page:
	 * it is sent again, under its old key.
	 */
	caughtUp() {
		this.#sent.clear();
		this.hurry();
	}

	stop() {
		this.#leading = false;
		for (const lane of this.#lanes.values()) clearTimeout(lane.timer);
	}

	async #read() {
		const expected = new Set(this.#kept);
		this.#gone.clear();
		const kept = await this.#depot.entries();
		const found = kept.filter(({ client_id: id }) => !this.#gone.has(id));
		const here = new Set(found.map(({ client_id }) => client_id));
		const own = this.pending
			.peek()
			.filter(({ client_id: id }) => !here.has(id) && (this.#sent.has(id) || !expected.has(id)));
		for (const id of here) this.#kept.add(id);
		this.pending.value = [...found, ...own].sort(inOrder);
		this.#advanceAll();
	}

	/** @param {Entry} entry */
	async #keep(entry) {
		// The depot takes its time, and the page may be closed meanwhile.
		this.#shelf.put(KIND, entry.client_id, entry);
		const entries = this.pending.peek();
		this.pending.value = this.#find(entry.client_id)
			? entries.map((other) => (other.client_id === entry.client_id ? entry : other))
			: [...entries, entry];
		if (this.#leading) this.#advance(entry.recipient);
		const kept = await this.#depot.put(entry);
		if (kept) {
			this.#kept.add(entry.client_id);
			this.#shelf.remove(KIND, entry.client_id);
			this.#tell();
		} else {
			this.#local.add(entry.client_id);
			this.#advance(entry.recipient);
		}
	}

	/** @param {string} clientId */
	#remove(clientId) {
		this.#sent.delete(clientId);
		this.#local.delete(clientId);
		this.#gone.add(clientId);
		this.pending.value = this.pending.peek().filter((entry) => entry.client_id !== clientId);
	}

	/** @param {string} clientId */
	async #drop(clientId) {
		this.#kept.delete(clientId);
		this.#shelf.remove(KIND, clientId);
		await this.#depot.drop(clientId);
		this.#tell();
	}

	#advanceAll() {
		for (const recipient of new Set(this.pending.peek().map((entry) => entry.recipient))) {
			this.#advance(recipient);
		}
	}

	/** @param {string} recipient */
	async #advance(recipient) {
		const lane = this.#lane(recipient);
		if (lane.busy || lane.timer !== undefined) return;
		const entry = this.pending
			.peek()
			.find(
				({ recipient: to, state, client_id: id }) =>
					to === recipient && state === "waiting" && !this.#sent.has(id),
			);
		if (!entry || !(this.#leading || this.#local.has(entry.client_id))) return;
		lane.busy = true;
		const next = await this.#attempt(entry, lane);
		lane.busy = false;
		if (next) this.#advance(recipient);
	}

	/**
	 * @param {Entry} entry
	 * @param {Lane} lane
	 * @returns {Promise<boolean>} whether the next entry may go
	 */
	async #attempt(entry, lane) {
		const { recipient, body, client_id, reply_to, forward } = entry;
		try {
			const { id } = await this.#send({
				recipient,
				...(forward === null ? { body } : { forward }),
				client_id,
				...(reply_to && { reply_to: reply_to.id }),
			});
			lane.failures = 0;
			this.#wasSent(client_id, id);
			return true;
		} catch (error) {
			if (!(error instanceof Refused || error instanceof Unreachable)) throw error;
			if (error instanceof Refused && !error.temporary) {
				const { message: problem, status } = error;
				if (this.#find(client_id)) this.#keep({ ...entry, state: "failed", problem, status });
				return true;
			}
			if (error instanceof Refused && error.signedOut) return false;
			lane.failures += 1;
			const pause = error instanceof Refused ? (error.retryAfter ?? 0) : 0;
			lane.timer = setTimeout(
				() => {
					lane.timer = undefined;
					this.#advance(recipient);
				},
				Math.max(pause, backoff(lane.failures)),
			);
			return false;
		}
	}

	/**
	 * Shown as pending until the message itself comes, so that it is never out of sight.
	 * @param {string} clientId
	 * @param {number} id
	 */
	#wasSent(clientId, id) {
		if (!this.#find(clientId)) return;
		if (this.#isKnown(id)) return this.forget(clientId);
		this.#sent.set(clientId, id);
		this.#drop(clientId);
	}

	/** @param {string} recipient */
	#lane(recipient) {
		let lane = this.#lanes.get(recipient);
		if (!lane) {
			lane = { busy: false, failures: 0, timer: undefined };
			this.#lanes.set(recipient, lane);
		}
		return lane;
	}

	/** @param {string} clientId */
	#find(clientId) {
		return this.pending.peek().find((entry) => entry.client_id === clientId);
	}
}
