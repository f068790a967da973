// Answers may be older than what was told while they were on their way: that is applied once more on top of them. What was
// asked before a new beginning is asked again, because the answer may be of a history that is gone.
import { batch } from "../../../vendor/signals-core.js";

/** @typedef {import("../model/state.js").Change} Change */

export class InflightReplay {
	#era;
	#again;
	/** What was told during each request that is on its way. @type {Set<Change[]>} */
	#inflight = new Set();

	/**
	 * @param {{ era: () => unknown, again: (changes: Change[]) => void }} parts `era` changes with every new beginning
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
