// What one does to messages, conversations, people and one's own account. Each is a promise, which fails when the server
// refuses or cannot be reached.

/**
 * @typedef {import("../types.js").Message} Message
 * @typedef {import("./conversation.js").Conversation} Conversation
 */

export class Actions {
	#api;
	#local;
	#onHidden;

	/**
	 * @param {{
	 *   api: import("../../protocol/api.js").Api,
	 *   local: import("./local_state.js").LocalState,
	 *   onHidden: () => void,
	 * }} parts `onHidden`: what a hidden message leaves open may be asked for.
	 */
	constructor({ api, local, onHidden }) {
		this.#api = api;
		this.#local = local;
		this.#onHidden = onHidden;
	}

	/** @param {Message} message @param {string} text */
	edit(message, text) {
		return this.#change(this.#api.edit(message.id, text));
	}

	/**
	 * @param {Message} message
	 * @param {"me" | "everyone"} whose
	 */
	remove({ id, conversation, revision }, whose) {
		return this.#done(this.#api.remove(id, whose), () => {
			if (whose !== "me") return;
			this.#local.add({ type: "hidden", revision, conversation, message: id });
			this.#onHidden();
		});
	}

	/** @param {Message} message @param {string | null} emoji */
	react(message, emoji) {
		return this.#change(this.#api.react(message.id, emoji));
	}

	/** @param {Message} message one of mine */
	details(message) {
		return this.#api.receipt(message.id);
	}

	/**
	 * @param {Conversation} conversation one that has an id
	 * @param {import("../types.js").Settings} settings
	 */
	setConversation({ id }, settings) {
		return this.#done(this.#api.setConversation(id ?? 0, settings), (conversation) =>
			this.#local.add({ type: "settings", conversation }),
		);
	}

	/** @param {string} name @param {boolean} blocked */
	block(name, blocked) {
		return this.#done(this.#api.block(name, blocked), (me) => this.#setMe(me));
	}

	/** My own account; few visits need it, so what it is made of comes when it is wanted. @param {typeof import("./account.js").Account} Account */
	account(Account) {
		return new Account(this.#api.requests, (asked) => this.#done(asked, (me) => this.#setMe(me)));
	}

	/** @param {import("../types.js").MeState} me */
	#setMe(me) {
		this.#local.add({ type: "me", revision: me.revision, me });
	}

	/** @param {Promise<Message>} asked */
	#change(asked) {
		return this.#done(asked, (message) => this.#local.add({ type: "answer", message }));
	}

	/**
	 * Something is done at the server. After a new beginning the answer says nothing: what came of it is told.
	 * @template T
	 * @param {Promise<T>} asked
	 * @param {(answer: T) => void} use
	 */
	async #done(asked, use) {
		const { era } = this.#local;
		const answer = await asked;
		if (era === this.#local.era) use(answer);
	}
}
