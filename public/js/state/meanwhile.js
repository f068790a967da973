// Answers that may be older than what was told while they were on their way: that is done once more on top of them. What
// was asked before a new beginning is asked again: the answer may be of a history that is gone.
import { batch } from "../../vendor/signals-core.js";

export class Meanwhile {
	#era;
	/** The era of what is noted. @type {unknown} */
	#noted;
	/** @type {(() => void)[]} */
	#again = [];
	#onTheirWay = 0;

	/** @param {() => unknown} era changes with every new beginning */
	constructor(era) {
		this.#era = era;
	}

	/** Something happened, and can be done again. @param {() => void} again */
	note(again) {
		this.#forgetOld();
		if (this.#onTheirWay > 0) this.#again.push(again);
	}

	/**
	 * @template T
	 * @param {() => Promise<T>} ask
	 * @param {(answer: T) => void} use
	 */
	async fetch(ask, use) {
		this.#onTheirWay += 1;
		try {
			let [era, answer] = [this.#era(), await ask()];
			while (era !== this.#era()) [era, answer] = [this.#era(), await ask()];
			this.#forgetOld();
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

	/** A new beginning has all that was noted before it, or knows better. */
	#forgetOld() {
		if (this.#noted === this.#era()) return;
		this.#noted = this.#era();
		this.#again = [];
	}
}
