// Messages on their way out. Each is kept until the server has it, is sent in the order it was
// written to that person, and is tried again under the same key, so that it arrives once.
import { batch, computed, signal } from "../../vendor/signals-core.js";
import { backoff } from "../lib/backoff.js";
import { newClientId } from "../lib/ids.js";
import { Refused, Unreachable } from "../protocol/api.js";

/**
 * @typedef {import("../protocol/api.js").Message} Message
 * @typedef {{
 *   client_id: string,
 *   recipient: string,
 *   body: string,
 *   at: number,
 *   state: "waiting" | "failed",
 *   problem: string,
 *   status: number,
 *   tried: boolean,
 *   arrivedAs: number | null,
 * }} Entry `arrivedAs`: the id under which the live line already showed it.
 * @typedef {{ busy: boolean, failures: number, timer: ReturnType<typeof setTimeout> | undefined }} Lane
 */

const KIND = "outbox";
const KEY_REUSED = 422;

/**
 * @param {unknown} value
 * @returns {value is Entry}
 */
function isEntry(value) {
	if (!value || typeof value !== "object") return false;
	const { client_id, recipient, body, at } = /** @type {Record<string, unknown>} */ (value);
	return (
		typeof client_id === "string" &&
		typeof recipient === "string" &&
		typeof body === "string" &&
		typeof at === "number"
	);
}

export class Outbox {
	#send;
	#shelf;
	#onSent;
	#onSignedOut;
	/** @type {import("../../vendor/signals-core.js").Signal<Entry[]>} */
	#entries = signal([]);
	/** @type {Map<string, Lane>} */
	#lanes = new Map();

	/** What to show as pending. */
	pending = computed(() => this.#entries.value.filter((entry) => entry.arrivedAs === null));

	/**
	 * @param {{
	 *   send: (outgoing: import("../protocol/api.js").Outgoing) => Promise<Message>,
	 *   shelf: import("./shelf.js").Shelf,
	 *   onSent: (message: Message) => void,
	 *   onSignedOut: () => void,
	 * }} parts
	 */
	constructor({ send, shelf, onSent, onSignedOut }) {
		this.#send = send;
		this.#shelf = shelf;
		this.#onSent = onSent;
		this.#onSignedOut = onSignedOut;
		const kept = [...shelf.all(KIND).values()].filter(isEntry);
		kept.sort((a, b) => a.at - b.at);
		this.#entries.value = kept.map((entry) => ({ ...entry, arrivedAs: null }));
	}

	/**
	 * @param {string} recipient
	 * @param {string} body
	 */
	add(recipient, body) {
		const last = this.#entries.peek().at(-1)?.at ?? 0;
		this.#keep({
			client_id: newClientId(),
			recipient,
			body,
			at: Math.max(Date.now(), last + 1),
			state: "waiting",
			problem: "",
			status: 0,
			tried: false,
			arrivedAs: null,
		});
		this.#advance(recipient);
	}

	/** @param {string} clientId */
	tryAgain(clientId) {
		const entry = this.#find(clientId);
		if (entry?.state !== "failed") return;
		const again = { ...entry, state: /** @type {const} */ ("waiting"), problem: "", status: 0 };
		if (entry.status === KEY_REUSED) {
			this.forget(clientId);
			again.client_id = newClientId();
			again.tried = false;
		}
		this.#keep(again);
		this.#advance(entry.recipient);
	}

	/**
	 * Drops an entry here, and for every other tab.
	 * @param {string} clientId
	 */
	forget(clientId) {
		this.#shelf.remove(KIND, clientId);
		this.#entries.value = this.#entries.peek().filter((entry) => entry.client_id !== clientId);
	}

	/**
	 * Another tab sent an entry or let it go.
	 * @param {string | null} storageKey
	 */
	goneElsewhere(storageKey) {
		const clientId = this.#shelf.keyOf(storageKey, KIND);
		if (clientId) this.forget(clientId);
	}

	/** There is a chance now: try everything that waits. */
	hurry() {
		for (const lane of this.#lanes.values()) {
			clearTimeout(lane.timer);
			lane.timer = undefined;
		}
		for (const recipient of new Set(this.#entries.peek().map((entry) => entry.recipient))) {
			this.#advance(recipient);
		}
	}

	/**
	 * A message of mine came by the live line, maybe before the answer to its own request: it must
	 * not be seen twice meanwhile.
	 * @param {Message} message
	 */
	arrived(message) {
		const entry = this.#entries
			.peek()
			.find(
				(candidate) =>
					candidate.tried &&
					candidate.arrivedAs === null &&
					candidate.recipient === message.recipient &&
					candidate.body === message.body,
			);
		if (entry) this.#replace({ ...entry, arrivedAs: message.id });
	}

	stop() {
		for (const lane of this.#lanes.values()) clearTimeout(lane.timer);
	}

	/** @param {string} recipient */
	async #advance(recipient) {
		const lane = this.#lane(recipient);
		if (lane.busy || lane.timer !== undefined) return;
		const entry = this.#entries
			.peek()
			.find((candidate) => candidate.recipient === recipient && candidate.state === "waiting");
		if (!entry) return;
		lane.busy = true;
		this.#replace({ ...entry, tried: true });
		const { client_id, body } = entry;
		try {
			const message = await this.#send({ recipient, body, client_id });
			lane.failures = 0;
			batch(() => {
				this.#onSent(message);
				this.forget(client_id);
			});
		} catch (error) {
			lane.busy = false;
			if (!this.#stays(error, client_id, lane, recipient)) return;
		}
		lane.busy = false;
		this.#advance(recipient);
	}

	/**
	 * @param {unknown} error
	 * @param {string} clientId
	 * @param {Lane} lane
	 * @param {string} recipient
	 * @returns {boolean} whether the next entry may go
	 */
	#stays(error, clientId, lane, recipient) {
		if (error instanceof Refused && error.signedOut) {
			this.#onSignedOut();
			return false;
		}
		const refused = error instanceof Refused ? error : null;
		if (refused && !refused.temporary) {
			const entry = this.#find(clientId);
			if (entry) {
				const { message, status } = refused;
				this.#keep({ ...entry, state: "failed", problem: message, status, arrivedAs: null });
			}
			return true;
		}
		if (!refused && !(error instanceof Unreachable)) throw error;
		lane.failures += 1;
		lane.timer = setTimeout(
			() => {
				lane.timer = undefined;
				this.#advance(recipient);
			},
			Math.max(refused?.retryAfter ?? 0, backoff(lane.failures)),
		);
		return false;
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
		return this.#entries.peek().find((entry) => entry.client_id === clientId);
	}

	/** @param {Entry} entry */
	#keep(entry) {
		this.#shelf.put(KIND, entry.client_id, entry);
		this.#replace(entry);
	}

	/** @param {Entry} entry */
	#replace(entry) {
		const entries = this.#entries.peek();
		this.#entries.value = this.#find(entry.client_id)
			? entries.map((other) => (other.client_id === entry.client_id ? entry : other))
			: [...entries, entry];
	}
}
