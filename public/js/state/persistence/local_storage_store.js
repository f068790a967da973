// What one person's browser keeps in its local storage between visits: one entry per key, so that two open tabs never
// overwrite each other's. A browser that keeps nothing is no error; the page then works without.

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
			// Full or forbidden: what is typed stays in memory.
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
	 * Everything of one kind, by key; what cannot be read is dropped.
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

	/** Another person used this browser before: but for what they sent, their texts are not for the present one's eyes. */
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
