// Keeps what is known in step with the server: over the socket, and while that does not come about, by asking. Nothing is
// applied that does not continue what is known.
import { signal } from "../../../vendor/signals-core.js";
import { Refused, Unreachable } from "../../protocol/api.js";
import { isAheadOfCursor } from "../model/ahead.js";
import { inTurn } from "./events.js";
import { LongPoll } from "./long_poll.js";

/**
 * @typedef {import("../../protocol/types.js").Event} Event
 * @typedef {import("../../protocol/types.js").Change} Change
 * @typedef {import("../types.js").Message} Message
 * @typedef {import("../types.js").Status} Status
 * @typedef {import("../../protocol/socket.js").Listener} SocketListener
 * @typedef {Extract<Event, { type: "hello" }>} Hello
 * @typedef {Extract<Event, { type: "presence" | "typing" }>} Passing what is not part of the history
 */

/** A socket that has not come about after so long is not waited for. */
const SOCKET_PATIENCE = 1_000;

export class Sync {
	#me;
	#api;
	#local;
	#listener;
	#socket;
	#poll;
	#running = false;
	/** The latest greeting, as long as its socket is there. @type {Hello | null} */
	#hello = null;
	/** @type {"waiting" | "catching up" | "live"} */
	#phase = "waiting";
	/** New messages told while catching up. @type {Message[]} */
	#news = [];
	/** Since the socket was lost, all there was has been asked for once. */
	#pulled = false;
	/** The state to begin with. @type {Promise<void> | null} */
	#beginning = null;
	/** @type {ReturnType<typeof setTimeout> | undefined} */
	#timer;

	/** @type {import("../types.js").Signal<Status>} */
	status = signal("connecting");

	/**
	 * @param {{
	 *   me: string,
	 *   api: import("../../protocol/api.js").Api,
	 *   local: import("../client/local_state.js").LocalState,
	 *   socket: (listener: SocketListener, query: () => string) => import("../../protocol/socket.js").ReconnectingSocket,
	 *   holds: () => boolean,
	 *   listener: {
	 *     onPassing: (event: Passing) => void,
	 *     onOpen: (restarted: boolean) => void,
	 *     onBegun: (more: boolean) => void,
	 *     onNotBegun: () => void,
	 *     onCaughtUp: () => void,
	 *     onApplied: () => Promise<void>,
	 *     onNews: (news: Message[]) => void,
	 *     onDown: () => void,
	 *     onOtherPerson: () => void,
	 *   },
	 * }} parts `holds`: whether this page may keep a request waiting. `onOpen`: there is a socket, maybe to a server that has begun again; `onBegun`: there is a new
	 *   beginning; `onCaughtUp`: everything there was is known; `onApplied`: what that leaves open may be asked for.
	 */
	constructor({ me, api, local, socket, holds, listener }) {
		this.#me = me;
		this.#api = api;
		this.#local = local;
		this.#listener = listener;
		this.#poll = new LongPoll({
			ask: (wait, signal) => this.#pullPage(wait, signal),
			holds,
			onFailed: (error) => this.#failed(error),
		});
		this.#socket = socket(
			{
				onEvents: (events) => {
					for (const turn of inTurn(events)) {
						if (Array.isArray(turn)) this.#hear(turn);
						else this.#control(turn);
					}
				},
				onDown: (opened) => this.#down(opened),
			},
			() => this.#query(),
		);
	}

	/** One begins with the state as it is, and then follows it; who knows a state from before follows that. */
	start() {
		this.#running = true;
		if (this.#local.cursor) this.#connect();
		else this.#poll.start();
	}

	stop() {
		this.#running = false;
		clearTimeout(this.#timer);
		this.#poll.stop();
		this.#socket.stop();
	}

	/** How the server is reached now. @returns {"ws" | "http" | "offline"} */
	get transport() {
		if (this.#phase === "live") return "ws";
		return this.#poll.works ? "http" : "offline";
	}

	/** @param {Record<string, unknown>} frame @returns {boolean} */
	send(frame) {
		return this.#hello !== null && this.#socket.send(frame);
	}

	/** Somebody looks at the page. */
	check() {
		this.#socket.check();
		this.#poll.again();
	}

	/** The network is back, or another one. */
	online() {
		this.#lose();
		this.#connect();
	}

	/** There is no network; a server on this very machine may be there all the same. */
	offline() {
		this.#lose();
		this.status.value = "offline";
		this.#connect();
	}

	#connect() {
		if (!this.#running) return;
		if (!this.#local.cursor) return this.#poll.again();
		this.#poll.stop();
		this.#socket.renew();
		this.#pullUnlessHere(SOCKET_PATIENCE);
	}

	/** @param {number} patience milliseconds */
	#pullUnlessHere(patience) {
		clearTimeout(this.#timer);
		if (patience === 0) this.#poll.start();
		else this.#timer = setTimeout(() => this.#poll.start(), patience);
	}

	/** What the socket's address says: who one is, and what one knows. */
	#query() {
		const { cursor } = this.#local;
		const since = cursor ? { since: String(cursor.revision), epoch: cursor.epoch } : {};
		return `?${new URLSearchParams({ user: this.#me, ...since })}`;
	}

	/** @param {import("./events.js").Control} event */
	#control(event) {
		if (event.type === "hello") this.#greet(event);
		else if (event.type === "synced") this.#synced(event);
		else if (event.type === "resync") this.#resync();
		else this.#listener.onPassing(event);
	}

	/** @param {Hello} hello */
	#greet(hello) {
		if (hello.user !== this.#me) return this.#listener.onOtherPerson();
		clearTimeout(this.#timer);
		this.#poll.stop();
		this.#hello = hello;
		this.#news = [];
		if (!this.#knows(hello.epoch)) return this.#resync();
		this.#phase = "catching up";
		this.#listener.onOpen(hello.epoch !== this.#local.cursor?.epoch);
	}

	/** Whether one can go on from what is known, in this epoch. @param {string} epoch */
	#knows(epoch) {
		const { cursor, state } = this.#local;
		return cursor !== null && (cursor.epoch === epoch || !isAheadOfCursor(state));
	}

	/** The history one knows is gone: everything begins again, and then the socket. */
	async #resync() {
		const hello = this.#hello;
		this.#phase = "waiting";
		await this.#guard(this.#begin());
		if (hello === this.#hello) this.#socket.giveUp();
	}

	#begin() {
		this.#beginning ??= this.#api
			.snapshot()
			.then((snapshot) => this.#replace(snapshot))
			.finally(() => {
				this.#beginning = null;
			});
		return this.#beginning;
	}

	/** @param {import("../../protocol/types.js").Snapshot} snapshot */
	#replace(snapshot) {
		this.#local.replace(snapshot);
		this.#pulled = false;
		this.#listener.onBegun(snapshot.more);
	}

	/** @param {Change[]} changes */
	#hear(changes) {
		if (!this.#hello || this.#phase === "waiting") return;
		const { epoch } = this.#hello;
		const revisions = changes.map((change) => change.revision);
		if (this.#phase === "live") {
			this.#tell(this.#local.apply(changes, { revision: Math.max(...revisions), epoch }));
			this.#guard(this.#listener.onApplied());
			return;
		}
		// Another change may have the same revision as this one, and would be missed if the socket broke here.
		const revision = Math.min(...revisions) - 1;
		this.#news.push(...this.#local.apply(changes, { revision, epoch }));
	}

	/** @param {Extract<Event, { type: "synced" }>} synced */
	#synced({ revision, epoch }) {
		if (this.#phase !== "catching up") return;
		this.#phase = "live";
		this.#news.push(...this.#local.apply([], { revision, epoch }));
		this.status.value = "ws";
		this.#listener.onCaughtUp();
		this.#tell(this.#news.splice(0));
		this.#guard(this.#listener.onApplied());
	}

	/** @param {Message[]} news */
	#tell(news) {
		if (news.length > 0) this.#listener.onNews(news);
	}

	/** @param {boolean} opened */
	#down(opened) {
		this.#lose();
		if (this.#running) this.#pullUnlessHere(opened ? SOCKET_PATIENCE : 0);
	}

	#lose() {
		this.#hello = null;
		this.#phase = "waiting";
		this.#pulled = false;
		this.#listener.onDown();
		if (this.status.peek() === "ws") this.status.value = "connecting";
	}

	/**
	 * @param {number} wait
	 * @param {AbortSignal} signal
	 */
	async #pullPage(wait, signal) {
		const { cursor } = this.#local;
		if (!cursor) {
			await this.#begin();
			this.#connect();
			return "nothing";
		}
		const page = await this.#api.changes(cursor, { wait, signal });
		if (signal.aborted) return "nothing";
		if ("conversations" in page || !this.#knows(page.epoch)) {
			if ("conversations" in page) this.#replace(page);
			else await this.#begin();
			return "more";
		}
		const { changes, revision, epoch, next } = page;
		this.#news.push(...this.#local.apply(changes, { revision, epoch }));
		if (next !== null) return "more";
		this.#reached();
		return changes.length > 0 ? "some" : "nothing";
	}

	/** Everything up to now is known, without a socket. */
	#reached() {
		this.status.value = "http";
		if (!this.#pulled) this.#listener.onCaughtUp();
		this.#pulled = true;
		this.#tell(this.#news.splice(0));
		this.#guard(this.#listener.onApplied());
	}

	/** @param {Promise<void>} work */
	#guard(work) {
		return work.catch((error) => {
			if (!(error instanceof Refused || error instanceof Unreachable)) throw error;
			this.#failed(error);
		});
	}

	/** @param {Refused | Unreachable} error */
	#failed(error) {
		if (error instanceof Unreachable && this.#phase !== "live") this.status.value = "offline";
		if (!this.#local.cursor) this.#listener.onNotBegun();
	}
}
