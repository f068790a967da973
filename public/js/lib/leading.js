// Of several pages of this browser, one at a time is to do something. Where the browser has no locks (plain http), each
// page does it; what is done must bear that.

/**
 * @param {string} name
 * @param {() => void} onLead
 * @param {AbortSignal} signal gives the lead up
 * @param {LockManager | undefined} locks
 */
export async function lead(name, onLead, signal, locks = globalThis.navigator?.locks) {
	if (!locks) {
		onLead();
		return;
	}
	try {
		await locks.request(name, { signal }, () => {
			onLead();
			return new Promise((resolve) => {
				signal.addEventListener("abort", resolve, { once: true });
			});
		});
	} catch (error) {
		if (signal.aborted) return;
		// Where the browser refuses locks, as it may together with storage.
		if (!(error instanceof DOMException)) throw error;
		onLead();
	}
}
