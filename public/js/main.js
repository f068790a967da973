// Entry point: reads what the server wrote into the page, creates the parts and connects them. If anything is missing or
// broken in this browser, the page shows an error with a retry link.

import { effect } from "../vendor/signals-core.js";
import { html, render } from "./components/html.js";
import { browserStorage } from "./lib/browser_storage.js";
import { newClientId } from "./lib/ids.js";
import { lead } from "./lib/leading.js";
import { Place } from "./lib/place.js";
import { keepShell } from "./lib/shell.js";
import { loadTexts } from "./lib/texts.js";
import { Api } from "./protocol/api.js";
import { ReconnectingSocket, socketAddress } from "./protocol/socket.js";
import { App } from "./screens/app.js";
import { UiStates } from "./screens/conversation/ui_state.js";
import { ChatClient } from "./state/client/client.js";
import { IdbStore } from "./state/persistence/idb_store.js";
import { LocalStorageStore } from "./state/persistence/local_storage_store.js";

/** @param {string} name */
function fromServer(name) {
	const element = document.querySelector(`meta[name="chinwag-${name}"]`);
	return element?.getAttribute("content") ?? "";
}

const me = fromServer("me");
const storage = new LocalStorageStore(browserStorage(), me);
const life = new AbortController();
const { signal } = life;

/** Another user is logged in in this browser now, or nobody: the server shows their page, or the log-in page. */
function left() {
	life.abort();
	location.assign("/");
}

/** The program version of this page; if its URL has none, the version of the first response. */
let version = /\/v-([^/]+)\//.exec(import.meta.url)?.[1] ?? null;

/** @param {IdbStore} store */
function makeClient(store) {
	/** Connects this user's pages in this browser. */
	const pages = globalThis.BroadcastChannel ? new BroadcastChannel(`chinwag/${me}`) : null;
	const client = new ChatClient({
		me,
		api: new Api({
			user: me,
			onRefused: (refused) => {
				if (refused.signedOut || refused.otherPerson) left();
			},
			onVersion: (reported) => {
				version ??= reported;
				if (reported !== version) client.outdated.value = true;
			},
		}),
		store,
		storage,
		pageSize: Number(fromServer("messages-to-load")) || 30,
		socket: (listener, query) =>
			new ReconnectingSocket(() => socketAddress(location) + query(), listener),
		broadcast: (message) => pages?.postMessage(message),
		onLeft: left,
	});
	// The channel stays open: what is stored while the page closes is broadcast as well.
	signal.addEventListener("abort", () => client.stop());
	pages?.addEventListener("message", ({ data }) => client.receive(data), { signal });
	return client;
}

/** Passes browser events to the client. @param {ChatClient} client */
function listen(client) {
	/** Visible alone is not enough: the window may be behind another one. */
	const updateActive = () =>
		client.setActive(document.visibilityState === "visible" && document.hasFocus());
	window.addEventListener("online", () => client.online(), { signal });
	window.addEventListener("offline", () => client.offline(), { signal });
	window.addEventListener("focus", updateActive, { signal });
	window.addEventListener("blur", updateActive, { signal });
	document.addEventListener("visibilitychange", updateActive, { signal });
	updateActive();
}

/** @param {HTMLElement} root @param {IdbStore} store */
async function begin(root, store) {
	await loadTexts();
	storage.evictOthers();
	const client = makeClient(store);
	const place = new Place(window, (target) => client.show(target), signal);
	const uiStates = new UiStates(client);
	await client.start();
	client.people.search("");
	client.show(place.target);
	effect(() => {
		const open = client.open.value;
		if (open) place.rename(open.key);
	});
	listen(client);
	// Without BroadcastChannel every page sends and stores by itself.
	if (globalThis.BroadcastChannel) lead(`chinwag/${me}`, () => client.lead(), signal);
	else client.lead();

	const mark = document.querySelector('link[rel="icon"]')?.getAttribute("href") ?? "";
	const leave = async () => {
		await client.forget();
		life.abort();
		storage.clear();
	};
	const parts = { client, place, uiStates, mark, leave };
	root.replaceChildren();
	render(html`<${App} ...${parts} />`, root);
}

/** Restores the page as the server wrote it, which shows an error in the reader's language. @param {HTMLElement} root @param {Element[]} page */
function showFailure(root, page) {
	root.replaceChildren(...page);
	root.querySelector(".shell__late")?.classList.add("shell__late--now");
}

const root = document.getElementById("app");
if (root) {
	const page = [...root.children];
	const store = await IdbStore.open(me, newClientId());
	try {
		await begin(root, store);
	} catch (error) {
		life.abort();
		showFailure(root, page);
		// The stored state may be the cause: the next try starts without it.
		await store.dropState();
		throw error;
	}
}

// Caching the page must not compete with showing it.
const idle = window.requestIdleCallback ?? setTimeout;
if (document.readyState === "complete") idle(keepShell);
else window.addEventListener("load", () => idle(keepShell), { signal });
