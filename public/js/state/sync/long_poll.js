// Long polling, when no socket can be opened: the server holds its response until there is a change.
import { backoff } from "../../lib/backoff.js";
import { Refused, Unreachable } from "../../protocol/api.js";

/** How long the server may hold a response, in seconds. */
const HOLD = 25;
/** A browser has few connections per server: pages that are not visible and do not send poll at intervals. */
const PAUSE = 5_000;
/** An empty response faster than this was not held: a proxy prevents long polling. */
const NOT_HELD = 1_000;

export class LongPoll {
	#ask;
	#holds;
	#onFailed;
	/** @type {AbortController | null} */
	#running = null;
	/** @type {() => void} */
	#wake = () => {};
	/** Whether polling works. */
	works = false;

	/**
	 * @param {{
	 *   ask: (wait: number, signal: AbortSignal) => Promise<"more" | "some" | "nothing">,
	 *   holds: () => boolean,
	 *   onFailed: (error: Refused | Unreachable) => void,
	 * }} parts `ask` for a page of changes, and apply it; `holds`: whether this page may occupy a connection
	 */
	constructor({ ask, holds, onFailed }) {
		this.#ask = ask;
		this.#holds = holds;
		this.#onFailed = onFailed;
	}

	start() {
		if (this.#running) return;
		this.#running = new AbortController();
		this.#run(this.#running.signal);
	}

	stop() {
		this.#running?.abort();
		this.#running = null;
		this.works = false;
		this.#wake();
	}

	/** The current request may be dead: asks now. */
	again() {
		if (!this.#running) return;
		this.stop();
		this.start();
	}

	/** @param {AbortSignal} signal */
	async #run(signal) {
		let wait = 0;
		for (let failures = 0; !signal.aborted; ) {
			let pause = 0;
			try {
				const asked = Date.now();
				const got = await this.#ask(wait, signal);
				if (signal.aborted) return;
				this.works = true;
				failures = 0;
				if (wait > 0 && got === "nothing" && Date.now() - asked < NOT_HELD) pause = NOT_HELD;
				wait = got !== "more" && this.#holds() ? HOLD : 0;
				if (got !== "more" && wait === 0) pause = PAUSE;
			} catch (error) {
				if (signal.aborted) return;
				if (!(error instanceof Refused || error instanceof Unreachable)) throw error;
				this.works = false;
				failures += 1;
				wait = 0;
				pause = Math.max(error instanceof Refused ? (error.retryAfter ?? 0) : 0, backoff(failures));
				this.#onFailed(error);
			}
			if (pause > 0) await this.#pause(pause);
		}
	}

	/** @param {number} ms @returns {Promise<void>} */
	#pause(ms) {
		return new Promise((resolve) => {
			const timer = setTimeout(resolve, ms);
			this.#wake = () => {
				clearTimeout(timer);
				resolve();
			};
		});
	}
}
