// Requests what changes leave uncertain, once the page has caught up: incomplete states of conversations, and messages
// missing between the window and the newest.
import { hasGap } from "../model/conversation.js";

export class ResyncQueue {
	#local;
	#ask;
	#list;
	#fill;
	#asking = false;
	/** Something may have become uncertain since the round started. */
	#due = false;

	/**
	 * @param {{
	 *   local: import("../client/local_state.js").LocalState,
	 *   ask: (id: number) => Promise<void>,
	 *   list: import("./list_loader.js").ListLoader,
	 *   fill: (id: number) => Promise<void>,
	 * }} parts `ask` for a conversation's state; `fill` what is missing up to its newest message.
	 */
	constructor({ local, ask, list, fill }) {
		this.#local = local;
		this.#ask = ask;
		this.#list = list;
		this.#fill = fill;
	}

	async drain() {
		this.#due = true;
		if (this.#asking) return;
		this.#asking = true;
		try {
			while (this.#due) {
				this.#due = false;
				await this.#round();
			}
		} finally {
			this.#asking = false;
		}
	}

	/** A requested state may reveal a new message, so gaps are filled last. */
	async #round() {
		const unknown = this.#unknown();
		for (const id of unknown) {
			unknown.delete(id);
			try {
				await this.#ask(id);
			} catch (error) {
				this.#local.add({ type: "unknown", conversations: [id, ...unknown] });
				throw error;
			}
		}
		const { open, conversations } = this.#local.state;
		const data = conversations.get(open ?? 0);
		if (open !== null && data && hasGap(data)) await this.#fill(open);
	}

	/** Conversations not loaded by a message: all theirs may be hidden, or they are further down the list. */
	#unknown() {
		const { unknown, notLoaded } = this.#local.takeUnknown();
		if (!this.#list.more.peek()) return new Set([...unknown, ...notLoaded.keys()]);
		if (notLoaded.size > 0) this.#list.again();
		return new Set(unknown);
	}
}
