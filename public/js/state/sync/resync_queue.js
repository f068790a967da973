// What changes leave open is asked for once one has caught up: states of conversations of which not all is known, and
// messages that are missing between those shown and the newest.
import { hasHole } from "../model/conversation.js";

export class ResyncQueue {
	#local;
	#ask;
	#list;
	#fill;
	#asking = false;
	/** Something may have been left open since asking began. */
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

	async settle() {
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

	/** A state that was asked for may tell of a message that nothing else told of, so holes come last. */
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
		if (open !== null && data && hasHole(data)) await this.#fill(open);
	}

	/** Where no message brought a conversation in: its messages may all be hidden, or it is listed further down. */
	#unknown() {
		const { unknown, notLoaded } = this.#local.takeUnknown();
		if (!this.#list.more.peek()) return new Set([...unknown, ...notLoaded.keys()]);
		if (notLoaded.size > 0) this.#list.again();
		return new Set(unknown);
	}
}
