// A conversation as the screens see it: signals over the plain data. A person the user never wrote with has one as well;
// it gets its id with the first message, and stays the same object.
import { computed, signal } from "../../../vendor/signals-core.js";
import { isGuessed, readUpTo, unreadOf } from "../model/conversation.js";
import { positionOf } from "../model/positions.js";
import { NOTHING } from "../model/window.js";

/**
 * @typedef {import("../types.js").Message} Message
 * @typedef {import("../model/conversation.js").ConversationData} ConversationData
 */

/** @template T @typedef {import("../types.js").Signal<T>} Signal */

/** @type {Message[]} */
const NONE = [];

export class Conversation {
	#me;
	/** @type {Signal<number | null>} */
	#id;
	/** @type {Signal<string>} */
	#name;
	/** @type {Signal<ConversationData | null>} */
	#data = signal(null);
	/** The search result for a person without a conversation. @type {Signal<import("../types.js").Person | null>} */
	#met = signal(null);
	#loader;

	/** @type {Signal<import("../types.js").Presence | null>} */
	presence = signal(null);
	typing = signal(false);

	state = computed(() => this.#data.value?.state ?? null);
	/** The newest visible message. */
	last = computed(() => this.#data.value?.last ?? null);
	/** The newest message's id, by which conversations are sorted. */
	rank = computed(() => this.#data.value?.rank ?? 0);
	/** The other person, as far as known. */
	person = computed(() => {
		const data = this.#data.value;
		return data && !isGuessed(data) ? data.state : this.#met.value;
	});
	title = computed(() => this.person.value?.name || this.name);
	picture = computed(() => this.person.value?.avatar ?? null);
	messages = computed(() => this.#data.value?.window.items ?? NONE);
	hasOlder = computed(() => (this.#data.value?.window.first ?? 1) > 1);
	hasNewer = computed(() => this.#data.value?.following === false);
	readUpTo = computed(() => {
		const data = this.#data.value;
		return data ? readUpTo(data, this.#me) : 0;
	});
	otherRead = computed(() => this.#position().read);
	otherDelivered = computed(() => this.#position().delivered);
	unread = computed(() => {
		const data = this.#data.value;
		return data ? unreadOf(data, this.#me) : 0;
	});

	/**
	 * @param {{ id: number | null, name: string }} who `name`: the other person's user name, empty while unknown
	 * @param {string} me
	 * @param {(conversation: Conversation) => import("../sync/page_loader.js").PageLoader} loader
	 */
	constructor({ id, name }, me, loader) {
		this.#id = signal(id);
		this.#name = signal(name);
		this.#me = me;
		this.#loader = loader(this);
		this.loading = this.#loader.loading;
		this.older = this.#loader.older;
		this.newer = this.#loader.newer;
	}

	#position() {
		return positionOf(this.#data.value?.state.positions, this.name);
	}

	/** Its id, once it exists on the server. */
	get id() {
		return this.#id.value;
	}

	/** The other person's user name. */
	get name() {
		return this.#name.value;
	}

	/** Its key in the URL and in local storage: `c/5`, or `p/bo` before it has an id. */
	get key() {
		const id = this.id;
		return id === null ? `p/${this.name}` : `c/${id}`;
	}

	/** The current data. @returns {ConversationData | null} */
	get data() {
		return this.#data.peek();
	}

	get window() {
		return this.#data.peek()?.window ?? NOTHING;
	}

	/** @param {ConversationData | null} data */
	show(data) {
		this.#data.value = data;
		if (data?.state.with) this.#name.value = data.state.with;
	}

	/** @param {number | null} id null when the old id is of another history */
	identify(id) {
		this.#id.value = id;
	}

	/** @param {import("../types.js").Person} person */
	meet(person) {
		this.#met.value = person;
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

	/** Fetches missing messages up to the newest. */
	fill() {
		return this.#loader.fill();
	}

	/** @param {number} seq */
	loadAround(seq) {
		return this.#loader.loadAround(seq);
	}
}
