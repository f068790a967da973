// What is typed and not yet sent, one text per conversation, kept on every keystroke.
import { signal } from "../../vendor/signals-core.js";

const KIND = "draft";

export class Drafts {
	#shelf;
	#texts;

	/** @param {import("./shelf.js").Shelf} shelf */
	constructor(shelf) {
		this.#shelf = shelf;
		/** @type {Map<string, string>} */
		const texts = new Map();
		for (const [name, text] of shelf.all(KIND)) {
			if (typeof text === "string") texts.set(name, text);
		}
		this.#texts = signal(texts);
	}

	/** How many conversations have something written in them. */
	get count() {
		return [...this.#texts.value.values()].filter((text) => text.trim()).length;
	}

	/** @param {string} name */
	of(name) {
		return this.#texts.value.get(name) ?? "";
	}

	/**
	 * @param {string} name
	 * @param {string} text
	 */
	write(name, text) {
		const texts = new Map(this.#texts.peek());
		if (text) {
			texts.set(name, text);
			this.#shelf.put(KIND, name, text);
		} else {
			texts.delete(name);
			this.#shelf.remove(KIND, name);
		}
		this.#texts.value = texts;
	}

	/**
	 * A text that comes back joins what was typed meanwhile.
	 * @param {string} name
	 * @param {string} text
	 */
	giveBack(name, text) {
		const typed = this.#texts.peek().get(name) ?? "";
		this.write(name, typed ? `${text}\n${typed}` : text);
	}
}
