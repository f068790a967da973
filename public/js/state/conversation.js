// One conversation: who it is with, how far each has come, and a stretch of what was said.
// Takes what the server tells in any order; older states never replace newer ones.
import { batch, computed, signal } from "../../vendor/signals-core.js";
import { GUESS } from "./blank.js";
import { Loader } from "./loader.js";
import { grown, joined, moved, positionOf } from "./positions.js";
import { countAfter, isEmpty, join, NOTHING, newest, only, renewed, without } from "./window.js";

/**
 * @typedef {import("../protocol/types.js").Message} Message
 * @typedef {import("../protocol/types.js").ConversationState} ConversationState
 * @typedef {import("../protocol/types.js").Latest} Latest
 * @typedef {import("./window.js").Window} Window
 */

/** @template T @typedef {import("./types.js").Signal<T>} Signal */

/** Messages held of a conversation that nobody looks at: at most the first number, then cut to the second. */
const MOST_HELD = 200;
const HELD = 60;

export class Conversation {
	#me;
	/** @type {Signal<Window>} */
	#window = signal(NOTHING);
	/** Up to where this page has read, which the server may not know yet. */
	#readHere = signal(0);
	/** Messages after a hole, by place. @type {Map<number, Message>} */
	#ahead = new Map();
	#loader;
	/** What the list of people tells of someone with whom nothing was said. @type {Signal<import("../protocol/types.js").Person | null>} */
	#met = signal(null);

	/** @type {Signal<ConversationState | null>} */
	state = signal(null);
	/** The newest message to be seen. @type {Signal<Message | null>} */
	last = signal(null);
	/** Whether the stretch is to grow with new messages; after a jump into the past it is not. */
	following = signal(true);
	/** @type {Signal<import("../protocol/types.js").Presence | null>} */
	presence = signal(null);
	typing = signal(false);
	/** Conversations are in the order of this, which is the newest message's id. */
	rank = signal(0);
	/** Somebody looks at it. */
	watched = false;
	/** Something happened that may have changed how many messages are unread. */
	#uncertain = false;

	/** The other one as far as known. */
	person = computed(() => {
		const state = this.state.value;
		return state && state.revision !== GUESS ? state : this.#met.value;
	});
	title = computed(() => this.person.value?.name || this.name);
	picture = computed(() => this.person.value?.avatar ?? null);
	messages = computed(() => this.#window.value.items);
	hasOlder = computed(() => this.#window.value.first > 1);
	hasNewer = computed(() => !this.following.value);
	readUpTo = computed(() => Math.max(this.#position(this.#me).read, this.#readHere.value));
	otherRead = computed(() => this.#position(this.name).read);
	otherDelivered = computed(() => this.#position(this.name).delivered);
	unread = computed(() => {
		const state = this.state.value;
		if (!state || this.name === this.#me) return 0;
		const counted = countAfter(this.#window.value, this.readUpTo.value, state.last_seq, this.#me);
		return counted ?? state.unread;
	});

	/** @param {string} name the other one's @param {string} me @param {import("./loader.js").Ask} ask */
	constructor(name, me, ask) {
		this.name = name;
		this.#me = me;
		this.#loader = new Loader(this, ask);
		this.loading = this.#loader.loading;
		this.older = this.#loader.older;
		this.newer = this.#loader.newer;
	}

	/** @param {string} user */
	#position(user) {
		return positionOf(this.state.value?.positions, user);
	}

	/** The place of the newest message. */
	get #end() {
		return this.state.peek()?.last_seq ?? 0;
	}

	get window() {
		return this.#window.peek();
	}

	/** Up to where a client of mine has said to have everything. */
	get delivered() {
		return this.#position(this.#me).delivered;
	}

	/** Up to where I have read and the server does not know it; 0 when it does. */
	get owed() {
		const here = this.#readHere.peek();
		return here > this.#position(this.#me).read ? here : 0;
	}

	/** Whether the number of unread messages must be asked for: what changed it happened outside the stretch. */
	get doubtful() {
		const counted = countAfter(this.window, this.readUpTo.peek(), this.#end, this.#me);
		return this.#uncertain && counted === null;
	}

	/** Whether messages are missing between those shown and the newest. */
	get hasHole() {
		return this.watched && this.following.peek() && this.window.last < this.#end;
	}

	load() {
		return this.#loader.load();
	}

	loadOlder() {
		return this.#loader.loadOlder();
	}

	loadNewer() {
		return this.#loader.loadNewer();
	}

	/** @param {number} seq */
	loadAround(seq) {
		return this.#loader.loadAround(seq);
	}

	/** Fetches what is missing up to the newest message. */
	fill() {
		return this.#loader.fill();
	}

	/** @param {import("../protocol/types.js").Person} person */
	meet(person) {
		this.#met.value = person;
	}

	/** @param {number} rank */
	raise(rank) {
		this.rank.value = Math.max(this.rank.peek(), rank);
	}

	/** Not all of its state was ever told. */
	get guessed() {
		return this.state.peek()?.revision === GUESS;
	}

	/** @param {ConversationState} told */
	settle(told) {
		const known = this.state.peek();
		if (known && told.revision < known.revision) return;
		// Who has come further since the answer was given was told of a guess as well.
		const next = known && this.guessed ? { ...told, positions: joined(told, known) } : told;
		const behind = known !== null && next.last_seq < known.last_seq;
		this.#uncertain = behind;
		this.state.value = behind ? { ...next, last_seq: known.last_seq, unread: known.unread } : next;
	}

	/** @param {Latest} latest */
	settleLatest({ last_message: last, place, ...state }) {
		batch(() => {
			this.settle(state);
			this.raise(place);
			if (last) return this.take(last);
			const end = this.#end;
			// The newest message is hidden from me: the place is known, and empty.
			if (isEmpty(this.window) && end > 0) this.show({ first: end, last: end, items: [] });
		});
	}

	/** @param {Partial<ConversationState>} changes */
	patch(changes) {
		const state = this.state.peek();
		if (state) this.state.value = { ...state, ...changes };
	}

	/** An answer that is older must not bring the former place back. @param {import("../protocol/types.js").Position} position @param {number} revision */
	move(position, revision) {
		const state = this.state.peek();
		if (!state) return;
		const wasRead = position.user === this.#me && position.read > this.#position(this.#me).read;
		if (wasRead) this.#uncertain = true;
		this.patch({
			positions: moved(state.positions, position),
			marked_unread: state.marked_unread && !wasRead,
			revision: this.guessed ? GUESS : Math.max(state.revision, revision),
		});
	}

	/** Whoever looks has read up to here. @param {number} seq */
	readHere(seq) {
		this.#readHere.value = Math.max(this.#readHere.peek(), seq);
	}

	/** A message in its current state, new or known. @param {Message} message */
	take(message) {
		this.#loader.note(() => this.take(message));
		const state = this.state.peek();
		const { seq, user, deleted } = message;
		const isNew = state && seq > state.last_seq;
		if (isNew) this.state.value = grown(state, message, this.#me);
		else if (user !== this.#me && deleted && seq > this.readUpTo.peek()) this.#uncertain = true;
		this.raise(message.id);
		this.#renewLast(message);
		this.#place(message);
	}

	/** I have deleted a message for myself. @param {number} id */
	hide(id) {
		this.#loader.note(() => this.hide(id));
		this.#uncertain = true;
		this.#window.value = without(this.window, id);
		if (this.last.peek()?.id !== id) return;
		this.last.value = this.following.peek() ? (this.window.items.at(-1) ?? null) : null;
	}

	/** Adds what was fetched, with what had to wait for it; whether it continues what there is. @param {Window} page */
	extend(page) {
		const joined = join(this.window, page);
		if (joined) this.show(joined);
		return joined !== null;
	}

	/** @param {Window} window */
	show(window) {
		let grown = window;
		for (let next = this.#ahead.get(grown.last + 1); next; next = this.#ahead.get(grown.last + 1)) {
			this.#ahead.delete(next.seq);
			grown = join(grown, only(next)) ?? grown;
		}
		this.#window.value = grown;
		const shown = grown.items.at(-1);
		if (shown && grown.last >= this.#end) this.last.value = shown;
	}

	/** Nobody looks any more: only the newest part is worth its memory. */
	rest() {
		this.watched = false;
		this.#ahead.clear();
		const last = this.last.peek();
		if (this.following.peek()) return this.#cut();
		this.#window.value = last ? only(last) : NOTHING;
		this.following.value = true;
	}

	/** What was known is of another history. */
	reset() {
		batch(() => {
			this.#ahead.clear();
			this.#readHere.value = 0;
			this.#window.value = NOTHING;
			this.following.value = true;
			this.state.value = null;
			this.last.value = null;
			this.rank.value = 0;
		});
	}

	/** @param {Message} message */
	#renewLast(message) {
		const last = this.last.peek();
		const newer = message.id === last?.id && message.revision > last.revision;
		if (message.seq >= (last ? last.seq + 1 : this.#end) || newer) this.last.value = message;
	}

	/** @param {Message} message */
	#place(message) {
		const { window, watched } = this;
		const { seq } = message;
		if (seq <= window.last) {
			if (seq >= window.first) this.#window.value = renewed(window, message);
			return;
		}
		if (!this.following.peek()) return;
		if (watched && seq !== window.last + 1) {
			this.#ahead.set(seq, message);
			return;
		}
		this.show(join(window, only(message)) ?? only(message));
		if (!watched && window.items.length > MOST_HELD) this.#cut();
	}

	#cut() {
		this.patch({ unread: this.unread.peek() });
		this.#window.value = newest(this.window, HELD);
	}
}
