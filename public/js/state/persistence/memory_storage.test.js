// An in-memory `Storage` for tests.

/** @implements {Storage} */
export class MemoryStorage {
	#entries = new Map();

	get length() {
		return this.#entries.size;
	}

	/** @param {number} index */
	key(index) {
		return [...this.#entries.keys()][index] ?? null;
	}

	/** @param {string} key */
	getItem(key) {
		return this.#entries.get(key) ?? null;
	}

	/**
	 * @param {string} key
	 * @param {string} value
	 */
	setItem(key, value) {
		this.#entries.set(key, value);
	}

	/** @param {string} key */
	removeItem(key) {
		this.#entries.delete(key);
	}

	clear() {
		this.#entries.clear();
	}
}
