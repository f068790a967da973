// The page's local state, and the signals that show it. Every change goes through `apply`; the signals are set from its
// outcome. Knows no sockets.
import { batch, computed, signal } from "../../../vendor/signals-core.js";
import { applyAll } from "../model/apply.js";
import { nothingYet } from "../model/state.js";
import { Conversation } from "./conversation.js";

/**
 * @typedef {import("../types.js").Message} Message
 * @typedef {import("../model/state.js").Change} Change
 * @typedef {import("../../protocol/types.js").Cursor} Cursor
 */

export class LocalState {
	#state;
	#loader;
	#replay;
	#onMoved;
	#onMine;
	#onChange;
	#dirty;
	/** @type {Map<number, Conversation>} */
	#byId = new Map();
	/** @type {Map<string, Conversation>} */
	#byName = new Map();
	/** Incremented when a conversation is added or removed. */
	#count = signal(0);
	/** @type {() => void} */
	#known = () => {};

	/** Resolves when there is a state. @type {Promise<void>} */
	begun = new Promise((resolve) => {
		this.#known = resolve;
	});
	/** Incremented at every resync, and when the server continues after a restart. */
	era = 0;
	me;
	/** Conversations with a known state, newest first. */
	conversations = computed(() => {
		this.#count.value;
		const known = [...this.#byId.values()].filter(({ state }) => state.value !== null);
		return known.sort((one, other) => other.rank.value - one.rank.value);
	});

	/**
	 * @param {{
	 *   me: string,
	 *   dirty: import("../persistence/dirty_set.js").DirtySet,
	 *   loader: (conversation: Conversation) => import("../sync/page_loader.js").PageLoader,
	 *   replay: import("../sync/inflight_replay.js").InflightReplay,
	 *   onMoved: (conversation: Conversation, from: string) => void,
	 *   onMine: (message: Message) => void,
	 *   onChange: () => void,
	 * }} parts `onMoved`: a conversation has another key now; `onMine`: the server reported an own message; `onChange`:
	 *   there is something to store.
	 */
	constructor({ me, dirty, loader, replay, onMoved, onMine, onChange }) {
		this.#state = nothingYet(me);
		this.#dirty = dirty;
		this.#loader = loader;
		this.#replay = replay;
		this.#onMoved = onMoved;
		this.#onMine = onMine;
		this.#onChange = onChange;
		this.me = signal(this.#state.me);
	}

	/** The state as plain data. */
	get state() {
		return this.#state;
	}

	/** Everything up to here is known; null while nothing is. */
	get cursor() {
		return this.#state.cursor;
	}

	/** @param {number} id */
	conversation(id) {
		return this.#byId.get(id) ?? this.#made({ id, name: "" });
	}

	/** The conversation with a person, whether it exists on the server or not. @param {string} name */
	person(name) {
		return this.#byName.get(name) ?? this.#made({ id: null, name });
	}

	/** @param {{ id: number | null, name: string }} who */
	#made(who) {
		const made = new Conversation(who, this.#state.user, this.#loader);
		if (who.id !== null) this.#byId.set(who.id, made);
		if (who.name) this.#byName.set(who.name, made);
		return made;
	}

	/**
	 * Applies changes that arrived in order: everything up to `cursor` is known now.
	 * @param {readonly Change[]} changes
	 * @param {Cursor} cursor
	 * @returns {Message[]} new messages from others
	 */
	apply(changes, cursor) {
		const known = this.cursor;
		if (known?.epoch !== cursor.epoch) this.era += 1;
		const behind = known?.epoch === cursor.epoch && known.revision > cursor.revision;
		const outcome = this.#apply(changes, behind ? known : cursor);
		this.#replay.note(outcome.replay);
		this.#onChange();
		return outcome.news;
	}

	/** Applies changes out of that order: responses, and what the user does here. @param {Change[]} changes */
	add(...changes) {
		this.#replay.note(this.#apply(changes, this.cursor).replay);
		this.#onChange();
	}

	/** Reapplies changes on top of a response that may be older. @param {Change[]} changes */
	again(changes) {
		this.#apply(changes, this.cursor);
	}

	/** Resync: replaces the state with a snapshot. @param {import("../../protocol/types.js").Snapshot} snapshot */
	replace(snapshot) {
		this.era += 1;
		const { epoch, revision } = snapshot;
		this.#dirty.addAll();
		batch(() => {
			// The id of a conversation that is not in the snapshot may belong to another one now.
			const listed = new Set(snapshot.conversations.map(({ id }) => id));
			for (const conversation of this.#byId.values()) {
				const { id, name } = conversation;
				if (name && !listed.has(id ?? 0)) this.#identify(conversation, null);
			}
			this.#apply([{ type: "snapshot", snapshot }], { epoch, revision });
		});
		this.#known();
		this.#onChange();
	}

	/** Restores the state stored at the last visit. @param {import("../persistence/snapshot.js").KeptState} kept */
	restore({ cursor, me, conversations }) {
		this.#apply([{ type: "kept", me, conversations }], cursor);
		this.#known();
	}

	/** Returns and clears the conversations whose state must be requested. */
	takeUnknown() {
		const { unknown, notLoaded } = this.#state;
		if (unknown.size > 0 || notLoaded.size > 0) this.#apply([{ type: "asked" }], this.cursor);
		return { unknown, notLoaded };
	}

	/**
	 * @param {readonly Change[]} changes
	 * @param {Cursor | null} cursor
	 */
	#apply(changes, cursor) {
		const outcome = applyAll(this.#state, changes);
		this.#state = { ...outcome.state, cursor };
		batch(() => {
			this.me.value = this.#state.me;
			for (const id of outcome.changed) this.#show(id);
			for (const message of outcome.mine) this.#onMine(message);
			for (const { conversation } of outcome.news)
				this.conversation(conversation).typing.value = false;
		});
		return outcome;
	}

	/** @param {number} id */
	#show(id) {
		this.#dirty.add(id);
		const data = this.#state.conversations.get(id) ?? null;
		const conversation = data ? this.#linked(id, data) : this.#byId.get(id);
		if (!conversation) return;
		if ((conversation.data === null) !== (data === null)) this.#count.value += 1;
		conversation.show(data);
	}

	/**
	 * The conversation with this id, which may have been known only by the other person's name.
	 * @param {number} id
	 * @param {import("../model/conversation.js").ConversationData} data
	 */
	#linked(id, data) {
		const name = data.state.with ?? "";
		const numbered = this.#byId.get(id);
		if (numbered?.name && numbered.name !== name) this.#identify(numbered, null);
		const known = this.#byId.get(id);
		const person = name ? this.#byName.get(name) : undefined;
		if (!known && !person) {
			const made = this.#made({ id, name });
			if (name) this.#onMoved(made, `p/${name}`);
			return made;
		}
		if (!known) {
			this.#identify(/** @type {Conversation} */ (person), id);
			return /** @type {Conversation} */ (person);
		}
		if (name && known !== person) {
			this.#byName.set(name, known);
			known.show(data);
			this.#onMoved(known, `p/${name}`);
		}
		return known;
	}

	/** @param {Conversation} conversation @param {number | null} id */
	#identify(conversation, id) {
		const { id: before, key } = conversation;
		if (before === id) return;
		if (before !== null) this.#byId.delete(before);
		if (id === null) conversation.show(null);
		else this.#byId.set(id, conversation);
		conversation.identify(id);
		this.#count.value += 1;
		this.#onMoved(conversation, key);
	}
}
