// Fetches conversations, and pages of the list and of messages. Changes that arrive during a request are reapplied on top
// of its response.
import { InflightReplay } from "./inflight_replay.js";

/**
 * @typedef {import("../client/conversation.js").Conversation} Conversation
 * @typedef {import("../client/local_state.js").LocalState} LocalState
 * @typedef {import("../../protocol/types.js").Latest} Latest
 */

export class Fetcher {
	#api;
	#local;
	#onRightName;

	/**
	 * @param {{
	 *   api: import("../../protocol/api.js").Api,
	 *   local: () => LocalState,
	 *   onRightName: (conversation: Conversation, name: string) => void,
	 *   pageSize: number,
	 * }} parts `onRightName`: a person was requested by another form of their name.
	 */
	constructor({ api, local, onRightName, pageSize }) {
		this.#api = api;
		this.#local = local;
		this.#onRightName = onRightName;
		this.pageSize = pageSize;
		/** Changes that arrive during requests. */
		this.replay = new InflightReplay({
			era: () => local().era,
			again: (changes) => local().again(changes),
		});
	}

	/**
	 * Loads a conversation's state and its person.
	 * @param {Conversation} conversation
	 * @returns {Promise<boolean>} whether there is such a conversation or person
	 */
	async find(conversation) {
		const local = this.#local();
		await local.begun;
		if (conversation.data) return true;
		const { id, name } = conversation;
		if (id !== null) return this.conversation(id);
		let found = false;
		await this.replay.fetch(
			() => this.#api.conversationWith(name),
			(answer) => {
				found = answer !== null;
				if (!answer) return;
				const { person, conversations } = answer;
				local.person(person.username).meet(person);
				local.add({ type: "latest", conversations });
				if (person.username !== name) this.#onRightName(conversation, person.username);
			},
		);
		return found;
	}

	/** @param {number} id @returns {Promise<boolean>} whether there is such a conversation */
	async conversation(id) {
		let found = false;
		await this.replay.fetch(
			() => this.#api.conversation(id),
			(latest) => {
				found = latest !== null;
				if (latest) this.add({ type: "latest", conversations: [latest] });
				else this.add({ type: "missing", conversation: id });
			},
		);
		return found;
	}

	/**
	 * A page of the list.
	 * @param {() => string | null} next
	 * @param {(page: { conversations: Latest[], next: string | null }, grown: boolean) => void} use `grown`: some of it is new
	 */
	list(next, use) {
		return this.replay.fetch(
			() => this.#api.conversations(next()),
			(page) => {
				const before = this.#local().state.conversations.size;
				this.add({ type: "latest", conversations: page.conversations });
				use(page, this.#local().state.conversations.size > before);
			},
		);
	}

	/**
	 * Pages of messages.
	 * @param {number} id
	 * @param {import("./page_loader.js").Wanted[]} wanted
	 * @param {(pages: import("../model/window.js").Window[]) => void} use
	 */
	pages(id, wanted, use) {
		return this.replay.fetch(
			() => Promise.all(wanted.map((page) => this.#api.page(id, page))),
			(pages) => use(pages.map(({ messages, first, last }) => ({ first, last, items: messages }))),
		);
	}

	/** @param {import("../model/state.js").LocalChange} change */
	add(change) {
		this.#local().add(change);
	}
}
