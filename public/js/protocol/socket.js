// The live line to the server: stays open, comes back by itself, and says when something
// happened. It carries no content; what happened is asked for elsewhere.
import { backoff } from "../lib/backoff.js";

/**
 * @typedef {"connecting" | "open" | "closed"} LineState
 * @typedef {{
 *   onState: (state: LineState) => void,
 *   onEvent: () => void,
 *   onFailure: () => void,
 * }} Listener `onFailure`: a connection was refused or never came about.
 */

/** A handshake nobody answers must not hold up the next try. */
const HANDSHAKE = 15_000;

export class LiveLine {
	#address;
	#listener;
	#open;
	/** @type {WebSocket | null} */
	#socket = null;
	/** @type {AbortController | null} */
	#listening = null;
	/** @type {ReturnType<typeof setTimeout> | undefined} */
	#timer;
	#failures = 0;
	#running = false;

	/**
	 * @param {string} address
	 * @param {Listener} listener
	 * @param {(address: string) => WebSocket} open
	 */
	constructor(address, listener, open = (url) => new WebSocket(url)) {
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
		clearTimeout(this.#timer);
		this.#drop();
	}

	/** Something suggests that a try would succeed now: do not wait out the pause. */
	hurry() {
		if (!this.#running || this.#socket) return;
		this.#failures = 0;
		this.#connect();
	}

	/** The line may look open and be dead: after sleep, or when the network changed. */
	renew() {
		if (!this.#running) return;
		this.#drop();
		this.#failures = 0;
		this.#connect();
	}

	#connect() {
		clearTimeout(this.#timer);
		this.#listener.onState("connecting");
		let opened = false;
		const socket = this.#open(this.#address);
		this.#socket = socket;
		this.#listening = new AbortController();
		const { signal } = this.#listening;
		this.#timer = setTimeout(() => this.#lost(opened), HANDSHAKE);
		socket.addEventListener(
			"open",
			() => {
				opened = true;
				this.#failures = 0;
				clearTimeout(this.#timer);
				this.#listener.onState("open");
			},
			{ signal },
		);
		socket.addEventListener("message", () => this.#listener.onEvent(), { signal });
		socket.addEventListener("close", () => this.#lost(opened), { signal });
	}

	/** @param {boolean} opened */
	#lost(opened) {
		this.#drop();
		this.#failures += 1;
		this.#listener.onState("closed");
		if (!opened) this.#listener.onFailure();
		if (!this.#running) return;
		this.#timer = setTimeout(() => this.#connect(), backoff(this.#failures));
	}

	#drop() {
		this.#listening?.abort();
		this.#listening = null;
		this.#socket?.close();
		this.#socket = null;
	}
}
