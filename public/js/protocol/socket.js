// A WebSocket that stays open, detects a dead connection, and reconnects. Carries events; knows nothing of what they
// mean.
import { backoff } from "../lib/backoff.js";

/**
 * @typedef {import("./types.js").Event} Event
 * @typedef {{
 *   onEvents: (events: Event[]) => void,
 *   onDown: (opened: boolean) => void,
 * }} Listener `onEvents`: the events of one frame; `onDown`: the socket is lost, or (not `opened`) was never open.
 */

const PROTOCOL = "chinwag.v1";
/** An unanswered handshake must not delay the next try. */
const HANDSHAKE_TIMEOUT = 15_000;
/** After this time without a frame a ping is sent, */
const SILENCE = 15_000;
/** and the server has this long to answer; */
const PONG_TIMEOUT = 10_000;
/** or this long when the user is looking at the page, who must not see stale data. */
const SHORT_PONG_TIMEOUT = 3_000;
/** Losing a socket that was open this long counts as a first failure. */
const STABLE = 10_000;

/** The WebSocket URL of this page's server. @param {Location} page */
export function socketAddress({ protocol, host }) {
	return `${protocol === "https:" ? "wss:" : "ws:"}//${host}/ws`;
}

export class ReconnectingSocket {
	#address;
	#listener;
	#open;
	/** @type {WebSocket | null} */
	#socket = null;
	/** @type {AbortController | null} */
	#listening = null;
	/** Waits for the next try, the handshake, or the next frame. @type {ReturnType<typeof setTimeout> | undefined} */
	#timer;
	/** @type {number | null} */
	#openSince = null;
	#failures = 0;
	#running = false;

	/**
	 * @param {() => string} address called at each try, because it contains the current cursor
	 * @param {Listener} listener
	 * @param {(address: string, protocol: string) => WebSocket} open
	 */
	constructor(address, listener, open = (url, protocol) => new WebSocket(url, protocol)) {
		this.#address = address;
		this.#listener = listener;
		this.#open = open;
	}

	start() {
		if (this.#running) return;
		this.#running = true;
		this.#connect();
	}

	stop() {
		this.#running = false;
		this.#drop();
	}

	/**
	 * @param {Record<string, unknown>} frame
	 * @returns {boolean} whether there was an open socket
	 */
	send(frame) {
		if (this.#openSince === null) return false;
		this.#socket?.send(JSON.stringify(frame));
		return true;
	}

	/** A try may succeed now: do not wait out the backoff. */
	retryNow() {
		if (!this.#running || this.#socket) return;
		this.#failures = 0;
		this.#connect();
	}

	/** The socket may look open and be dead, as after sleep: it answers a ping or is replaced. */
	check() {
		if (this.#openSince !== null) this.#ping(SHORT_PONG_TIMEOUT);
		else this.retryNow();
	}

	/** The network changed: a socket that looks open is dead. */
	renew() {
		this.#running = true;
		this.#drop();
		this.#failures = 0;
		this.#connect();
	}

	/** What this socket delivered could not be used: drop it, and retry after the backoff. */
	giveUp() {
		if (this.#socket) this.#lost();
	}

	#connect() {
		clearTimeout(this.#timer);
		const socket = this.#open(this.#address(), PROTOCOL);
		this.#socket = socket;
		this.#listening = new AbortController();
		const { signal } = this.#listening;
		this.#timer = setTimeout(() => this.#lost(), HANDSHAKE_TIMEOUT);
		socket.addEventListener(
			"open",
			() => {
				this.#openSince = Date.now();
				this.#resetSilence();
			},
			{ signal },
		);
		socket.addEventListener("message", ({ data }) => this.#receive(data), { signal });
		socket.addEventListener("close", () => this.#lost(), { signal });
	}

	/** @param {unknown} data */
	#receive(data) {
		this.#resetSilence();
		let frames;
		try {
			frames = JSON.parse(String(data));
		} catch {
			return;
		}
		const events = (Array.isArray(frames) ? frames : [frames]).filter((event) => event?.type);
		if (events.some(({ type }) => type !== "pong")) this.#listener.onEvents(events);
	}

	#resetSilence() {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => this.#ping(PONG_TIMEOUT), SILENCE);
	}

	/** @param {number} timeout milliseconds */
	#ping(timeout) {
		clearTimeout(this.#timer);
		this.send({ type: "ping" });
		this.#timer = setTimeout(() => this.#lost(), timeout);
	}

	#lost() {
		const since = this.#openSince;
		this.#drop();
		this.#failures = since !== null && Date.now() - since > STABLE ? 1 : this.#failures + 1;
		if (this.#running) this.#timer = setTimeout(() => this.#connect(), backoff(this.#failures));
		this.#listener.onDown(since !== null);
	}

	#drop() {
		clearTimeout(this.#timer);
		this.#openSince = null;
		this.#listening?.abort();
		this.#listening = null;
		this.#socket?.close();
		this.#socket = null;
	}
}
