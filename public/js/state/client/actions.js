// Actions on messages, conversations, people and the own account. Each is a promise that rejects when the server refuses
// or cannot be reached.

import { unackedReadSeq } from "../model/conversation.js";

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
	 * }} parts `onHidden`: what a hidden message makes uncertain can be requested.
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

	/** @param {Message} message an own message */
	details(message) {
		return this.#api.receipt(message.id);
	}

	/**
	 * @param {Conversation} conversation one that has an id
	 * @param {import("../types.js").Settings} settings
	 */
	setConversation({ id, data }, settings) {
		// What was read goes along: an acknowledgement that came later would take back the mark as unread.
		const read = settings.unread && data ? unackedReadSeq(data, this.#local.state.user) : 0;
		const update = read > 0 ? { ...settings, read } : settings;
		return this.#done(this.#api.setConversation(id ?? 0, update), (conversation) =>
			this.#local.add({ type: "settings", conversation }),
		);
	}

	/** @param {string} name @param {boolean} blocked */
	block(name, blocked) {
		return this.#done(this.#api.block(name, blocked), (me) => this.#setMe(me));
	}

	/** The own account; rarely needed, so its class is loaded on demand. @param {typeof import("./account.js").Account} Account */
	account(Account) {
		return new Account(this.#api.requests, (request) =>
			this.#done(request, (me) => this.#setMe(me)),
		);
	}

	/** @param {import("../types.js").MeState} me */
	#setMe(me) {
		this.#local.add({ type: "me", revision: me.revision, me });
	}

	/** @param {Promise<Message>} request */
	#change(request) {
		return this.#done(request, (message) => this.#local.add({ type: "answer", message }));
	}

	/**
	 * Awaits a request and uses its response, unless a resync happened meanwhile, which includes the result.
	 * @template T
	 * @param {Promise<T>} request
	 * @param {(answer: T) => void} use
	 */
	async #done(request, use) {
		const { era } = this.#local;
		const answer = await request;
		if (era === this.#local.era) use(answer);
	}
}
