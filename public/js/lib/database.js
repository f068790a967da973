// IndexedDB with promises. What one transaction does is kept as a whole or not at all. A database that does not answer, as
// happens when a disk or another process of the browser hangs, must not hold up the page.

/** How long it is waited for when the page begins, in milliseconds. */
export const PATIENCE = 4_000;

/** The database does not answer. */
export class TooSlow extends Error {}

/**
 * @param {string} name
 * @param {string[]} stores those there must be; their keys are given apart from the values
 * @param {IDBFactory | undefined} factory
 * @param {number} patience milliseconds
 * @returns {Promise<IDBDatabase | null>} null where the browser keeps nothing, as in some private windows
 */
export function openDatabase(name, stores, factory, patience = PATIENCE) {
	return new Promise((resolve) => {
		try {
			if (!factory) return resolve(null);
			const request = factory.open(name, 1);
			const once = { once: true };
			const late = setTimeout(() => {
				request.addEventListener("success", () => request.result.close(), once);
				resolve(null);
			}, patience);
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
 * The answer to one request of a transaction.
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
 * Runs `work` and waits until all it did is kept. It may wait for `answer`s, and for nothing else.
 * @template T
 * @param {IDBDatabase} database
 * @param {string[]} stores
 * @param {"readonly" | "readwrite"} mode
 * @param {(store: (name: string) => IDBObjectStore) => Promise<T>} work
 * @param {number} patience milliseconds
 * @returns {Promise<T>}
 */
export async function transact(database, stores, mode, work, patience = Number.POSITIVE_INFINITY) {
	const transaction = database.transaction(stores, mode, { durability: "strict" });
	const kept = new Promise((resolve, reject) => {
		transaction.addEventListener("complete", () => resolve(undefined), { once: true });
		transaction.addEventListener("abort", () => reject(transaction.error), { once: true });
	});
	const done = Promise.all([work((name) => transaction.objectStore(name)), kept]);
	const [result] = await (patience === Number.POSITIVE_INFINITY ? done : within(patience, done));
	return result;
}

/**
 * @template T
 * @param {number} patience milliseconds
 * @param {Promise<T>} work
 * @returns {Promise<T>}
 */
async function within(patience, work) {
	/** @type {ReturnType<typeof setTimeout> | undefined} */
	let timer;
	const late = new Promise((_, reject) => {
		timer = setTimeout(() => reject(new TooSlow()), patience);
	});
	try {
		return await Promise.race([work, /** @type {Promise<never>} */ (late)]);
	} finally {
		clearTimeout(timer);
	}
}
