// Writes what changed to the depot, one transaction after the other, and then tells the server what has been delivered:
// a message counts as delivered when it is kept, not before.

import { keep } from "./kept.js";

/** @typedef {import("./mirror.js").Mirror} Mirror */

export class Keeper {
	#mirror;
	#depot;
	#deliver;
	#keeping = false;
	#writing = false;
	#again = false;
	/** Changed since the last transaction. @type {Set<string>} */
	#changed = new Set();
	#whole = true;

	/**
	 * @param {{
	 *   mirror: Mirror,
	 *   depot: import("./depot.js").Depot,
	 *   deliver: (names: string[]) => void,
	 * }} parts `deliver`: everything of these conversations is kept.
	 */
	constructor({ mirror, depot, deliver }) {
		this.#mirror = mirror;
		this.#depot = depot;
		this.#deliver = deliver;
	}

	/** Of several pages of one browser, one keeps. */
	lead() {
		this.#keeping = true;
		this.changed();
	}

	/** There is something to keep. While a transaction runs, what comes next is gathered for the one after. */
	async changed() {
		this.#again = true;
		if (this.#writing || !this.#keeping) return;
		this.#writing = true;
		while (this.#again) {
			this.#again = false;
			await this.#write();
		}
		this.#writing = false;
	}

	async #write() {
		const { cursor } = this.#mirror;
		const touched = this.#mirror.touched.take();
		for (const name of touched.names) this.#changed.add(name);
		this.#whole ||= touched.anew;
		if (!cursor) return;
		const names = [...this.#changed];
		this.#changed.clear();
		let outcome = await this.#save(names, this.#whole);
		if (outcome === "partial") outcome = await this.#save(names, true);
		if (outcome === "kept") this.#whole = false;
		if (outcome === "kept" || !this.#depot.keeps) this.#deliver(names);
		else this.#whole = true;
	}

	/**
	 * @param {string[]} names
	 * @param {boolean} whole
	 */
	#save(names, whole) {
		const { cursor, me, list, conversations } = this.#mirror;
		if (!cursor || !this.#depot.keeps) return "not kept";
		const all = conversations.peek();
		const wanted = new Set(names);
		const chosen = whole ? all : all.filter(({ name }) => wanted.has(name));
		return this.#depot.save(
			{
				cursor,
				me: me.peek(),
				more: list.more.peek(),
				conversations: chosen.flatMap((conversation) => keep(conversation) ?? []),
			},
			whole,
		);
	}
}
