// A response may be older than changes that arrived during its request: they are reapplied on top of it. A request made
// before a resync is repeated, because its response may be of a lost history.
import { batch } from "../../../vendor/signals-core.js";

/** @typedef {import("../model/state.js").Change} Change */

export class InflightReplay {
	#era;
	#again;
	/** The changes that arrived during each in-flight request. @type {Set<Change[]>} */
	#inflight = new Set();

	/**
	 * @param {{ era: () => unknown, again: (changes: Change[]) => void }} parts `era` changes with every resync
	 */
	constructor({ era, again }) {
		this.#era = era;
		this.#again = again;
	}

	/** @param {readonly Change[]} changes */
	note(changes) {
		for (const noted of this.#inflight) noted.push(...changes);
	}

	/**
	 * @template T
	 * @param {() => Promise<T>} ask
	 * @param {(answer: T) => void} use
	 */
	async fetch(ask, use) {
		for (;;) {
			const era = this.#era();
			/** @type {Change[]} */
			const noted = [];
			this.#inflight.add(noted);
			try {
				const answer = await ask();
				if (era === this.#era()) {
					return batch(() => {
						use(answer);
						this.#again(noted);
					});
				}
			} finally {
				this.#inflight.delete(noted);
			}
		}
	}
}
