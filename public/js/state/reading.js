// Says how far I have come: delivered when it is kept, read when somebody looks at it. What cannot be said now is said when
// there is a line again.
import { Refused, Unreachable } from "../protocol/api.js";

/** Reading a burst of messages is said once. */
const PAUSE = 250;

export class Reading {
	#api;
	#mirror;
	#say;
	#way;
	#looking = false;
	#covered = false;
	/** @type {string | null} */
	#open = null;
	/** The conversation was opened, which ends its being put aside. */
	#opened = false;
	/** @type {ReturnType<typeof setTimeout> | undefined} */
	#timer;
	/** Up to where delivery was said and not yet confirmed, by name. @type {Map<string, number>} */
	#delivered = new Map();

	/**
	 * @param {{
	 *   api: import("../protocol/api.js").Api,
	 *   mirror: import("./mirror.js").Mirror,
	 *   say: (frame: Record<string, unknown>) => boolean,
	 *   way: () => "line" | "request" | "none",
	 * }} parts `way`: how things can be said now.
	 */
	constructor({ api, mirror, say, way }) {
		this.#api = api;
		this.#mirror = mirror;
		this.#say = say;
		this.#way = way;
	}

	/** @param {string | null} name */
	show(name) {
		if (name !== this.#open) this.#flush();
		this.#open = name;
		this.#opened = name !== null;
		this.changed();
	}

	/** @param {boolean} looking */
	look(looking) {
		this.#looking = looking;
		if (looking) this.changed();
		else this.#flush();
	}

	/** @param {boolean} covered whether something stands before the open conversation */
	cover(covered) {
		this.#covered = covered;
		this.changed();
	}

	/** The open conversation may have something that was not read. */
	changed() {
		if (!this.#looking || this.#covered || this.#open === null) return;
		const conversation = this.#mirror.conversation(this.#open);
		const state = conversation.state.peek();
		if (!state) return;
		if (this.#opened && state.marked_unread) {
			this.#try(this.#api.setConversation(this.#open, { unread: false }));
		}
		this.#opened = false;
		const { last, items } = conversation.window;
		if (items.length === 0 || conversation.unread.peek() === 0) return;
		conversation.readHere(last);
		this.#timer ??= setTimeout(() => this.#flush(), PAUSE);
	}

	/**
	 * Everything of these conversations is kept.
	 * @param {string[]} names
	 */
	deliver(names) {
		for (const name of names) {
			const conversation = this.#mirror.conversation(name);
			const end = conversation.state.peek()?.last_seq ?? 0;
			const said = Math.max(conversation.delivered, this.#delivered.get(name) ?? 0);
			if (end <= said || conversation.unread.peek() === 0) continue;
			this.#delivered.set(name, end);
			this.#tell("delivered", name, end);
		}
	}

	/** One has caught up: what could not be said before is due. */
	caughtUp() {
		this.#delivered.clear();
		this.changed();
		this.#flush();
		this.deliver(this.#mirror.conversations.peek().map(({ name }) => name));
	}

	stop() {
		clearTimeout(this.#timer);
	}

	#flush() {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		for (const { name, owed } of this.#mirror.conversations.peek()) {
			if (owed > 0) this.#tell("read", name, owed);
		}
	}

	/**
	 * @param {"delivered" | "read"} what
	 * @param {string} name
	 * @param {number} seq
	 */
	#tell(what, name, seq) {
		if (this.#way() === "line") this.#say({ type: what, with: name, seq });
		if (this.#way() === "request") this.#try(this.#api.setConversation(name, { [what]: seq }));
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
