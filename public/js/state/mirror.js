// What this page knows of the server's state, and up to which change. Applies what is told, by whatever way it came, and
// finds out what that leaves open. Knows no sockets.
import { batch, signal } from "../../vendor/signals-core.js";
import { nobodyYet } from "./blank.js";
import { Conversation } from "./conversation.js";
import { Directory } from "./directory.js";
import { restore } from "./kept.js";
import { List } from "./list.js";
import { Meanwhile } from "./meanwhile.js";
import { OpenQuestions } from "./open_questions.js";
import { Touched } from "./touched.js";

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
	#directory = new Directory((name) => this.#make(name));
	/** What changes leave open. */
	#open = new OpenQuestions({
		ask: (name) => this.#ask(name),
		list: () => this.list,
		loaded: () => this.#directory.all,
	});
	/** Rises with every new beginning, and when the server goes on after a restart. */
	#era = 0;
	/** Changes of conversations that are asked for. */
	#meanwhile = new Meanwhile(() => this.#era);
	/** @type {() => void} */
	#known = () => {};
	/** Something is known. @type {Promise<void>} */
	#begun = new Promise((resolve) => {
		this.#known = resolve;
	});

	/** Everything up to here is known; null before anything is. @type {Cursor | null} */
	cursor = null;
	me;
	touched;
	list = new List({
		ask: (next, use) => this.#fetch(() => this.#api.conversations(next()), use),
		take: (conversations) => this.#take(conversations),
	});
	conversations = this.#directory.listed;

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
		this.touched = new Touched(onChange);
		this.me = signal(nobodyYet(me));
	}

	/** @param {string} name */
	conversation(name) {
		return this.#directory.named(name);
	}

	/** @param {string} name */
	#make(name) {
		const made = new Conversation(name, this.#user, {
			page: (wanted) => this.#api.page(name, wanted),
			state: async () => {
				await this.#begun;
				if (made.state.peek() === null && this.list.more.peek()) await this.#ask(name);
			},
			changed: () => this.touched.alone(name),
			era: () => this.#era,
			pageSize: this.#pageSize,
		});
		return made;
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
			if (known?.epoch !== cursor.epoch) this.#era += 1;
			const behind = known?.epoch === cursor.epoch && known.revision > cursor.revision;
			if (!behind) this.cursor = cursor;
		});
		this.touched.tell();
		return news;
	}

	/**
	 * Begins anew.
	 * @param {import("../protocol/types.js").Snapshot} snapshot
	 */
	replace({ me, epoch, revision, conversations, more }) {
		batch(() => {
			this.#era += 1;
			for (const conversation of this.#directory.all) conversation.reset();
			this.#directory.forgetNumbers();
			this.#open.clear();
			this.touched.begin();
			this.me.value = me;
			this.#take(conversations);
			this.list.begun(more);
			this.cursor = { epoch, revision };
		});
		this.#known();
		for (const one of this.#directory.all) if (one.watched) one.load();
		this.touched.tell();
	}

	/** @param {KeptState} kept */
	restore({ cursor, me, more, conversations }) {
		batch(() => {
			this.cursor = cursor;
			this.me.value = me;
			for (const kept of conversations) {
				const conversation = this.#directory.number(kept.name, kept.state.id);
				restore(conversation, kept);
				if (conversation.guessed) this.#open.wonder(kept.name);
			}
			this.list.begun(more);
		});
		this.#known();
	}

	/** Asks for what the changes so far left open. One has caught up, so nothing else will tell. */
	settle() {
		return this.#open.settle();
	}

	/**
	 * Something is done at the server. After a new beginning the answer says nothing: what came of it is told.
	 * @template T
	 * @param {Promise<T>} asked
	 * @param {(answer: T) => void} use
	 */
	async done(asked, use) {
		const [era, answer] = [this.#era, await asked];
		if (era === this.#era) use(answer);
	}

	/**
	 * I have deleted a message for myself.
	 * @param {Conversation} conversation
	 * @param {number} id
	 */
	hide(conversation, id) {
		this.#meanwhile.note(() => this.hide(conversation, id));
		// It came and went while one was away: nothing else tells of its place.
		if (id > conversation.rank.peek()) this.#open.wonder(conversation.name);
		conversation.hide(id);
	}

	/** @param {ConversationState} state */
	settled(state) {
		const conversation = this.#directory.number(state.with, state.id);
		conversation.settle(state);
		this.touched.alone(conversation.name);
	}

	/** @param {MeState} me */
	setMe(me) {
		if (me.revision < this.me.peek().revision) return;
		batch(() => {
			this.me.value = me;
			const blocked = new Set(me.blocked);
			for (const conversation of this.#directory.all) {
				const state = conversation.state.peek();
				const block = blocked.has(conversation.name);
				if (state && state.blocked !== block) conversation.patch({ blocked: block });
			}
		});
		this.touched.tell();
	}

	/** @param {string} name */
	#ask(name) {
		const asking = () => this.#api.conversation(name);
		return this.#fetch(asking, (latest) => {
			if (latest) this.#take([latest]);
		});
	}

	/**
	 * @template T
	 * @param {() => Promise<T>} ask
	 * @param {(answer: T) => void} use
	 */
	async #fetch(ask, use) {
		await this.#meanwhile.fetch(ask, use);
		this.touched.tell();
	}

	/**
	 * @param {Latest[]} conversations
	 * @returns {boolean} whether any was not known before
	 */
	#take(conversations) {
		const known = this.#directory.size;
		for (const latest of conversations) {
			const conversation = this.#directory.number(latest.with, latest.id);
			conversation.settleLatest(latest);
			this.touched.add(conversation.name);
		}
		return this.#directory.size > known;
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
		this.#directory.known(user)?.patch({ name, about, avatar, deleted });
		this.touched.add(user);
	}

	/** @param {Extract<Change, { type: "conversation" | "position" | "hidden" }>} change */
	#conversation(change) {
		const id = change.type === "conversation" ? change.conversation.id : change.conversation;
		const conversation = this.#directory.numbered(id);
		if (!conversation) return this.#stranger(change);
		if (change.type === "conversation") conversation.settle(change.conversation);
		else if (change.type === "position") conversation.move(change.position, change.revision);
		else this.hide(conversation, change.message);
		this.touched.add(conversation.name);
	}

	/**
	 * @param {Extract<Change, { type: "message" }>} change
	 * @returns {Message | null}
	 */
	#message(change) {
		const { message, revision } = change;
		const name = message.user === this.#user ? message.recipient : message.user;
		const known = this.#directory.numbered(message.conversation);
		const isNew = message.id === revision && message.seq > (known?.state.peek()?.last_seq ?? 0);
		if (!known && message.id !== revision) {
			this.#stranger(change);
			return null;
		}
		const conversation = known ?? this.#begin(message, name);
		conversation.take(message);
		if (message.user === this.#user) this.#onMine(message);
		if (message.user === name) conversation.typing.value = false;
		this.touched.add(conversation.name);
		return isNew && message.user !== this.#user ? message : null;
	}

	/** @param {Message} message @param {string} name */
	#begin(message, name) {
		const conversation = this.#directory.number(name, message.conversation);
		this.#open.begin(conversation, message, this.#user);
		return conversation;
	}

	/** A conversation that is not loaded changed: whoever loads it gets its state of then. @param {Change} change */
	#stranger(change) {
		this.#meanwhile.note(() => this.#change(change));
		if (change.type === "conversation") this.#open.met(change.conversation);
	}
}
