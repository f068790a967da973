// Service worker: caches the chat page, so that it opens offline and the stored conversations can be
// read. It caches the files of one version of the program and the page of the logged-in user, never
// API responses. The server prepends the definition of `shell` to this file.

/**
 * @typedef {{ version: string, base: string, fixed: boolean, files: string[] }} Shell
 *   `base`: the path of this version's files; `fixed`: whether a file under it never changes.
 */

const worker = /** @type {ServiceWorkerGlobalScope & { shell: Shell }} */ (
	/** @type {unknown} */ (self)
);
const { version, base, fixed, files } = worker.shell;
const FILES = `files ${version}`;
const PAGE = `page ${version}`;

/** Paths where the user of this browser changes; the previous user's cached page is deleted. */
const SESSION_PATHS = ["/login/", "/logout/", "/signup/"];

/** How long the network may take before the cached page is shown, in milliseconds. */
const TIMEOUT = 4000;

/** A header that every response of our server has; a response without it comes from a proxy. */
const VERSION = "Chinwag-Version";

/** @param {Response} answer */
const isOwn = (answer) => answer.headers.has(VERSION);

/**
 * Whether our server redirects, to log in: the redirect itself does not say who sent it, its target does.
 * @param {Response} answer
 */
async function redirectsElsewhere(answer) {
	if (answer.type !== "opaqueredirect") return answer.redirected && isOwn(answer);
	try {
		return isOwn(await fetch("/", { mode: "same-origin" }));
	} catch {
		return false;
	}
}

/** Caches the page if it is of this version, deletes it if nobody is logged in. @param {Response} answer */
async function keepPage(answer) {
	if (await redirectsElsewhere(answer)) return caches.delete(PAGE);
	if (!answer.ok || !isOwn(answer)) return;
	const text = await answer.clone().text();
	if (!text.includes(`"${base}/js/main.js"`)) return;
	await (await caches.open(PAGE)).put("/", answer);
}

async function install() {
	const kept = await caches.open(FILES);
	const keep = async (/** @type {string} */ path) => {
		const answer = await fetch(path);
		if (!answer.ok || !isOwn(answer)) throw new TypeError(`${path} did not come`);
		await kept.put(path, answer);
	};
	await Promise.all([...files.map(keep), fetch("/").then(keepPage)]);
}

/** Deletes the caches of other versions. */
async function clean() {
	const names = await caches.keys();
	await Promise.all(names.filter((name) => name !== FILES && name !== PAGE).map(forget));
	await worker.clients.claim();
}

/** @param {string} name */
const forget = (name) => caches.delete(name);

/**
 * When the only open page reloads, a waiting newer version may take over. The new page may already be among the
 * clients while the old one still is.
 * @param {FetchEvent} event
 */
async function activateWaiting({ resultingClientId }) {
	const pages = await worker.clients.matchAll({ type: "window" });
	const others = pages.filter(({ id }) => id !== resultingClientId);
	if (others.length < 2) worker.registration.waiting?.postMessage("take over");
}

/**
 * The page from the server; the cached one when there is no network, when the server fails, or when a proxy answers
 * in its place.
 * @param {FetchEvent} event
 */
async function page(event) {
	const fetched = fetch(event.request);
	event.waitUntil(fetched.then((answer) => keepPage(answer.clone())).catch(() => {}));
	const kept = await caches.match("/", { cacheName: PAGE });
	if (!kept) return fetched;
	const usable = async (/** @type {Response} */ answer) => {
		if (answer.type === "opaqueredirect") return redirectsElsewhere(answer);
		return answer.status < 500 && isOwn(answer);
	};
	const own = fetched.then(async (answer) => ((await usable(answer)) ? answer : kept));
	const late = new Promise((done) => setTimeout(done, TIMEOUT)).then(() => kept);
	return Promise.race([own.catch(() => kept), late]);
}

/** A file: one of this version comes from the cache. @param {FetchEvent} event */
async function file({ request }) {
	const kept = await caches.match(request, { ignoreVary: true });
	if (kept && fixed) return kept;
	try {
		const answer = await fetch(request);
		const own = isOwn(answer) && answer.status < 500;
		if (!own && kept) return kept;
		const ofThisVersion = new URL(request.url).pathname.startsWith(`${base}/`);
		if (own && answer.ok && ofThisVersion) {
			await (await caches.open(FILES)).put(request, answer.clone());
		}
		return answer;
	} catch (error) {
		if (kept) return kept;
		throw error;
	}
}

worker.addEventListener("install", (event) => event.waitUntil(install()));
worker.addEventListener("activate", (event) => event.waitUntil(clean()));
worker.addEventListener("message", (event) => {
	if (event.data === "take over") event.waitUntil(worker.skipWaiting());
});
worker.addEventListener("fetch", (event) => {
	const { request } = event;
	const { origin, pathname } = new URL(request.url);
	if (origin !== location.origin) return;
	if (request.mode !== "navigate") {
		if (request.method === "GET" && pathname.startsWith("/static/")) event.respondWith(file(event));
		return;
	}
	event.waitUntil(activateWaiting(event));
	if (SESSION_PATHS.includes(pathname)) event.waitUntil(forget(PAGE));
	else if (pathname === "/" && request.method === "GET") event.respondWith(page(event));
});
