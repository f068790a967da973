// Lets the browser keep the page, so that it opens without a network (see /worker.js). There is no
// such thing without HTTPS, and nothing depends on it.

const WORKER = "/worker.js";

/** @typedef {{ createPolicy: (name: string, rules: object) => { createScriptURL: (path: string) => string } }} Types */

export async function keepShell() {
	const { serviceWorker } = navigator;
	if (!serviceWorker) return;
	// Text cannot become script here; this one path may.
	const { trustedTypes } = /** @type {{ trustedTypes?: Types }} */ (
		/** @type {unknown} */ (window)
	);
	const policy = trustedTypes?.createPolicy("worker", { createScriptURL: () => WORKER });
	const script = policy?.createScriptURL(WORKER) ?? WORKER;
	try {
		await serviceWorker.register(script, { updateViaCache: "none" });
	} catch {
		// Forbidden, or no network just now: the next visit tries again.
	}
}
