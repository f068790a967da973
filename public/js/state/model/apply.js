// Changes to the local state, as plain data. `apply` is pure: no signals, no requests, no storage. Every event is a change:
// from the server, a response to a request, or what the user does on this page.
import {
	addPage,
	fresh,
	hide,
	isGuessed,
	limit,
	mergeLatest,
	mergeState,
	move,
	patch,
	readTo,
	rest,
	take,
	unreadUncertain,
} from "./conversation.js";
import { guessed } from "./defaults.js";

/**
 * @typedef {import("../../protocol/types.js").Message} Message
 * @typedef {import("../../protocol/types.js").MeState} MeState
 * @typedef {import("../../protocol/types.js").ConversationState} ConversationState
 * @typedef {import("../../protocol/types.js").Change} ServerChange
 * @typedef {import("./conversation.js").ConversationData} ConversationData
 * @typedef {import("./state.js").State} State
 * @typedef {import("./state.js").LocalChange} LocalChange
 * @typedef {import("./state.js").Change} Change
 * @typedef {import("./state.js").Outcome} Outcome
 */

/** @param {State} state @param {Change} change */
export const apply = (state, change) => applyAll(state, [change]);

/**
 * The same for several, in their order.
 * @param {State} state
 * @param {readonly Change[]} changes
 * @returns {Outcome}
 */
export function applyAll(state, changes) {
	const draft = new Draft(state);
	for (const change of changes) draft.change(change);
	return draft.outcome();
}

/** A mutable copy while changes are applied. */
class Draft {
	#before;
	#user;
	#me;
	#conversations;
	#open;
	#unknown;
	#notLoaded;
	/** @type {Set<number>} */
	#changed = new Set();
	/** @type {Message[]} */
	#news = [];
	/** @type {Message[]} */
	#mine = [];
	/** @type {ServerChange[]} */
	#replay = [];

	/** @param {State} state */
	constructor(state) {
		this.#before = state;
		this.#user = state.user;
		this.#me = state.me;
		this.#open = state.open;
		this.#conversations = new Map(state.conversations);
		this.#unknown = new Set(state.unknown);
		this.#notLoaded = new Map(state.notLoaded);
	}

	/** @returns {Outcome} */
	outcome() {
		for (const id of this.#changed) {
			const data = this.#conversations.get(id);
			if (data && unreadUncertain(data, this.#user)) this.#unknown.add(id);
		}
		return {
			state: {
				...this.#before,
				me: this.#me,
				open: this.#open,
				conversations: this.#conversations,
				unknown: this.#unknown,
				notLoaded: this.#notLoaded,
			},
			changed: this.#changed,
			news: this.#news,
			mine: this.#mine,
			replay: this.#replay,
		};
	}

	/** @param {Change} change */
	change(change) {
		switch (change.type) {
			case "message":
				return this.#message(change);
			case "answer":
				return this.#answer(change.message);
			case "hidden":
				return this.#hidden(change);
			case "position":
				return this.#position(change);
			case "conversation":
				return this.#conversation(change);
			case "limited":
				return this.#limited(change);
			case "me":
				return this.#setMe(change.me);
			case "profile":
				return this.#profile(change.profile);
			default:
				return this.#local(change);
		}
	}

	/** @param {Exclude<LocalChange, { type: "answer" }>} change */
	#local(change) {
		switch (change.type) {
			case "snapshot":
				return this.#snapshot(change.snapshot);
			case "kept":
				return this.#kept(change);
			case "latest":
				for (const latest of change.conversations) this.#latest(latest);
				return;
			case "settings":
				return this.#settings(change.conversation);
			case "page":
				return this.#update(change.conversation, (data) => addPage(data, change.page, change.how));
			case "open":
				return this.#setOpen(change.conversation);
			case "seen":
				return this.#update(change.conversation, (data) => readTo(data, change.seq));
			case "missing":
				if (this.#conversations.delete(change.conversation)) this.#changed.add(change.conversation);
				return;
			case "unknown":
				for (const id of change.conversations) this.#unknown.add(id);
				return;
			case "asked":
				this.#unknown.clear();
				this.#notLoaded.clear();
		}
	}

	/**
	 * @param {number} id
	 * @param {(data: ConversationData) => ConversationData} change
	 */
	#update(id, change) {
		const data = this.#conversations.get(id);
		if (data) this.#put(id, change(data));
	}

	/** @param {number} id @param {ConversationData} data */
	#put(id, data) {
		if (this.#conversations.get(id) === data) return;
		this.#conversations.set(id, data);
		this.#changed.add(id);
	}

	/** @param {number} id */
	#context(id) {
		return { me: this.#user, open: this.#open === id };
	}

	/** @param {Extract<ServerChange, { type: "message" }>} change */
	#message(change) {
		const { message, revision } = change;
		const { conversation: id, seq, user } = message;
		this.#replay.push(change);
		const known = this.#conversations.get(id);
		if (!known && message.id !== revision) return;
		const data = known ?? this.#startWith(message);
		const isNews = message.id === revision && seq >= data.newsFrom;
		const newsFrom = Math.max(data.newsFrom, isNews ? seq + 1 : 0);
		this.#put(id, take({ ...data, newsFrom }, message, this.#context(id)));
		if (user === this.#user) this.#mine.push(message);
		else if (isNews) this.#news.push(message);
	}

	/** It becomes news when the server reports it in order; earlier changes may not have arrived yet. @param {Message} message */
	#answer(message) {
		const { conversation: id, revision, seq } = message;
		this.#replay.push({ type: "message", revision, message });
		const data = this.#conversations.get(id) ?? this.#startWith(message);
		const uncertain = data.uncertain || seq > data.state.last_seq + 1;
		this.#put(id, take({ ...data, uncertain }, message, this.#context(id)));
	}

	/** A new conversation with its first message: its state was just reported, or is a default. @param {Message} message */
	#startWith(message) {
		const { conversation: id, user, recipient, seq } = message;
		const reported = this.#notLoaded.get(id);
		this.#notLoaded.delete(id);
		if (!reported) this.#unknown.add(id);
		const other = (user === this.#user ? recipient : user) ?? "";
		return { ...fresh(reported ?? guessed(message, other, this.#user)), newsFrom: seq };
	}

	/** @param {Extract<ServerChange, { type: "hidden" }>} change */
	#hidden(change) {
		const { conversation: id, message } = change;
		this.#replay.push(change);
		const data = this.#conversations.get(id);
		if (!data) return;
		// It was sent and hidden while this page was offline: nothing else reports its seq.
		if (message > data.rank) this.#unknown.add(id);
		this.#put(id, hide(data, message));
	}

	/** @param {Extract<ServerChange, { type: "position" }>} change */
	#position(change) {
		const { conversation: id, position, revision } = change;
		if (!this.#conversations.has(id)) this.#replay.push(change);
		this.#update(id, (data) => move(data, position, revision, this.#user));
	}

	/** @param {Extract<ServerChange, { type: "conversation" }>} change */
	#conversation(change) {
		const { conversation } = change;
		const { id } = conversation;
		const data = this.#conversations.get(id);
		if (data) return this.#put(id, mergeState(data, conversation));
		// A later load gets its state at that time.
		this.#replay.push(change);
		this.#notLoaded.set(id, conversation);
		if (conversation.pinned) this.#unknown.add(id);
	}

	/** Always applied, whatever its revision. @param {Extract<ServerChange, { type: "limited" }>} change */
	#limited({ conversation, first }) {
		const { id } = conversation;
		const data = this.#conversations.get(id) ?? { ...fresh(conversation), newsFrom: first };
		this.#notLoaded.delete(id);
		this.#put(id, limit(data, conversation, first));
	}

	/** @param {MeState} me */
	#setMe(me) {
		if (me.revision < this.#me.revision) return;
		this.#me = me;
		const blocked = new Set(me.blocked);
		for (const [id, data] of this.#conversations) {
			const block = blocked.has(data.state.with ?? "");
			if (data.state.blocked !== block) this.#put(id, patch(data, { blocked: block }));
		}
	}

	/** @param {import("../../protocol/types.js").Profile} profile */
	#profile({ user, display_name: name, about, avatar, deleted }) {
		for (const [id, data] of this.#conversations) {
			if (data.state.with === user) this.#put(id, patch(data, { name, about, avatar, deleted }));
		}
	}

	/** Replaces everything: what was known may be of a lost history. @param {import("../../protocol/types.js").Snapshot} snapshot */
	#snapshot({ me, conversations }) {
		for (const id of this.#conversations.keys()) this.#changed.add(id);
		this.#conversations.clear();
		this.#unknown.clear();
		this.#notLoaded.clear();
		this.#me = me;
		for (const latest of conversations) this.#latest(latest);
	}

	/** @param {Extract<LocalChange, { type: "kept" }>} kept */
	#kept({ conversations, me }) {
		this.#me = me;
		for (const data of conversations) {
			this.#put(data.state.id, data);
			if (isGuessed(data)) this.#unknown.add(data.state.id);
		}
	}

	/** @param {import("../../protocol/types.js").Latest} latest */
	#latest(latest) {
		const { last_message: _, place: __, ...state } = latest;
		const data = this.#conversations.get(state.id) ?? fresh(state);
		this.#put(state.id, mergeLatest(data, latest, this.#context(state.id)));
	}

	/** @param {ConversationState} state */
	#settings(state) {
		this.#put(state.id, mergeState(this.#conversations.get(state.id) ?? fresh(state), state));
	}

	/** @param {number | null} id */
	#setOpen(id) {
		const before = this.#open;
		this.#open = id;
		if (before !== null && before !== id) this.#update(before, (data) => rest(data, this.#user));
	}
}
