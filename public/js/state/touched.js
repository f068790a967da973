// What changed since somebody kept it: conversations by name, or all there is.

export class Touched {
	#onChange;
	#anew = false;
	/** @type {Set<string>} */
	#names = new Set();

	/** @param {() => void} onChange there is something to keep */
	constructor(onChange) {
		this.#onChange = onChange;
	}

	/** @param {string} name */
	add(name) {
		this.#names.add(name);
	}

	/** What was known before is of another history. */
	begin() {
		this.#anew = true;
	}

	/** All that belongs together has been added. */
	tell() {
		this.#onChange();
	}

	/** Nothing else changed with it. @param {string} name */
	alone(name) {
		this.add(name);
		this.tell();
	}

	/** What changed since this was asked the last time. */
	take() {
		const touched = { anew: this.#anew, names: [...this.#names] };
		this.#anew = false;
		this.#names.clear();
		return touched;
	}
}
