// What this browser keeps of one person between visits, in its database: the last state with the cursor that belongs to
// it, and messages on their way out. A browser that keeps nothing is no error; the page then works from memory.
import { answer, openDatabase, transact } from "../lib/database.js";

/**
 * @typedef {import("./types.js").Entry} Entry
 * @typedef {import("./mirror.js").KeptState} KeptState
 */

const NAME = "chinwag";
/** One record each: whose all this is, and the state without its conversations. */
const ONCE = "once";
const CONVERSATIONS = "conversations";
const OUTBOX = "outbox";
const STORES = [ONCE, CONVERSATIONS, OUTBOX];
const OWNER = "owner";
const STATE = "state";

/** This database is another person's by now. */
class NotMine extends Error {}

export class Depot {
	#database;
	#owner;
	/** Names this page as the one that wrote last. */
	#writer;

	/**
	 * @param {IDBDatabase | null} database
	 * @param {string} owner
	 * @param {string} writer
	 */
	constructor(database, owner, writer) {
		this.#database = database;
		this.#owner = owner;
		this.#writer = writer;
		database?.addEventListener("close", () => this.#close());
		database?.addEventListener("versionchange", () => this.#close());
	}

	/**
	 * What another person left here is not for the present one's eyes.
	 * @param {string} owner
	 * @param {string} writer
	 * @param {IDBFactory | undefined} factory
	 */
	static async open(owner, writer, factory = globalThis.indexedDB) {
		const depot = new Depot(await openDatabase(NAME, STORES, factory), owner, writer);
		await depot.#do("readwrite", async (store) => {
			if ((await answer(store(ONCE).get(OWNER))) === owner) return;
			for (const name of STORES) store(name).clear();
			store(ONCE).put(owner, OWNER);
		});
		return depot;
	}

	/** Whether anything outlives the page. */
	get keeps() {
		return this.#database !== null;
	}

	/** @returns {Promise<KeptState | null>} */
	async load() {
		const loaded = await this.#do("readonly", async (store) => {
			const [state, conversations] = await Promise.all([
				answer(store(ONCE).get(STATE)),
				answer(store(CONVERSATIONS).getAll()),
			]);
			return state ? { ...state, conversations } : null;
		});
		return loaded ?? null;
	}

	/**
	 * Keeps the cursor together with what changed up to it.
	 * @param {KeptState} state with the conversations that changed
	 * @param {boolean} whole whether these are all conversations
	 * @returns {Promise<"kept" | "partial" | "not kept">} `partial`: another page has written since, so all are wanted
	 */
	async save({ conversations, ...state }, whole) {
		const saved = await this.#mine("readwrite", async (store) => {
			const before = await answer(store(ONCE).get(STATE));
			if (!whole && before?.writer !== this.#writer) return "partial";
			const ahead = before && before.writer !== this.#writer && isAhead(before, state);
			if (ahead) return "not kept";
			if (whole) store(CONVERSATIONS).clear();
			for (const kept of conversations) store(CONVERSATIONS).put(kept, kept.name);
			store(ONCE).put({ ...state, writer: this.#writer }, STATE);
			return "kept";
		});
		return saved ?? "not kept";
	}

	/** @returns {Promise<Entry[]>} in the order in which they were written */
	async entries() {
		/** @type {Entry[] | undefined} */
		const entries = await this.#mine("readonly", (store) => answer(store(OUTBOX).getAll()));
		return (entries ?? []).sort((one, other) => one.at - other.at);
	}

	/**
	 * @param {Entry} entry
	 * @returns {Promise<boolean>} whether it is kept
	 */
	async put(entry) {
		const put = await this.#mine("readwrite", async (store) => {
			store(OUTBOX).put(entry, entry.client_id);
			return true;
		});
		return put ?? false;
	}

	/** @param {string} clientId */
	async drop(clientId) {
		await this.#mine("readwrite", async (store) => {
			store(OUTBOX).delete(clientId);
		});
	}

	/** Leaves nothing behind. */
	async forget() {
		await this.#mine("readwrite", async (store) => {
			for (const name of STORES) store(name).clear();
		});
		this.#close();
	}

	#close() {
		this.#database?.close();
		this.#database = null;
	}

	/**
	 * @template T
	 * @param {"readonly" | "readwrite"} mode
	 * @param {(store: (name: string) => IDBObjectStore) => Promise<T>} work
	 */
	#mine(mode, work) {
		return this.#do(mode, async (store) => {
			if ((await answer(store(ONCE).get(OWNER))) !== this.#owner) throw new NotMine();
			return work(store);
		});
	}

	/**
	 * @template T
	 * @param {"readonly" | "readwrite"} mode
	 * @param {(store: (name: string) => IDBObjectStore) => Promise<T>} work
	 * @returns {Promise<T | undefined>} undefined when it could not be done: full, forbidden, or not mine
	 */
	async #do(mode, work) {
		if (!this.#database) return undefined;
		try {
			return await transact(this.#database, STORES, mode, work);
		} catch (error) {
			if (error instanceof DOMException || error instanceof NotMine) return undefined;
			throw error;
		}
	}
}

/**
 * @param {{ cursor: import("../protocol/types.js").Cursor }} one
 * @param {{ cursor: import("../protocol/types.js").Cursor }} other
 */
function isAhead(one, other) {
	return one.cursor.epoch === other.cursor.epoch && one.cursor.revision > other.cursor.revision;
}
