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
	/** States of conversations that are not loaded, told just now: a new message may bring them in. @type {Map<number, ConversationState>} */
	#strangers = new Map();
	/** Names of conversations whose state must be asked for. @type {Set<string>} */
	#unknown = new Set();
	#asking = false;

	/** @param {{ ask: (name: string) => Promise<void>, list: () => import("./list.js").List }} parts */
	constructor({ ask, list }) {
		this.#ask = ask;
		this.#list = list;
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

	/** @param {Iterable<Conversation>} conversations all that are loaded */
	async settle(conversations) {
		this.#introduce();
		if (this.#asking) return;
		this.#asking = true;
		try {
			for (const conversation of conversations) {
				if (conversation.doubtful) this.wonder(conversation.name);
				if (conversation.hasHole) await conversation.fill();
			}
			for (const name of this.#unknown) {
				await this.#ask(name);
				this.#unknown.delete(name);
			}
		} finally {
			this.#asking = false;
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
