// What changed since the last save: conversations by id, or everything.

export class DirtySet {
	#all = true;
	/** @type {Set<number>} */
	#ids = new Set();

	/** @param {number} id */
	add(id) {
		this.#ids.add(id);
	}

	/** What was known before is of another history, or was not stored. */
	addAll() {
		this.#all = true;
	}

	take() {
		const taken = { all: this.#all, ids: [...this.#ids] };
		this.#all = false;
		this.#ids.clear();
		return taken;
	}
}
