// Answers that may be older than what was told while they were on their way: that is done once more on top of them.
import { batch } from "../../vendor/signals-core.js";

export class Meanwhile {
	/** @type {(() => void)[]} */
	#again = [];
	#onTheirWay = 0;

	/** Something happened, and can be done again. @param {() => void} again */
	note(again) {
		if (this.#onTheirWay > 0) this.#again.push(again);
	}

	/**
	 * @template T
	 * @param {Promise<T>} asked
	 * @param {(answer: T) => void} use
	 */
	async fetch(asked, use) {
		this.#onTheirWay += 1;
		try {
			const answer = await asked;
			batch(() => {
				use(answer);
				// Each notes itself again, for other answers on their way.
				for (const again of this.#again.splice(0)) again();
			});
		} finally {
			this.#onTheirWay -= 1;
			if (this.#onTheirWay === 0) this.#again = [];
		}
	}
}
