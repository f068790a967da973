// Makes the plain page live: adds new messages to what the server rendered and shows times in the
// reader's time zone. What is being typed is never changed.
import { browserStorage } from "../lib/browser_storage.js";
import { loadTexts } from "../lib/texts.js";
import { completeTime, listTime, sameDay, timeOfDay } from "../lib/time.js";
import { Api, Refused, Unreachable } from "../protocol/api.js";
import { ReconnectingSocket, socketAddress } from "../protocol/socket.js";
import { Drafts } from "../state/persistence/drafts.js";
import { LocalStorageStore } from "../state/persistence/local_storage_store.js";

/** @typedef {import("../protocol/types.js").Message} Message */

/** @param {string} at */
function shortTime(at) {
	const now = new Date();
	const time = timeOfDay(at);
	return sameDay(at, now.getTime()) ? time : `${listTime(at, now)} ${time}`;
}

/** @param {HTMLTimeElement} element */
function localise(element) {
	element.title = completeTime(element.dateTime);
	element.textContent = element.classList.contains("simple__when")
		? listTime(element.dateTime, new Date())
		: shortTime(element.dateTime);
}

/**
 * @param {string} tag
 * @param {string} className
 * @param {(string | Node)[]} content
 */
function element(tag, className, ...content) {
	const made = document.createElement(tag);
	if (className) made.className = className;
	made.append(...content);
	return made;
}

class LiveMessages {
	#list;
	#me;
	#target;
	#api;
	/** The conversation's id, once it exists. @type {number | null} */
	#id = null;
	#newest = 0;
	#busy = false;
	#again = false;

	/** @param {HTMLElement} list */
	constructor(list) {
		this.#list = list;
		this.#me = list.dataset.me ?? "";
		this.#target = list.dataset.target ?? "";
		this.#api = new Api({
			user: this.#me,
			onRefused: ({ signedOut, otherPerson }) => {
				if (signedOut || otherPerson) location.reload();
			},
		});
		const last = list.querySelector("li:last-child");
		this.#newest = Number(last?.getAttribute("data-id") ?? 0);
	}

	async catchUp() {
		this.#again = true;
		if (this.#busy) return;
		this.#busy = true;
		try {
			while (this.#again) {
				this.#again = false;
				await this.#fetchNew();
			}
		} catch (error) {
			if (!(error instanceof Refused || error instanceof Unreachable)) throw error;
		} finally {
			this.#busy = false;
		}
	}

	async #find() {
		const found = await this.#api.conversationWith(this.#target);
		return found?.conversations[0]?.id ?? null;
	}

	/** Loads pages from the newest message back to one that is shown. */
	async #fetchNew() {
		this.#id ??= await this.#find();
		if (this.#id === null) return;
		/** @type {Message[]} */
		const fresh = [];
		for (let before; before !== 1; ) {
			const page = await this.#api.page(this.#id, { ...(before && { before }), limit: 100 });
			const unknown = page.messages.filter(({ id }) => id > this.#newest);
			fresh.unshift(...unknown);
			before = unknown.length < page.messages.length ? 1 : page.first;
		}
		for (const message of fresh) this.#add(message);
	}

	/** @param {Message} message */
	#add({ id, user, body, timestamp, deleted }) {
		this.#newest = id;
		if (deleted) return;
		const mine = user === this.#me;
		const time = /** @type {HTMLTimeElement} */ (element("time", ""));
		time.dateTime = timestamp;
		localise(time);
		const text = element("p", "bubble__body", body);
		text.dir = "auto";
		const item = element(
			"li",
			mine ? "bubble bubble--mine" : "bubble",
			element("p", "simple__from", element("bdi", "", user), " ", time),
			text,
		);
		item.id = `message-${id}`;
		item.dataset.id = String(id);
		this.#list.append(item);
		document.getElementById("no-messages")?.remove();
		const announcer = document.getElementById("announcer");
		if (announcer && !mine) announcer.textContent = `${user}: ${body.slice(0, 200)}`;
	}
}

/**
 * Stores the draft as on the live page, because a session may end before it is sent. A draft equal
 * to the user's newest message has been sent.
 * @param {HTMLTextAreaElement} field
 * @param {HTMLElement} messages
 */
function keepDraft(field, messages) {
	const { me = "", target = "" } = messages.dataset;
	const storage = new LocalStorageStore(browserStorage(), me);
	storage.evictOthers();
	const drafts = new Drafts(storage);
	const key = `p/${target}`;
	const mine = messages.querySelectorAll(".bubble--mine .bubble__body");
	const arrived = mine.item(mine.length - 1)?.textContent ?? "";
	if (drafts.of(key).trim() === arrived) drafts.write(key, "");
	field.value ||= drafts.of(key);
	const page = new AbortController();
	field.addEventListener("input", () => drafts.write(key, field.value), {
		signal: page.signal,
	});
}

await loadTexts();
for (const time of document.querySelectorAll("time")) localise(time);

const list = document.getElementById("messages");
const field = document.querySelector("textarea");
if (list && field) keepDraft(field, list);
if (list && "newest" in list.dataset) {
	const live = new LiveMessages(list);
	const who = new URLSearchParams({ user: list.dataset.me ?? "" });
	const socket = new ReconnectingSocket(() => `${socketAddress(location)}?${who}`, {
		onEvents: (events) => {
			if (events.some(({ type }) => type === "hello" || type === "message")) live.catchUp();
		},
		onDown: () => live.catchUp(),
	});
	const page = new AbortController();
	const { signal } = page;
	document.addEventListener(
		"visibilitychange",
		() => {
			if (document.visibilityState !== "visible") return;
			socket.check();
			live.catchUp();
		},
		{ signal },
	);
	window.addEventListener("online", () => socket.renew(), { signal });
	window.addEventListener("pagehide", () => socket.stop(), { signal });
	window.addEventListener("pageshow", () => socket.start(), { signal });
	socket.start();
}
