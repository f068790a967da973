// Keeps the mirror in step with the server: over the live line, and while that does not come about, by asking. Nothing is
// applied that does not continue what is known.
import { signal } from "../../vendor/signals-core.js";
import { Refused, Unreachable } from "../protocol/api.js";
import { isAhead } from "./ahead.js";

/**
 * @typedef {import("../protocol/types.js").Frame} Frame
 * @typedef {import("../protocol/types.js").Change} Change
 * @typedef {import("../protocol/types.js").Message} Message
 * @typedef {import("./types.js").Status} Status
 * @typedef {Extract<Frame, { type: "presence" | "typing" }>} Passing what is not part of the history
 */

/** Changes applied at once when catching up: one drawing of the screen for so many. */
const BATCH = 100;

export class Feed {
	#me;
	#api;
	#mirror;
	#line;
	#listener;
	/** The latest greeting, as long as its line is there. @type {Extract<Frame, { type: "hello" }> | null} */
	#hello = null;
	/** Changes told since `resume` and not applied yet. @type {Change[]} */
	#queue = [];
	/** Whether the answer to `resume` has begun. */
	#replaying = false;
	/** @type {"waiting" | "catching up" | "live"} */
	#phase = "waiting";
	#pulling = false;
	/** There is no line, but requests are answered. */
	#pulled = false;
	/** The state to begin with, when nothing is known. @type {Promise<void> | null} */
	#beginning = null;

	/** @type {import("./types.js").Signal<Status>} */
	status = signal("connecting");

	/**
	 * @param {{
	 *   me: string,
	 *   api: import("../protocol/api.js").Api,
	 *   mirror: import("./mirror.js").Mirror,
	 *   line: (listener: import("../protocol/socket.js").Listener) => import("../protocol/socket.js").LiveLine,
	 *   listener: {
	 *     onPassing: (frame: Passing) => void,
	 *     onOpen: () => void,
	 *     onCaughtUp: () => void,
	 *     onNews: (news: Message[]) => void,
	 *     onDown: () => void,
	 *     onSomeoneElse: () => void,
	 *   },
	 * }} parts `onOpen`: there is a line; `onCaughtUp`: everything there was is known; `onSomeoneElse`: another person has logged in.
	 */
	constructor({ me, api, mirror, line, listener }) {
		this.#me = me;
		this.#api = api;
		this.#mirror = mirror;
		this.#listener = listener;
		this.#line = line({
			onFrame: (frame) => this.#receive(frame),
			onDown: (opened) => this.#down(opened),
		});
	}

	start() {
		this.#line.start();
		if (!this.#mirror.cursor) this.#guard(this.#begin());
	}

	stop() {
		this.#line.stop();
	}

	/** How things can be said to the server now. */
	get way() {
		if (this.#phase === "live") return "line";
		return this.#pulled ? "request" : "none";
	}

	/** @param {Record<string, unknown>} frame @returns {boolean} */
	say(frame) {
		return this.#hello !== null && this.#line.say(frame);
	}

	/** Somebody looks at the page. */
	check() {
		this.#line.check();
	}

	/** The network is back, or another one. */
	online() {
		this.#lose();
		this.#line.renew();
	}

	/** There is no network; a server on this very machine may be there all the same. */
	offline() {
		this.#lose();
		this.status.value = "offline";
		this.#line.renew();
	}

	/** @param {Frame} frame */
	#receive(frame) {
		switch (frame.type) {
			case "hello":
				return this.#greet(frame);
			case "presence":
			case "typing":
				return this.#listener.onPassing(frame);
			case "synced":
				return this.#synced(frame);
			case "resync":
				return this.#guard(this.#resync());
			case "message":
			case "hidden":
			case "position":
			case "conversation":
			case "profile":
			case "me":
				return this.#hear(frame);
		}
	}

	/** @param {Extract<Frame, { type: "hello" }>} hello */
	#greet(hello) {
		if (hello.user !== this.#me) return this.#listener.onSomeoneElse();
		this.#hello = hello;
		this.#pulled = false;
		this.#listener.onOpen();
		this.#guard(this.#resume(hello));
	}

	/** @param {Extract<Frame, { type: "hello" }>} hello */
	async #resume(hello) {
		if (!this.#knows(hello.epoch)) await this.#begin();
		if (this.#hello !== hello || !this.#mirror.cursor) return;
		const { revision: since, epoch } = this.#mirror.cursor;
		this.#queue = [];
		this.#replaying = false;
		this.#phase = "catching up";
		this.say({ type: "resume", since, epoch });
	}

	/** Whether one can go on from what is known, in this epoch. @param {string} epoch */
	#knows(epoch) {
		const { cursor } = this.#mirror;
		return cursor !== null && (cursor.epoch === epoch || !isAhead(this.#mirror));
	}

	#begin() {
		this.#beginning ??= this.#snapshot().finally(() => {
			this.#beginning = null;
		});
		return this.#beginning;
	}

	async #snapshot() {
		this.#mirror.replace(await this.#api.snapshot());
	}

	async #resync() {
		const hello = this.#hello;
		this.#phase = "waiting";
		await this.#begin();
		if (hello && hello === this.#hello) await this.#resume(hello);
	}

	/** @param {Change} change */
	#hear(change) {
		if (this.#phase === "live") {
			const news = this.#apply([change], change.revision);
			if (news.length > 0) this.#listener.onNews(news);
			this.#guard(this.#mirror.settle());
		} else if (this.#phase === "catching up") this.#collect(change);
	}

	/**
	 * What is new may be told before the server has read `resume`, and then once more in its place. Such changes are newer
	 * than the greeting, and those that are missed are not; so when an older one comes, it is the first of the answer.
	 * @param {Change} change
	 */
	#collect(change) {
		if (!this.#replaying && change.revision <= (this.#hello?.revision ?? 0)) {
			this.#replaying = true;
			this.#queue = [];
		}
		this.#queue.push(change);
		if (!this.#replaying || this.#queue.length < BATCH) return;
		// Another change may have the same revision as this one, and would be missed if the line broke here.
		this.#apply(this.#queue.splice(0), change.revision - 1);
	}

	/** @param {Extract<Frame, { type: "synced" }>} synced */
	#synced({ revision }) {
		if (this.#phase !== "catching up") return;
		this.#phase = "live";
		const news = this.#apply(this.#queue.splice(0), revision);
		this.status.value = "live";
		this.#listener.onCaughtUp();
		if (news.length > 0) this.#listener.onNews(news);
		this.#guard(this.#mirror.settle());
	}

	/**
	 * @param {Change[]} changes
	 * @param {number} revision
	 */
	#apply(changes, revision) {
		return this.#mirror.apply(changes, { revision, epoch: this.#hello?.epoch ?? "" });
	}

	/** @param {boolean} opened */
	#down(opened) {
		this.#lose();
		if (!opened) this.#guard(this.#pull());
	}

	#lose() {
		this.#hello = null;
		this.#phase = "waiting";
		this.#pulled = false;
		this.#listener.onDown();
		if (this.status.peek() === "live") this.status.value = "connecting";
	}

	/** No line comes about: maybe the server is away, or the session has ended, or something between allows no sockets. */
	async #pull() {
		if (this.#pulling) return;
		this.#pulling = true;
		try {
			for (let more = true; more; ) more = await this.#pullPage();
			if (this.#phase === "live") return;
			this.status.value = "connecting";
			this.#pulled = true;
			this.#listener.onCaughtUp();
		} finally {
			this.#pulling = false;
		}
		await this.#mirror.settle();
	}

	/** @returns {Promise<boolean>} whether there is more */
	async #pullPage() {
		const { cursor } = this.#mirror;
		if (!cursor) {
			await this.#begin();
			return false;
		}
		const page = await this.#api.changes(cursor);
		if ("conversations" in page) {
			this.#mirror.replace(page);
			return false;
		}
		const { changes, revision, epoch } = page;
		if (!this.#knows(epoch)) {
			await this.#begin();
			return false;
		}
		const news = this.#mirror.apply(changes, { revision, epoch });
		if (news.length > 0) this.#listener.onNews(news);
		return page.next !== null;
	}

	/** @param {Promise<void>} work */
	async #guard(work) {
		try {
			await work;
		} catch (error) {
			if (error instanceof Unreachable) {
				if (this.#phase !== "live") this.status.value = "offline";
			} else if (!(error instanceof Refused)) throw error;
			if (this.#hello && this.#phase === "waiting") this.#line.giveUp();
			if (!this.#mirror.cursor) this.#mirror.list.failed();
		}
	}
}
