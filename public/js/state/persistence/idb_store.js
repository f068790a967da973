// What this browser stores of one user between visits, in IndexedDB: the last state with its cursor, and pending messages.
// A browser that stores nothing is not an error; the page then works from memory.
import { answer, OPEN_TIMEOUT, openDatabase, TooSlow, transact } from "../../lib/database.js";
import { isHead, readable } from "./snapshot.js";

/**
 * @typedef {import("../types.js").Entry} Entry
 * @typedef {import("./snapshot.js").KeptState} KeptState
 * @typedef {import("./snapshot.js").Kept} Kept
 */

const NAME = "chinwag";
/** One record each: the owner, and the state without its conversations. */
const ONCE = "once";
/** By the conversation's id; an earlier version used the other person's name. */
const CONVERSATIONS = "conversations";
/** By the entry's key. Each has its owner, because one user's entries stay while another uses the browser. */
const OUTBOX = "outbox";
const STORES = [ONCE, CONVERSATIONS, OUTBOX];
const OWNER = "owner";
const STATE = "state";

/** This database now belongs to another user. */
class NotMine extends Error {}

export class IdbStore {
	#database;
	#owner;
	/** Identifies this page as the last writer. */
	#writer;
	/** Starting waits for the stored state, so with a timeout; later nothing waits for the database. */
	#timeout = OPEN_TIMEOUT;

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
	 * Deletes what another user read and wrote here, except messages that user has sent and the server does not have
	 * yet.
	 * @param {string} owner
	 * @param {string} writer
	 * @param {IDBFactory | undefined} factory
	 */
	static async open(owner, writer, factory = globalThis.indexedDB) {
		const store = new IdbStore(await openDatabase(NAME, STORES, factory), owner, writer);
		await store.#do("readwrite", async (stores) => {
			const before = await answer(stores(ONCE).get(OWNER));
			if (before === owner) return;
			const entries = await answer(stores(OUTBOX).getAll());
			stores(ONCE).clear();
			stores(CONVERSATIONS).clear();
			stores(ONCE).put(owner, OWNER);
			for (const entry of entries) {
				// An earlier version did not store the owner.
				if (!entry?.owner && before)
					stores(OUTBOX).put({ ...entry, owner: before }, entry.client_id);
			}
		});
		return store;
	}

	/** The page has started. */
	begun() {
		this.#timeout = Number.POSITIVE_INFINITY;
	}

	/** Whether anything is stored. */
	get keeps() {
		return this.#database !== null;
	}

	/** @returns {Promise<KeptState | null>} null when there is nothing readable */
	async load() {
		const loaded = await this.#mine("readonly", async (stores) => {
			const [head, kept] = await Promise.all([
				answer(stores(ONCE).get(STATE)),
				answer(stores(CONVERSATIONS).getAll()),
			]);
			return { head, conversations: kept.map(readable) };
		});
		if (!loaded || !isHead(loaded.head)) return null;
		const { cursor, me, more } = loaded.head;
		const conversations = loaded.conversations.filter((one) => one !== null);
		// An unreadable conversation counts as not loaded.
		const whole = conversations.length === loaded.conversations.length;
		return { cursor, me, more: more || !whole, conversations };
	}

	/**
	 * Stores the cursor together with what changed up to it.
	 * @param {Omit<KeptState, "conversations">} head
	 * @param {Kept[]} conversations those that changed
	 * @param {boolean} all whether these are all conversations
	 * @returns {Promise<"kept" | "partial" | "not kept">} `partial`: another page has written since, so all are needed
	 */
	async save(head, conversations, all) {
		const saved = await this.#mine("readwrite", async (stores) => {
			const before = await answer(stores(ONCE).get(STATE));
			if (isHead(before) && before.writer !== this.#writer) {
				if (!all) return "partial";
				if (isAhead(before, head)) return "not kept";
			} else if (!all && !before) return "partial";
			if (all) stores(CONVERSATIONS).clear();
			for (const kept of conversations) stores(CONVERSATIONS).put(kept, kept.state.id);
			stores(ONCE).put({ ...head, writer: this.#writer }, STATE);
			return "kept";
		});
		return saved ?? "not kept";
	}

	/** The user's entries, in the order they were written. @returns {Promise<unknown[]>} */
	async entries() {
		const entries = await this.#mine("readonly", (stores) => answer(stores(OUTBOX).getAll()));
		return (entries ?? []).filter((entry) => (entry?.owner ?? this.#owner) === this.#owner);
	}

	/**
	 * @param {Entry} entry
	 * @returns {Promise<boolean>} whether it is stored
	 */
	async put(entry) {
		const put = await this.#mine("readwrite", async (stores) => {
			stores(OUTBOX).put({ ...entry, owner: this.#owner }, entry.client_id);
			return true;
		});
		return put ?? false;
	}

	/** @param {string} clientId */
	async drop(clientId) {
		await this.#mine("readwrite", async (stores) => {
			stores(OUTBOX).delete(clientId);
		});
	}

	/** Deletes the state, and keeps what waits to be sent. */
	async dropState() {
		await this.#mine("readwrite", async (stores) => {
			stores(CONVERSATIONS).clear();
			stores(ONCE).delete(STATE);
		});
	}

	/** Deletes everything of this user. */
	async forget() {
		await this.#mine("readwrite", async (stores) => {
			const entries = await answer(stores(OUTBOX).getAll());
			stores(ONCE).clear();
			stores(CONVERSATIONS).clear();
			for (const { client_id: id, owner = this.#owner } of entries) {
				if (owner === this.#owner) stores(OUTBOX).delete(id);
			}
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
	 * @param {(stores: (name: string) => IDBObjectStore) => Promise<T>} work
	 */
	#mine(mode, work) {
		return this.#do(mode, async (stores) => {
			if ((await answer(stores(ONCE).get(OWNER))) !== this.#owner) throw new NotMine();
			return work(stores);
		});
	}

	/**
	 * @template T
	 * @param {"readonly" | "readwrite"} mode
	 * @param {(stores: (name: string) => IDBObjectStore) => Promise<T>} work
	 * @returns {Promise<T | undefined>} undefined when it failed: full, forbidden, timed out, or another user's
	 */
	async #do(mode, work) {
		if (!this.#database) return undefined;
		try {
			return await transact(this.#database, STORES, mode, work, this.#timeout);
		} catch (error) {
			if (error instanceof DOMException || error instanceof NotMine) return undefined;
			if (!(error instanceof TooSlow)) throw error;
			this.#close();
			return undefined;
		}
	}
}

/**
 * @param {{ cursor: import("../../protocol/types.js").Cursor }} one
 * @param {{ cursor: import("../../protocol/types.js").Cursor }} other
 */
function isAhead(one, other) {
	return one.cursor.epoch === other.cursor.epoch && one.cursor.revision > other.cursor.revision;
}
