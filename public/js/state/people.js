// The list of people: newest conversation first, kept fresh by every message, and a search in it.
import { batch, signal } from "../../vendor/signals-core.js";

/**
 * @typedef {import("../protocol/api.js").Person} Person
 * @typedef {import("../protocol/api.js").Message} Message
 * @typedef {import("./timeline.js").Loading} Loading
 * @typedef {(wanted: { search?: string, next?: string | null, signal?: AbortSignal }) => Promise<{ people: Person[], next: string | null }>} Ask
 */

const TYPING_PAUSE = 200;

/** One list that is fetched page by page. */
class Pages {
	#ask;
	#search;
	#gone = new AbortController();
	/** @type {string | null} */
	#next = null;

	/** @type {import("../../vendor/signals-core.js").Signal<Person[]>} */
	people = signal([]);
	/** @type {import("../../vendor/signals-core.js").Signal<Loading>} */
	state = signal("loading");
	more = signal(false);

	/**
	 * @param {Ask} ask
	 * @param {string} search
	 */
	constructor(ask, search) {
		this.#ask = ask;
		this.#search = search;
	}

	/** Fetches the next page, the first one at first. */
	async load() {
		this.state.value = "loading";
		try {
			const page = await this.#ask({
				search: this.#search,
				next: this.#next,
				signal: this.#gone.signal,
			});
			batch(() => {
				const known = new Set(this.people.peek().map((person) => person.username));
				const fresh = page.people.filter((person) => !known.has(person.username));
				this.people.value = [...this.people.peek(), ...fresh];
				this.#next = page.next;
				this.more.value = page.next !== null;
				this.state.value = "ready";
			});
		} catch (error) {
			if (this.#gone.signal.aborted) return;
			this.state.value = "error";
			throw error;
		}
	}

	abandon() {
		this.#gone.abort();
	}
}

export class People {
	#ask;
	/** @type {ReturnType<typeof setTimeout> | undefined} */
	#timer;

	everyone;
	query = signal("");
	/** @type {import("../../vendor/signals-core.js").Signal<Pages | null>} */
	found = signal(null);

	/** @param {Ask} ask */
	constructor(ask) {
		this.#ask = ask;
		this.everyone = new Pages(ask, "");
	}

	/**
	 * A message moves its conversation to the top, and brings in a person not seen before.
	 * @param {string} name
	 * @param {Message} message
	 */
	touch(name, message) {
		const people = this.everyone.people.peek();
		const known = people.find((person) => person.username === name);
		if (known?.timestamp && Date.parse(known.timestamp) > Date.parse(message.timestamp)) return;
		const touched = {
			username: name,
			latest_message: message.body,
			timestamp: message.timestamp,
		};
		this.everyone.people.value = [touched, ...people.filter((person) => person !== known)];
	}

	/**
	 * @param {string} query
	 * @param {(search: Promise<void>) => void} watch is given the search once it starts
	 */
	search(query, watch) {
		clearTimeout(this.#timer);
		this.query.value = query;
		this.found.peek()?.abandon();
		const wanted = query.trim();
		if (!wanted) {
			this.found.value = null;
			return;
		}
		const found = new Pages(this.#ask, wanted);
		this.found.value = found;
		this.#timer = setTimeout(() => watch(found.load()), TYPING_PAUSE);
	}
}
