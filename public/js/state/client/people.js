// All people on this server, and the search in them. The most recent conversation partners come first.
import { batch, signal } from "../../../vendor/signals-core.js";
import { Refused, Unreachable } from "../../protocol/api.js";

/**
 * @typedef {import("../../protocol/types.js").Person} Person
 * @typedef {import("../types.js").Loading} Loading
 */

const TYPING_PAUSE = 200;

export class People {
	#api;
	#meet;
	#search = new AbortController();
	/** @type {string | null} */
	#next = null;
	/** @type {ReturnType<typeof setTimeout> | undefined} */
	#timer;

	query = signal("");
	/** @type {import("../types.js").Signal<Person[]>} */
	found = signal([]);
	more = signal(false);
	/** @type {import("../types.js").Signal<Loading>} */
	state = signal("idle");

	/**
	 * @param {Pick<import("../../protocol/api.js").Api, "people">} api
	 * @param {(person: Person) => void} meet called for each person found
	 */
	constructor(api, meet) {
		this.#api = api;
		this.#meet = meet;
	}

	/** @param {string} text the start of a name; empty finds everyone */
	search(text) {
		clearTimeout(this.#timer);
		this.#search.abort();
		this.#search = new AbortController();
		this.#next = null;
		batch(() => {
			this.query.value = text;
			this.found.value = [];
			this.more.value = false;
			this.state.value = "loading";
		});
		this.#timer = setTimeout(() => this.#load(), text.trim() ? TYPING_PAUSE : 0);
	}

	/** Loads the next page, or the first one. */
	load() {
		if (this.state.peek() !== "loading") this.#load();
	}

	stop() {
		clearTimeout(this.#timer);
		this.#search.abort();
	}

	async #load() {
		this.state.value = "loading";
		const { signal: gone } = this.#search;
		try {
			const search = this.query.peek().trim();
			const page = await this.#api.people({ search, next: this.#next, signal: gone });
			if (gone.aborted) return;
			batch(() => {
				page.people.forEach(this.#meet);
				const known = new Set(this.found.peek().map(({ username }) => username));
				const fresh = page.people.filter(({ username }) => !known.has(username));
				this.found.value = [...this.found.peek(), ...fresh];
				this.#next = page.next;
				this.more.value = page.next !== null;
				this.state.value = "ready";
			});
		} catch (error) {
			if (gone.aborted) return;
			this.state.value = "error";
			if (!(error instanceof Refused || error instanceof Unreachable)) throw error;
		}
	}
}
