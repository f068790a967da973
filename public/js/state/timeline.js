// One conversation's messages: in the order of their ids, each once, from the newest backwards.
import { batch, signal } from "../../vendor/signals-core.js";

/**
 * @typedef {import("../protocol/api.js").Message} Message
 * @typedef {"loading" | "ready" | "error"} Loading
 */

/**
 * Both lists ascend by id.
 * @param {Message[]} known
 * @param {Message[]} fresh
 * @returns {Message[]}
 */
export function merge(known, fresh) {
	if (fresh.length === 0) return known;
	const last = known.at(-1)?.id ?? 0;
	if (fresh[0].id > last) return [...known, ...fresh];
	const byId = new Map();
	for (const message of [...known, ...fresh]) byId.set(message.id, message);
	return [...byId.values()].sort((a, b) => a.id - b.id);
}

export class Timeline {
	#history;
	#pageSize;

	/** @type {import("../../vendor/signals-core.js").Signal<Message[]>} */
	messages = signal([]);
	/** @type {import("../../vendor/signals-core.js").Signal<Loading>} */
	state = signal("loading");
	/** Whether there is something older to fetch. */
	more = signal(false);
	/** @type {import("../../vendor/signals-core.js").Signal<Loading>} */
	older = signal("ready");

	/**
	 * @param {(before: number | null, limit: number) => Promise<{ messages: Message[], more: boolean }>} history
	 * @param {number} pageSize
	 */
	constructor(history, pageSize) {
		this.#history = history;
		this.#pageSize = pageSize;
	}

	async load() {
		if (this.state.peek() === "error") this.state.value = "loading";
		try {
			const page = await this.#history(null, this.#pageSize);
			batch(() => {
				this.#take(page);
				this.state.value = "ready";
			});
		} catch (error) {
			this.state.value = "error";
			throw error;
		}
	}

	async loadOlder() {
		const oldest = this.messages.peek().at(0);
		if (!oldest || !this.more.peek() || this.older.peek() === "loading") return;
		this.older.value = "loading";
		try {
			const page = await this.#history(oldest.id, this.#pageSize);
			batch(() => {
				this.#take(page);
				this.older.value = "ready";
			});
		} catch (error) {
			this.older.value = "error";
			throw error;
		}
	}

	/** @param {Message[]} fresh ascending by id */
	insert(fresh) {
		this.messages.value = merge(this.messages.peek(), fresh);
	}

	/** @param {{ messages: Message[], more: boolean }} page newest first */
	#take({ messages, more }) {
		this.insert(messages.toReversed());
		this.more.value = more;
	}
}
