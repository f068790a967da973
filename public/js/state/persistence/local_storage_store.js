// What this browser stores of one user in its local storage: one entry per key, so that two open tabs never overwrite each
// other's data. A browser that stores nothing is not an error; the page then works without.

const ROOT = "chinwag/";
/** Kinds of entries that stay while another person uses the browser. */
export const UNSENT = "unsent";

export class LocalStorageStore {
	#storage;
	#prefix;

	/**
	 * @param {Storage | null} storage
	 * @param {string} username
	 */
	constructor(storage, username) {
		this.#storage = storage;
		this.#prefix = `${ROOT}${encodeURIComponent(username)}/`;
	}

	/**
	 * @param {string} kind
	 * @param {string} key
	 * @param {unknown} value
	 */
	put(kind, key, value) {
		try {
			this.#storage?.setItem(this.#key(kind, key), JSON.stringify(value));
		} catch {
			// Full or forbidden: the value stays in memory only.
		}
	}

	/**
	 * @param {string} kind
	 * @param {string} key
	 */
	remove(kind, key) {
		this.#storage?.removeItem(this.#key(kind, key));
	}

	/**
	 * Everything of one kind, by key; unreadable entries are removed.
	 * @param {string} kind
	 * @returns {Map<string, unknown>}
	 */
	all(kind) {
		const found = new Map();
		const prefix = `${this.#prefix}${kind}/`;
		for (const key of this.#keys()) {
			if (!key.startsWith(prefix)) continue;
			try {
				const name = decodeURIComponent(key.slice(prefix.length));
				found.set(name, JSON.parse(this.#storage?.getItem(key) ?? "null"));
			} catch {
				this.#storage?.removeItem(key);
			}
		}
		return found;
	}

	clear() {
		for (const key of this.#keys()) {
			if (key.startsWith(this.#prefix)) this.#storage?.removeItem(key);
		}
	}

	/** Deletes the texts of other users of this browser, except what they sent. */
	evictOthers() {
		for (const key of this.#keys()) {
			if (!key.startsWith(ROOT) || key.startsWith(this.#prefix)) continue;
			if (key.split("/")[2] !== UNSENT) this.#storage?.removeItem(key);
		}
	}

	/**
	 * @param {string} kind
	 * @param {string} key
	 */
	#key(kind, key) {
		return `${this.#prefix}${kind}/${encodeURIComponent(key)}`;
	}

	#keys() {
		const storage = this.#storage;
		if (!storage) return [];
		return Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? "");
	}
}
