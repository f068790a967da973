// Writes changes to the browser's database, one transaction after the other. A message counts as delivered when it is
// stored, not before.
import { keep } from "./snapshot.js";

export class Persister {
	#local;
	#list;
	#store;
	#dirty;
	#onKept;
	#leading = false;
	#writing = false;
	#again = false;

	/**
	 * @param {{
	 *   local: import("../client/local_state.js").LocalState,
	 *   list: import("../sync/list_loader.js").ListLoader,
	 *   store: import("./idb_store.js").IdbStore,
	 *   dirty: import("./dirty_set.js").DirtySet,
	 *   onKept: (kept: Map<number, number>) => void,
	 * }} parts `onKept`: these conversations are stored, up to these seqs.
	 */
	constructor({ local, list, store, dirty, onKept }) {
		this.#local = local;
		this.#list = list;
		this.#store = store;
		this.#dirty = dirty;
		this.#onKept = onKept;
	}

	/** From now on this page stores; of several pages of one browser, only one does. */
	lead() {
		this.#leading = true;
		this.changed();
	}

	/** There is something to store. Changes during a transaction are collected for the next one. */
	async changed() {
		this.#again = true;
		if (this.#writing || !this.#leading) return;
		this.#writing = true;
		try {
			while (this.#again) {
				this.#again = false;
				await this.#write();
			}
		} finally {
			this.#writing = false;
		}
	}

	async #write() {
		if (!this.#local.cursor) return;
		const { all, ids } = this.#dirty.take();
		let [outcome, kept] = await this.#save(ids, all);
		if (outcome === "partial") [outcome, kept] = await this.#save(ids, true);
		if (outcome === "kept" || !this.#store.keeps) this.#onKept(kept);
		else this.#dirty.addAll();
	}

	/**
	 * @param {number[]} ids
	 * @param {boolean} all
	 * @returns {Promise<["kept" | "partial" | "not kept", Map<number, number>]>} with the last seqs by conversation
	 */
	async #save(ids, all) {
		const { user, cursor, me, conversations } = this.#local.state;
		const chosen = all ? conversations.keys() : ids;
		/** @type {Map<number, number>} */
		const seqs = new Map();
		const kept = [];
		for (const id of chosen) {
			const data = conversations.get(id);
			if (!data) continue;
			seqs.set(id, data.state.last_seq);
			kept.push(keep(data, user));
		}
		if (!cursor || !this.#store.keeps) return ["not kept", seqs];
		const head = { cursor, me, more: this.#list.more.peek() };
		return [await this.#store.save(head, kept, all), seqs];
	}
}
