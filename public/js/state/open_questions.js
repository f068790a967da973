// What the changes so far leave open, to be asked for once one has caught up: holes, and conversations of which not all is
// known.
import { begun } from "./blank.js";

/**
 * @typedef {import("./conversation.js").Conversation} Conversation
 * @typedef {import("../protocol/types.js").ConversationState} ConversationState
 */

export class OpenQuestions {
	#ask;
	#list;
	#loaded;
	/** States of conversations that are not loaded, told just now: a new message may bring them in. @type {Map<number, ConversationState>} */
	#strangers = new Map();
	/** Names of conversations whose state must be asked for. @type {Set<string>} */
	#unknown = new Set();
	#asking = false;
	/** Something may have been left open since asking began. */
	#due = false;

	/**
	 * @param {{
	 *   ask: (name: string) => Promise<void>,
	 *   list: () => import("./list.js").List,
	 *   loaded: () => Iterable<Conversation>,
	 * }} parts
	 */
	constructor({ ask, list, loaded }) {
		this.#ask = ask;
		this.#list = list;
		this.#loaded = loaded;
	}

	/** A conversation that is not loaded was told of. @param {ConversationState} state */
	met(state) {
		this.#strangers.set(state.id, state);
		if (state.pinned) this.wonder(state.with);
	}

	/**
	 * A conversation begins here with a message: its state is what was told just now, or a guess.
	 * @param {Conversation} conversation
	 * @param {import("../protocol/types.js").Message} message
	 * @param {string} me
	 */
	begin(conversation, message, me) {
		const told = this.#strangers.get(message.conversation);
		this.#strangers.delete(message.conversation);
		conversation.settle(told ?? begun(message, conversation.name, me));
		if (!told) this.wonder(conversation.name);
	}

	/** The state of a conversation must be asked for. @param {string} name */
	wonder(name) {
		this.#unknown.add(name);
	}

	/** There is a new beginning. */
	clear() {
		this.#strangers.clear();
		this.#unknown.clear();
	}

	async settle() {
		this.#introduce();
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

	/** A state that was asked for may tell of a place that nothing else told of, so holes come last. */
	async #round() {
		for (const conversation of this.#loaded()) {
			if (conversation.doubtful) this.wonder(conversation.name);
		}
		for (const name of this.#unknown) {
			await this.#find(name);
		}
		for (const conversation of this.#loaded()) {
			if (conversation.hasHole) await conversation.fill();
		}
	}

	/** What raises the question again meanwhile may be newer than the answer. @param {string} name */
	async #find(name) {
		this.#unknown.delete(name);
		try {
			await this.#ask(name);
		} catch (error) {
			this.wonder(name);
			throw error;
		}
	}

	/** Where no message brought a conversation in: its messages may all be hidden, or it is listed further down. */
	#introduce() {
		const list = this.#list();
		if (!list.more.peek()) {
			for (const { with: name } of this.#strangers.values()) this.wonder(name);
		} else if (this.#strangers.size > 0) list.again();
		this.#strangers.clear();
	}
}
