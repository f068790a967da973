// Leader election: one page of this browser at a time does something. Where the browser has no locks (plain http), each
// page does it, which must be safe.

/**
 * @param {string} name
 * @param {() => void} onLead
 * @param {AbortSignal} signal ends the leadership
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
		// The browser refuses locks, as it may together with storage.
		if (!(error instanceof DOMException)) throw error;
		onLead();
	}
}
