// The message centre: keeps everything I know in step with the server. What happened is learned
// from one cursor; the live line only says when to ask. No part of this touches the page.
import { batch, computed, signal } from "../../vendor/signals-core.js";
import { backoff } from "../lib/backoff.js";
import { Refused, Unreachable } from "../protocol/api.js";
import { Drafts } from "./drafts.js";
import { Outbox } from "./outbox.js";
import { People } from "./people.js";
import { Timeline } from "./timeline.js";

/**
 * @typedef {import("../protocol/api.js").Message} Message
 * @typedef {"connecting" | "live" | "offline"} Status
 */

export class Centre {
	#api;
	#pageSize;
	#onSignedOut;
	/** @type {Map<string, Timeline>} */
	#timelines = new Map();
	/** Everything up to this id is known. @type {number | null} */
	#cursor = null;
	#syncing = false;
	#asked = false;
	#failures = 0;
	/** @type {ReturnType<typeof setTimeout> | undefined} */
	#timer;
	#looking = true;
	#lineOpen = signal(false);
	#reachable = signal(true);

	me;
	people;
	drafts;
	outbox;
	/** The conversation that is open. @type {import("../../vendor/signals-core.js").Signal<string | null>} */
	open = signal(null);
	/** Messages I have not looked at, by person. @type {import("../../vendor/signals-core.js").Signal<Map<string, number>>} */
	unread = signal(new Map());
	/** What just came in: a single message, or several at once. @type {import("../../vendor/signals-core.js").Signal<Message[]>} */
	news = signal([]);
	/** @type {import("../../vendor/signals-core.js").ReadonlySignal<Status>} */
	status = computed(() => {
		if (!this.#reachable.value) return "offline";
		return this.#lineOpen.value ? "live" : "connecting";
	});

	/**
	 * @param {{
	 *   me: string,
	 *   api: import("../protocol/api.js").Api,
	 *   shelf: import("./shelf.js").Shelf,
	 *   pageSize: number,
	 *   onSignedOut: () => void,
	 * }} parts
	 */
	constructor({ me, api, shelf, pageSize, onSignedOut }) {
		this.me = me;
		this.#api = api;
		this.#pageSize = pageSize;
		this.#onSignedOut = onSignedOut;
		this.people = new People((wanted) => api.people(wanted));
		this.drafts = new Drafts(shelf);
		this.outbox = new Outbox({
			send: (outgoing) => api.send(outgoing),
			shelf,
			onSent: (message) => this.#place([message]),
			onSignedOut,
		});
	}

	/** @param {string | null} name */
	show(name) {
		this.open.value = name;
		if (!name) return;
		this.#seen();
		if (this.#timelines.has(name)) return;
		const timeline = new Timeline(
			(before, limit) => this.#api.history(name, { before, limit }),
			this.#pageSize,
		);
		this.#timelines.set(name, timeline);
		if (this.#cursor !== null) this.#watch(timeline.load());
	}

	/** @param {string} name */
	timeline(name) {
		return this.#timelines.get(name) ?? null;
	}

	/** @param {Timeline} timeline */
	loadAgain(timeline) {
		this.#watch(timeline.load());
	}

	/** @param {Timeline} timeline */
	loadOlder(timeline) {
		this.#watch(timeline.loadOlder());
	}

	morePeople() {
		const { found, everyone } = this.people;
		this.#watch((found.value ?? everyone).load());
	}

	/** @param {string} query */
	search(query) {
		this.people.search(query, (search) => this.#watch(search));
	}

	/**
	 * @param {string} name
	 * @param {string} text
	 */
	send(name, text) {
		const body = text.trim();
		if (!body) return;
		batch(() => {
			this.outbox.add(name, body);
			this.drafts.write(name, "");
		});
	}

	/** @param {import("./outbox.js").Entry} entry */
	discard(entry) {
		batch(() => {
			this.drafts.giveBack(entry.recipient, entry.body);
			this.outbox.forget(entry.client_id);
		});
	}

	/** @param {boolean} open */
	lineChanged(open) {
		this.#lineOpen.value = open;
		if (open) this.checkAgain();
	}

	wentOffline() {
		this.#reachable.value = false;
	}

	/** @param {boolean} looking whether somebody can see the page */
	look(looking) {
		this.#looking = looking;
		if (looking) this.#seen();
	}

	/** There is reason to hope: catch up and send what waits. */
	checkAgain() {
		clearTimeout(this.#timer);
		this.catchUp();
		this.outbox.hurry();
	}

	/** Asks for everything after the cursor. Calls while one runs are answered by one more round. */
	async catchUp() {
		this.#asked = true;
		if (this.#syncing) return;
		this.#syncing = true;
		try {
			while (this.#asked) {
				this.#asked = false;
				await this.#step();
			}
			this.#failures = 0;
			this.#reachable.value = true;
		} catch (error) {
			this.#behind(error);
		} finally {
			this.#syncing = false;
		}
	}

	stop() {
		clearTimeout(this.#timer);
		this.outbox.stop();
	}

	async #step() {
		if (this.#cursor === null) {
			this.#cursor = await this.#api.newest();
			this.#watch(this.people.everyone.load());
			for (const timeline of this.#timelines.values()) this.#watch(timeline.load());
			return;
		}
		let more = true;
		while (more) {
			const page = await this.#api.after(this.#cursor);
			more = page.more && page.messages.length > 0;
			this.#cursor = page.messages.at(-1)?.id ?? this.#cursor;
			this.#receive(page.messages);
		}
		this.#loadWhatFailed();
	}

	/** The server answers again, so a screen that says it did not is out of date. */
	#loadWhatFailed() {
		const { everyone } = this.people;
		if (everyone.state.peek() === "error") this.#watch(everyone.load());
		for (const timeline of this.#timelines.values()) {
			if (timeline.state.peek() === "error") this.#watch(timeline.load());
		}
	}

	/** @param {unknown} error */
	#behind(error) {
		if (error instanceof Refused && error.signedOut) {
			this.#onSignedOut();
			return;
		}
		if (!(error instanceof Refused || error instanceof Unreachable)) throw error;
		if (error instanceof Refused && !error.temporary) return;
		this.#reachable.value = false;
		this.#failures += 1;
		clearTimeout(this.#timer);
		const pause = error instanceof Refused ? (error.retryAfter ?? 0) : 0;
		this.#timer = setTimeout(() => this.checkAgain(), Math.max(pause, backoff(this.#failures)));
	}

	/** @param {Message[]} messages ascending by id */
	#receive(messages) {
		if (messages.length === 0) return;
		batch(() => {
			for (const message of messages) {
				if (message.user === this.me) this.outbox.arrived(message);
			}
			this.#place(messages);
			const incoming = messages.filter((message) => message.user !== this.me);
			if (incoming.length === 0) return;
			this.#count(incoming);
			this.news.value = incoming;
		});
	}

	/** @param {Message[]} messages ascending by id */
	#place(messages) {
		for (const message of messages) {
			const name = message.user === this.me ? message.recipient : message.user;
			this.#timelines.get(name)?.insert([message]);
			if (name !== this.me) this.people.touch(name, message);
		}
	}

	/** @param {Message[]} incoming */
	#count(incoming) {
		const unread = new Map(this.unread.peek());
		for (const { user } of incoming) {
			if (this.#looking && this.open.peek() === user) continue;
			unread.set(user, (unread.get(user) ?? 0) + 1);
		}
		this.unread.value = unread;
	}

	#seen() {
		const name = this.open.peek();
		if (!name || !this.#looking || !this.unread.peek().has(name)) return;
		const unread = new Map(this.unread.peek());
		unread.delete(name);
		this.unread.value = unread;
	}

	/**
	 * A list that could not be loaded shows that itself; what matters here is a lost session and a
	 * server out of reach.
	 * @param {Promise<void>} loading
	 */
	async #watch(loading) {
		try {
			await loading;
		} catch (error) {
			this.#behind(error);
		}
	}
}
