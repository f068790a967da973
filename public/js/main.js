// Builds the page: reads what the server wrote into it, makes the parts and ties them together. Whatever is missing or broken
// in this browser ends in the page, or in a page that says so and lets one try again.

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

/** Somebody else uses this browser now, or nobody: the server leads to their page, or to the log-in page. */
function left() {
	life.abort();
	location.assign("/");
}

/** The version of the program this page belongs to; where its files do not say, that of the first answer. */
let version = /\/v-([^/]+)\//.exec(import.meta.url)?.[1] ?? null;

/** @param {IdbStore} store */
function makeClient(store) {
	/** The other pages of this browser that show the same person's messages. */
	const pages = globalThis.BroadcastChannel ? new BroadcastChannel(`chinwag/${me}`) : null;
	const client = new ChatClient({
		me,
		api: new Api({
			user: me,
			onRefused: (refused) => {
				if (refused.signedOut || refused.otherPerson) left();
			},
			onVersion: (told) => {
				version ??= told;
				if (told !== version) client.outdated.value = true;
			},
		}),
		store,
		storage,
		pageSize: Number(fromServer("messages-to-load")) || 30,
		socket: (listener, query) =>
			new ReconnectingSocket(() => socketAddress(location) + query(), listener),
		tell: (word) => pages?.postMessage(word),
		onLeft: left,
	});
	// The channel stays open: what is kept on the way out is told as well.
	signal.addEventListener("abort", () => client.stop());
	pages?.addEventListener("message", ({ data }) => client.heard(data), { signal });
	return client;
}

/** What the browser tells. @param {ChatClient} client */
function listen(client) {
	/** Visible is not looked at: the window may be behind another one. */
	const look = () => client.look(document.visibilityState === "visible" && document.hasFocus());
	window.addEventListener("online", () => client.online(), { signal });
	window.addEventListener("offline", () => client.offline(), { signal });
	window.addEventListener("focus", look, { signal });
	window.addEventListener("blur", look, { signal });
	document.addEventListener("visibilitychange", look, { signal });
	look();
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
	// A page that cannot be told what others write sends and keeps by itself, as all of them do there.
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

/** The page as the server wrote it, which says in the reader's language that something is wrong. @param {HTMLElement} root @param {Element[]} page */
function sayFailed(root, page) {
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
		sayFailed(root, page);
		// Should it be what was kept that cannot be shown, the next try begins without it.
		await store.dropState();
		throw error;
	}
}

// Keeping the page must not compete with showing it.
const idle = window.requestIdleCallback ?? setTimeout;
if (document.readyState === "complete") idle(keepShell);
else window.addEventListener("load", () => idle(keepShell), { signal });
