// IndexedDB with promises. A transaction is stored as a whole or not at all. A database that does not answer, as happens
// when a disk or another browser process hangs, must not block the page.

/** How long to wait for the database when the page starts, in milliseconds. */
export const OPEN_TIMEOUT = 4_000;

/** The database does not answer. */
export class TooSlow extends Error {}

/**
 * @param {string} name
 * @param {string[]} stores the object stores to create, with out-of-line keys
 * @param {IDBFactory | undefined} factory
 * @param {number} timeout milliseconds
 * @returns {Promise<IDBDatabase | null>} null where the browser stores nothing, as in some private windows
 */
export function openDatabase(name, stores, factory, timeout = OPEN_TIMEOUT) {
	return new Promise((resolve) => {
		try {
			if (!factory) return resolve(null);
			const request = factory.open(name, 1);
			const once = { once: true };
			const late = setTimeout(() => {
				request.addEventListener("success", () => request.result.close(), once);
				resolve(null);
			}, timeout);
			request.addEventListener("success", () => clearTimeout(late), once);
			request.addEventListener("error", () => clearTimeout(late), once);
			request.addEventListener(
				"upgradeneeded",
				() => {
					for (const store of stores) request.result.createObjectStore(store);
				},
				once,
			);
			request.addEventListener("success", () => resolve(request.result), once);
			request.addEventListener("error", () => resolve(null), once);
			request.addEventListener("blocked", () => resolve(null), once);
		} catch {
			resolve(null);
		}
	});
}

/**
 * The result of one request of a transaction.
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
export function answer(request) {
	return new Promise((resolve, reject) => {
		request.addEventListener("success", () => resolve(request.result), { once: true });
		request.addEventListener("error", () => reject(request.error), { once: true });
	});
}

/**
 * Runs `work` and waits until the transaction is committed. `work` may await only `answer`s.
 * @template T
 * @param {IDBDatabase} database
 * @param {string[]} stores
 * @param {"readonly" | "readwrite"} mode
 * @param {(store: (name: string) => IDBObjectStore) => Promise<T>} work
 * @param {number} timeout milliseconds
 * @returns {Promise<T>}
 */
export async function transact(database, stores, mode, work, timeout = Number.POSITIVE_INFINITY) {
	const transaction = database.transaction(stores, mode, { durability: "strict" });
	const kept = new Promise((resolve, reject) => {
		transaction.addEventListener("complete", () => resolve(undefined), { once: true });
		transaction.addEventListener("abort", () => reject(transaction.error), { once: true });
	});
	const done = Promise.all([work((name) => transaction.objectStore(name)), kept]);
	const [result] = await (timeout === Number.POSITIVE_INFINITY ? done : within(timeout, done));
	return result;
}

/**
 * @template T
 * @param {number} timeout milliseconds
 * @param {Promise<T>} work
 * @returns {Promise<T>}
 */
async function within(timeout, work) {
	/** @type {ReturnType<typeof setTimeout> | undefined} */
	let timer;
	const late = new Promise((_, reject) => {
		timer = setTimeout(() => reject(new TooSlow()), timeout);
	});
	try {
		return await Promise.race([work, /** @type {Promise<never>} */ (late)]);
	} finally {
		clearTimeout(timer);
	}
}
