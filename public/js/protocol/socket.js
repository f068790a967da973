// The socket to the server: stays open, finds out when it is dead, and comes back by itself. Carries events; knows nothing
// of what they mean.
import { backoff } from "../lib/backoff.js";

/**
 * @typedef {import("./types.js").Event} Event
 * @typedef {{
 *   onEvents: (events: Event[]) => void,
 *   onDown: (opened: boolean) => void,
 * }} Listener `onEvents`: those of one frame; `onDown`: a socket is lost, or (not `opened`) never came about.
 */

const PROTOCOL = "chinwag.v1";
/** A handshake nobody answers must not hold up the next try. */
const HANDSHAKE = 15_000;
/** After so much silence the other end is asked for a sign of life, */
const SILENCE = 15_000;
/** and has so long to give it; */
const PATIENCE = 10_000;
/** or so long when somebody is looking at the page, who must not look at old news. */
const SHORT_PATIENCE = 3_000;
/** A socket that held so long was a good one: losing it is a first failure. */
const GOOD = 10_000;

/** Where the socket of this page's server is. @param {Location} page */
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
	/** What is waited for: the next try, an end of the handshake, or of silence. @type {ReturnType<typeof setTimeout> | undefined} */
	#timer;
	/** @type {number | null} */
	#openSince = null;
	#failures = 0;
	#running = false;

	/**
	 * @param {() => string} address asked at each try, because it says what is known then
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

	/** Something suggests that a try would succeed now: do not wait out the pause. */
	retryNow() {
		if (!this.#running || this.#socket) return;
		this.#failures = 0;
		this.#connect();
	}

	/** The socket may look open and be dead, as after sleep: a sign of life, or another socket. */
	check() {
		if (this.#openSince !== null) this.#probe(SHORT_PATIENCE);
		else this.retryNow();
	}

	/** The network changed: what looks open leads nowhere. */
	renew() {
		this.#running = true;
		this.#drop();
		this.#failures = 0;
		this.#connect();
	}

	/** What came by this socket could not be used: let it go, and try again in a while. */
	giveUp() {
		if (this.#socket) this.#lost();
	}

	#connect() {
		clearTimeout(this.#timer);
		const socket = this.#open(this.#address(), PROTOCOL);
		this.#socket = socket;
		this.#listening = new AbortController();
		const { signal } = this.#listening;
		this.#timer = setTimeout(() => this.#lost(), HANDSHAKE);
		socket.addEventListener(
			"open",
			() => {
				this.#openSince = Date.now();
				this.#heard();
			},
			{ signal },
		);
		socket.addEventListener("message", ({ data }) => this.#receive(data), { signal });
		socket.addEventListener("close", () => this.#lost(), { signal });
	}

	/** @param {unknown} data */
	#receive(data) {
		this.#heard();
		let told;
		try {
			told = JSON.parse(String(data));
		} catch {
			return;
		}
		const events = (Array.isArray(told) ? told : [told]).filter((event) => event?.type);
		if (events.some(({ type }) => type !== "pong")) this.#listener.onEvents(events);
	}

	#heard() {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => this.#probe(PATIENCE), SILENCE);
	}

	/** @param {number} patience milliseconds */
	#probe(patience) {
		clearTimeout(this.#timer);
		this.send({ type: "ping" });
		this.#timer = setTimeout(() => this.#lost(), patience);
	}

	#lost() {
		const since = this.#openSince;
		this.#drop();
		this.#failures = since !== null && Date.now() - since > GOOD ? 1 : this.#failures + 1;
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
