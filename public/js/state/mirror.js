// What this page knows of the server's state, and up to which change. Applies what is told, by whatever way it came, and
// finds out what that leaves open. Knows no sockets.
import { batch, computed, signal } from "../../vendor/signals-core.js";
import { begun, nobodyYet } from "./blank.js";
import { Conversation } from "./conversation.js";
import { restore } from "./kept.js";
import { List } from "./list.js";
import { Meanwhile } from "./meanwhile.js";
import { OpenQuestions } from "./open_questions.js";

/**
 * @typedef {import("../protocol/types.js").Message} Message
 * @typedef {import("../protocol/types.js").Change} Change
 * @typedef {import("../protocol/types.js").Cursor} Cursor
 * @typedef {import("../protocol/types.js").MeState} MeState
 * @typedef {import("../protocol/types.js").Latest} Latest
 * @typedef {import("../protocol/types.js").ConversationState} ConversationState
 * @typedef {{ cursor: Cursor, me: MeState, more: boolean, conversations: import("./kept.js").Kept[] }} KeptState
 */

export class Mirror {
	#user;
	#api;
	#pageSize;
	#onMine;
	#onChange;
	/** @type {import("./types.js").Signal<Map<string, Conversation>>} */
	#all = signal(new Map());
	/** @type {Map<number, Conversation>} */
	#byId = new Map();
	/** What changes leave open. */
	#open = new OpenQuestions({
		ask: (name) => this.#ask(name),
		list: () => this.list,
	});
	/** Changes of conversations that are asked for. */
	#meanwhile = new Meanwhile();
	/** Names of conversations that changed since somebody asked. @type {Set<string>} */
	#touched = new Set();
	/** What was known before is of another history. */
	#anew = false;
	/** @type {() => void} */
	#known = () => {};
	/** Something is known. @type {Promise<void>} */
	#begun = new Promise((resolve) => {
		this.#known = resolve;
	});

	/** Everything up to here is known; null before anything is. @type {Cursor | null} */
	cursor = null;
	me;
	list = new List({
		ask: (next, use) => this.#fetch(this.#api.conversations(next), use),
		take: (conversations) => this.#take(conversations),
	});
	conversations = computed(() =>
		[...this.#all.value.values()]
			.filter(({ state }) => state.value !== null)
			.sort((one, other) => other.rank.value - one.rank.value),
	);

	/**
	 * @param {{
	 *   me: string,
	 *   api: import("../protocol/api.js").Api,
	 *   pageSize: number,
	 *   onMine: (message: Message) => void,
	 *   onChange: () => void,
	 * }} parts `onMine`: a message of mine was taken in; `onChange`: there is something to keep.
	 */
	constructor({ me, api, pageSize, onMine, onChange }) {
		this.#user = me;
		this.#api = api;
		this.#pageSize = pageSize;
		this.#onMine = onMine;
		this.#onChange = onChange;
		this.me = signal(nobodyYet(me));
	}

	/** @param {string} name */
	conversation(name) {
		const known = this.#all.peek().get(name);
		if (known) return known;
		const made = new Conversation(name, this.#user, {
			page: (wanted) => this.#api.page(name, wanted),
			state: async () => {
				await this.#begun;
				const listed = made.state.peek() !== null || !this.list.more.peek();
				if (!listed) await this.#ask(name);
			},
			changed: () => {
				this.#touched.add(name);
				this.#onChange();
			},
			pageSize: this.#pageSize,
		});
		this.#all.value = new Map(this.#all.peek()).set(name, made);
		return made;
	}

	/** What changed since this was asked the last time: conversations by name, or `anew` all there is. */
	takeTouched() {
		const touched = { anew: this.#anew, names: [...this.#touched] };
		this.#anew = false;
		this.#touched.clear();
		return touched;
	}

	/**
	 * Applies changes in their order.
	 * @param {Change[]} changes
	 * @param {Cursor} cursor what is known then
	 * @returns {Message[]} new messages from others
	 */
	apply(changes, cursor) {
		/** @type {Message[]} */
		const news = [];
		batch(() => {
			for (const change of changes) {
				const message = this.#change(change);
				if (message) news.push(message);
			}
			const known = this.cursor;
			const behind = known?.epoch === cursor.epoch && known.revision > cursor.revision;
			if (!behind) this.cursor = cursor;
		});
		this.#onChange();
		return news;
	}

	/**
	 * Begins anew.
	 * @param {import("../protocol/types.js").Snapshot} snapshot
	 */
	replace({ me, epoch, revision, conversations, more }) {
		batch(() => {
			for (const conversation of this.#all.peek().values()) conversation.reset();
			this.#byId.clear();
			this.#open.clear();
			this.#anew = true;
			this.me.value = me;
			this.#take(conversations);
			this.list.begun(more);
			this.cursor = { epoch, revision };
		});
		this.#known();
		for (const one of this.#all.peek().values()) if (one.watched) one.load();
		this.#onChange();
	}

	/** @param {KeptState} kept */
	restore({ cursor, me, more, conversations }) {
		batch(() => {
			this.cursor = cursor;
			this.me.value = me;
			for (const kept of conversations) {
				const conversation = this.conversation(kept.name);
				restore(conversation, kept);
				this.#byId.set(kept.state.id, conversation);
				if (conversation.guessed) this.#open.wonder(kept.name);
			}
			this.list.begun(more);
		});
		this.#known();
	}

	/** Asks for what the changes so far left open. One has caught up, so nothing else will tell. */
	settle() {
		return this.#open.settle(this.#all.peek().values());
	}

	/** @param {ConversationState} state */
	settled(state) {
		const conversation = this.conversation(state.with);
		this.#byId.set(state.id, conversation);
		conversation.settle(state);
		this.#touched.add(conversation.name);
		this.#onChange();
	}

	/** @param {MeState} me */
	setMe(me) {
		if (me.revision < this.me.peek().revision) return;
		batch(() => {
			this.me.value = me;
			const blocked = new Set(me.blocked);
			for (const conversation of this.#all.peek().values()) {
				const state = conversation.state.peek();
				const block = blocked.has(conversation.name);
				if (state && state.blocked !== block) conversation.patch({ blocked: block });
			}
		});
		this.#onChange();
	}

	/** @param {string} name */
	#ask(name) {
		return this.#fetch(this.#api.conversation(name), (latest) => {
			if (latest) this.#take([latest]);
		});
	}

	/**
	 * @template T
	 * @param {Promise<T>} asked
	 * @param {(answer: T) => void} use
	 */
	async #fetch(asked, use) {
		await this.#meanwhile.fetch(asked, use);
		this.#onChange();
	}

	/**
	 * @param {Latest[]} conversations
	 * @returns {boolean} whether any was not known before
	 */
	#take(conversations) {
		const known = this.#byId.size;
		for (const latest of conversations) {
			const conversation = this.conversation(latest.with);
			this.#byId.set(latest.id, conversation);
			conversation.settleLatest(latest);
			this.#touched.add(conversation.name);
		}
		return this.#byId.size > known;
	}

	/**
	 * @param {Change} change
	 * @returns {Message | null} a new message from someone else
	 */
	#change(change) {
		if (change.type === "message") return this.#message(change);
		if (change.type === "me") this.setMe(change.me);
		else if (change.type === "profile") this.#profile(change.profile);
		else this.#conversation(change);
		return null;
	}

	/** @param {import("../protocol/types.js").Profile} profile */
	#profile({ user, display_name: name, about, avatar, deleted }) {
		const conversation = this.#all.peek().get(user);
		if (!conversation) return;
		conversation.patch({ name, about, avatar, deleted });
		this.#touched.add(conversation.name);
	}

	/** @param {Extract<Change, { type: "conversation" | "position" | "hidden" }>} change */
	#conversation(change) {
		const id = change.type === "conversation" ? change.conversation.id : change.conversation;
		const conversation = this.#byId.get(id);
		if (!conversation) return this.#stranger(change);
		if (change.type === "conversation") conversation.settle(change.conversation);
		else if (change.type === "position") conversation.move(change.position, change.revision);
		else {
			// It came and went while one was away: nothing else tells of its place.
			if (change.message > conversation.rank.peek()) this.#open.wonder(conversation.name);
			conversation.hide(change.message);
		}
		this.#touched.add(conversation.name);
	}

	/**
	 * @param {Extract<Change, { type: "message" }>} change
	 * @returns {Message | null}
	 */
	#message(change) {
		const { message, revision } = change;
		const name = message.user === this.#user ? message.recipient : message.user;
		const known = this.#byId.get(message.conversation);
		const isNew = message.id === revision && message.seq > (known?.state.peek()?.last_seq ?? 0);
		if (!known && message.id !== revision) {
			this.#stranger(change);
			return null;
		}
		const conversation = known ?? this.#begin(message, name);
		conversation.take(message);
		if (message.user === this.#user) this.#onMine(message);
		if (message.user === name) conversation.typing.value = false;
		this.#touched.add(conversation.name);
		return isNew && message.user !== this.#user ? message : null;
	}

	/** @param {Message} message @param {string} name */
	#begin(message, name) {
		const conversation = this.conversation(name);
		this.#byId.set(message.conversation, conversation);
		const told = this.#open.known(message.conversation);
		conversation.settle(told ?? begun(message, name, this.#user));
		if (!told) this.#open.wonder(name);
		return conversation;
	}

	/** A conversation that is not loaded changed: whoever loads it gets its state of then. @param {Change} change */
	#stranger(change) {
		this.#meanwhile.note(() => this.#change(change));
		if (change.type === "conversation") this.#open.met(change.conversation);
	}
}
