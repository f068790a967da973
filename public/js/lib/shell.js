// Registers the service worker, so that the page opens offline (see /worker.js). Without HTTPS there
// is none, and nothing depends on it.

const WORKER = "/worker.js";

/** @typedef {{ createPolicy: (name: string, rules: object) => { createScriptURL: (path: string) => string } }} Types */

export async function keepShell() {
	const { serviceWorker } = navigator;
	if (!serviceWorker) return;
	// Trusted Types forbid text as a script URL; this one path is allowed.
	const { trustedTypes } = /** @type {{ trustedTypes?: Types }} */ (
		/** @type {unknown} */ (window)
	);
	const policy = trustedTypes?.createPolicy("worker", { createScriptURL: () => WORKER });
	const script = policy?.createScriptURL(WORKER) ?? WORKER;
	try {
		await serviceWorker.register(script, { updateViaCache: "none" });
	} catch {
		// Forbidden, or no network now: the next visit tries again.
	}
}
