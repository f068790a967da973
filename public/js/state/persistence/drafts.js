// Drafts: typed but not yet sent, one text per conversation, stored on every keystroke.
import { signal } from "../../../vendor/signals-core.js";

const KIND = "draft";

export class Drafts {
	#store;
	#texts;

	/** @param {import("./local_storage_store.js").LocalStorageStore} store */
	constructor(store) {
		this.#store = store;
		/** @type {Map<string, string>} */
		const texts = new Map();
		this.#texts = signal(texts);
		for (const [key, text] of store.all(KIND)) {
			if (typeof text !== "string") store.remove(KIND, key);
			else if (key.includes("/")) texts.set(key, text);
			else {
				// An earlier version used only the other person's name as the key.
				this.restore(`p/${key}`, text);
				store.remove(KIND, key);
			}
		}
	}

	/** The number of conversations with a draft. */
	get count() {
		return [...this.#texts.value.values()].filter((text) => text.trim()).length;
	}

	/** @param {string} key the conversation's */
	of(key) {
		return this.#texts.value.get(key) ?? "";
	}

	/**
	 * @param {string} key
	 * @param {string} text
	 */
	write(key, text) {
		const texts = new Map(this.#texts.peek());
		if (text) {
			texts.set(key, text);
			this.#store.put(KIND, key, text);
		} else {
			texts.delete(key);
			this.#store.remove(KIND, key);
		}
		this.#texts.value = texts;
	}

	/**
	 * Puts a text back, before what was typed meanwhile.
	 * @param {string} key
	 * @param {string} text
	 */
	restore(key, text) {
		const typed = this.#texts.peek().get(key) ?? "";
		this.write(key, typed ? `${text}\n${typed}` : text);
	}

	/** A conversation has another key now. @param {string} from @param {string} to */
	move(from, to) {
		const text = this.#texts.peek().get(from);
		if (!text) return;
		this.restore(to, text);
		this.write(from, "");
	}
}
