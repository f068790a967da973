// The conversations this page has heard of, by name and by number. Knows nothing of what is in them.
import { computed, signal } from "../../vendor/signals-core.js";

/** @typedef {import("./conversation.js").Conversation} Conversation */

export class Directory {
	#make;
	/** @type {import("./types.js").Signal<Map<string, Conversation>>} */
	#byName = signal(new Map());
	/** @type {Map<number, Conversation>} */
	#byId = new Map();

	/** Those of which a state is known, newest first. */
	listed = computed(() =>
		[...this.#byName.value.values()]
			.filter(({ state }) => state.value !== null)
			.sort((one, other) => other.rank.value - one.rank.value),
	);

	/** @param {(name: string) => Conversation} make */
	constructor(make) {
		this.#make = make;
	}

	get all() {
		return this.#byName.peek().values();
	}

	/** How many have a number. */
	get size() {
		return this.#byId.size;
	}

	/** @param {string} name */
	known(name) {
		return this.#byName.peek().get(name);
	}

	/** @param {string} name */
	named(name) {
		const known = this.known(name);
		if (known) return known;
		const made = this.#make(name);
		this.#byName.value = new Map(this.#byName.peek()).set(name, made);
		return made;
	}

	/** @param {number} id */
	numbered(id) {
		return this.#byId.get(id);
	}

	/** @param {string} name @param {number} id what it is called in changes from now on */
	number(name, id) {
		const conversation = this.named(name);
		this.#byId.set(id, conversation);
		return conversation;
	}

	/** Numbers are of another history. */
	forgetNumbers() {
		this.#byId.clear();
	}
}
