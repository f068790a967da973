// One conversation as screens see it: signals over the plain data. Whoever one never wrote with has one as well; it gets
// its id with the first message, and stays the same object.
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
	/** What the list of people tells of somebody with whom nothing was said. @type {Signal<import("../types.js").Person | null>} */
	#met = signal(null);
	#loader;

	/** @type {Signal<import("../types.js").Presence | null>} */
	presence = signal(null);
	typing = signal(false);

	state = computed(() => this.#data.value?.state ?? null);
	/** The newest message to be seen. */
	last = computed(() => this.#data.value?.last ?? null);
	/** Conversations are in the order of this, which is the newest message's id. */
	rank = computed(() => this.#data.value?.rank ?? 0);
	/** The other one as far as known. */
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
	 * @param {{ id: number | null, name: string }} who `name`: the other one's user name, empty as long as it is not known
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

	/** Its id, once there is one. */
	get id() {
		return this.#id.value;
	}

	/** The other one's user name. */
	get name() {
		return this.#name.value;
	}

	/** What it is called in the address and by what is kept of it here: `c/5`, or `p/bo` before it has an id. */
	get key() {
		const id = this.id;
		return id === null ? `p/${this.name}` : `c/${id}`;
	}

	/** As it is known now. @returns {ConversationData | null} */
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

	/** @param {number | null} id null when what it was called is of another history */
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

	/** Fetches what is missing up to the newest message. */
	fill() {
		return this.#loader.fill();
	}

	/** @param {number} seq */
	loadAround(seq) {
		return this.#loader.loadAround(seq);
	}
}
