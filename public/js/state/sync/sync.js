// Keeps the local state in sync with the server, over the socket or by long polling: applies only changes that continue it.
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
 * @typedef {Extract<Event, { type: "presence" | "typing" }>} Passing ephemeral events
 */

/** How long to wait for the socket before polling. */
const SOCKET_TIMEOUT = 1_000;

export class Sync {
	#me;
	#api;
	#local;
	#listener;
	#socket;
	#poll;
	#running = false;
	/** The `hello` of the current socket. @type {Hello | null} */
	#hello = null;
	/** @type {"waiting" | "catching up" | "live"} */
	#phase = "waiting";
	/** New messages received while catching up. @type {Message[]} */
	#news = [];
	/** Since the socket was lost, polling has caught up once. */
	#pulled = false;
	/** The snapshot request in flight. @type {Promise<void> | null} */
	#snapshotRequest = null;
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
	 * }} parts `holds`: whether this page may occupy a connection; `onOpen`: a socket is open, maybe to a restarted server;
	 *   `onBegun`: a snapshot replaced the state; `onCaughtUp`: everything missed is known; `onApplied`: what that leaves
	 *   uncertain can be requested.
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
						if (Array.isArray(turn)) this.#receive(turn);
						else this.#control(turn);
					}
				},
				onDown: (opened) => this.#down(opened),
			},
			() => this.#query(),
		);
	}

	/** Without a stored state, first loads a snapshot; then follows the changes. */
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

	/** The user looks at the page. */
	check() {
		this.#socket.check();
		this.#poll.again();
	}

	/** The network is back, or another one. */
	online() {
		this.#disconnected();
		this.#connect();
	}

	/** There is no network; a server on this machine may still be reachable. */
	offline() {
		this.#disconnected();
		this.status.value = "offline";
		this.#connect();
	}

	#connect() {
		if (!this.#running) return;
		if (!this.#local.cursor) return this.#poll.again();
		this.#poll.stop();
		this.#socket.renew();
		this.#pollAfter(SOCKET_TIMEOUT);
	}

	/** @param {number} timeout milliseconds */
	#pollAfter(timeout) {
		clearTimeout(this.#timer);
		if (timeout === 0) this.#poll.start();
		else this.#timer = setTimeout(() => this.#poll.start(), timeout);
	}

	/** The query of the socket's URL: the user and the cursor. */
	#query() {
		const { cursor } = this.#local;
		const since = cursor ? { since: String(cursor.revision), epoch: cursor.epoch } : {};
		return `?${new URLSearchParams({ user: this.#me, ...since })}`;
	}

	/** @param {import("./events.js").Control} event */
	#control(event) {
		if (event.type === "hello") this.#onHello(event);
		else if (event.type === "synced") this.#synced(event);
		else if (event.type === "resync") this.#resync();
		else this.#listener.onPassing(event);
	}

	/** @param {Hello} hello */
	#onHello(hello) {
		if (hello.user !== this.#me) return this.#listener.onOtherPerson();
		clearTimeout(this.#timer);
		this.#poll.stop();
		this.#hello = hello;
		this.#news = [];
		if (!this.#knows(hello.epoch)) return this.#resync();
		this.#phase = "catching up";
		this.#listener.onOpen(hello.epoch !== this.#local.cursor?.epoch);
	}

	/** Whether the local state can be continued in this epoch. @param {string} epoch */
	#knows(epoch) {
		const { cursor, state } = this.#local;
		return cursor !== null && (cursor.epoch === epoch || !isAheadOfCursor(state));
	}

	/** The known history is lost: loads a snapshot, then reconnects. */
	async #resync() {
		const hello = this.#hello;
		this.#phase = "waiting";
		await this.#guard(this.#loadSnapshot());
		if (hello === this.#hello) this.#socket.giveUp();
	}

	#loadSnapshot() {
		this.#snapshotRequest ??= this.#api
			.snapshot()
			.then((snapshot) => this.#replace(snapshot))
			.finally(() => {
				this.#snapshotRequest = null;
			});
		return this.#snapshotRequest;
	}

	/** @param {import("../../protocol/types.js").Snapshot} snapshot */
	#replace(snapshot) {
		this.#local.replace(snapshot);
		this.#pulled = false;
		this.#listener.onBegun(snapshot.more);
	}

	/** @param {Change[]} changes */
	#receive(changes) {
		if (!this.#hello || this.#phase === "waiting") return;
		const { epoch } = this.#hello;
		const revisions = changes.map((change) => change.revision);
		if (this.#phase === "live") {
			this.#reportNews(this.#local.apply(changes, { revision: Math.max(...revisions), epoch }));
			this.#guard(this.#listener.onApplied());
			return;
		}
		// Another change may have the same revision, and would be missed if the socket broke here.
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
		this.#reportNews(this.#news.splice(0));
		this.#guard(this.#listener.onApplied());
	}

	/** @param {Message[]} news */
	#reportNews(news) {
		if (news.length > 0) this.#listener.onNews(news);
	}

	/** @param {boolean} opened */
	#down(opened) {
		this.#disconnected();
		if (this.#running) this.#pollAfter(opened ? SOCKET_TIMEOUT : 0);
	}

	#disconnected() {
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
			await this.#loadSnapshot();
			if (!signal.aborted) this.#connect(); // Otherwise another poll waits for the same snapshot.
			return "nothing";
		}
		const page = await this.#api.changes(cursor, { wait, signal });
		if (signal.aborted) return "nothing";
		if ("conversations" in page || !this.#knows(page.epoch)) {
			if ("conversations" in page) this.#replace(page);
			else await this.#loadSnapshot();
			return "more";
		}
		const { changes, revision, epoch, next } = page;
		this.#news.push(...this.#local.apply(changes, { revision, epoch }));
		if (next !== null) return "more";
		this.#caughtUpByPolling();
		return changes.length > 0 ? "some" : "nothing";
	}

	/** Everything up to now is known, without a socket. */
	#caughtUpByPolling() {
		this.status.value = "http";
		if (!this.#pulled) this.#listener.onCaughtUp();
		this.#pulled = true;
		this.#reportNews(this.#news.splice(0));
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
