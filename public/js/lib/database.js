// IndexedDB with promises. What one transaction does is kept as a whole or not at all.

/**
 * @param {string} name
 * @param {string[]} stores those there must be; their keys are given apart from the values
 * @param {IDBFactory | undefined} factory
 * @returns {Promise<IDBDatabase | null>} null where the browser keeps nothing, as in some private windows
 */
export function openDatabase(name, stores, factory) {
	return new Promise((resolve) => {
		try {
			if (!factory) return resolve(null);
			const request = factory.open(name, 1);
			const once = { once: true };
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
 * @returns {Promise<T>}
 */
export async function transact(database, stores, mode, work) {
	const transaction = database.transaction(stores, mode, { durability: "strict" });
	const kept = new Promise((resolve, reject) => {
		transaction.addEventListener("complete", () => resolve(undefined), { once: true });
		transaction.addEventListener("abort", () => reject(transaction.error), { once: true });
	});
	const [result] = await Promise.all([work((name) => transaction.objectStore(name)), kept]);
	return result;
}
