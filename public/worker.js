// Keeps the chat page in the browser, so that it opens without a network and what was kept of the
// conversations can be read. It keeps files of one version of the program, and the page of whoever
// is logged in; never an answer of the API. The server writes above this what `shell` is.

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

/** Paths where the person at the browser changes; the page of the one before is forgotten. */
const DOORS = ["/login/", "/logout/", "/signup/"];

/** How long the network may take before the kept page is shown, in milliseconds. */
const PATIENCE = 4000;

/** What every answer of our server has; one without it comes from something between. */
const VERSION = "Chinwag-Version";

/** @param {Response} answer */
const isOwn = (answer) => answer.headers.has(VERSION);

/**
 * Whether the server itself leads elsewhere, to log in: a redirect does not say whose it is, where it leads does.
 * @param {Response} answer
 */
async function leadsAway(answer) {
	if (answer.type !== "opaqueredirect") return answer.redirected && isOwn(answer);
	try {
		return isOwn(await fetch("/", { mode: "same-origin" }));
	} catch {
		return false;
	}
}

/** Keeps the page if it is one of this version, forgets it if nobody is logged in. @param {Response} answer */
async function keepPage(answer) {
	if (await leadsAway(answer)) return caches.delete(PAGE);
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

/** What other versions kept goes away. */
async function clean() {
	const names = await caches.keys();
	await Promise.all(names.filter((name) => name !== FILES && name !== PAGE).map(forget));
	await worker.clients.claim();
}

/** @param {string} name */
const forget = (name) => caches.delete(name);

/**
 * The only page there is loads again: a newer version that waits may take over. The page that comes may be among the
 * clients already while the one that goes still is.
 * @param {FetchEvent} event
 */
async function stepAside({ resultingClientId }) {
	const pages = await worker.clients.matchAll({ type: "window" });
	const others = pages.filter(({ id }) => id !== resultingClientId);
	if (others.length < 2) worker.registration.waiting?.postMessage("take over");
}

/**
 * The page from the server; the kept one where there is no network, where the server cannot answer, and where something
 * between answers in its place.
 * @param {FetchEvent} event
 */
async function page(event) {
	const asked = fetch(event.request);
	event.waitUntil(asked.then((answer) => keepPage(answer.clone())).catch(() => {}));
	const kept = await caches.match("/", { cacheName: PAGE });
	if (!kept) return asked;
	const usable = async (/** @type {Response} */ answer) => {
		if (answer.type === "opaqueredirect") return leadsAway(answer);
		return answer.status < 500 && isOwn(answer);
	};
	const own = asked.then(async (answer) => ((await usable(answer)) ? answer : kept));
	const late = new Promise((done) => setTimeout(done, PATIENCE)).then(() => kept);
	return Promise.race([own.catch(() => kept), late]);
}

/** A file: one of this version from what is kept. @param {FetchEvent} event */
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
	event.waitUntil(stepAside(event));
	if (DOORS.includes(pathname)) event.waitUntil(forget(PAGE));
	else if (pathname === "/" && request.method === "GET") event.respondWith(page(event));
});
