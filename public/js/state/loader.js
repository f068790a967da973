// Fetches the pages of one conversation, and says how that goes.
import { signal } from "../../vendor/signals-core.js";
import { Refused, Unreachable } from "../protocol/api.js";
import { Meanwhile } from "./meanwhile.js";
import { isEmpty, join, NOTHING } from "./window.js";

/**
 * @typedef {import("./types.js").Loading} Loading
 * @typedef {import("../protocol/types.js").Page} Page
 * @typedef {import("./window.js").Window} Window
 * @typedef {{
 *   page: (wanted: { before?: number, after?: number, limit: number }) => Promise<Page>,
 *   state: () => Promise<void>,
 *   changed: () => void,
 *   era: () => unknown,
 *   pageSize: number,
 * }} Ask `state`: settles the conversation's state if there is such a conversation; `era` changes with every new beginning.
 */

/** The server's bound. */
const LARGEST = 100;
/** A jump that is not longer than this is made by loading all between. */
const NEAR = 300;

/** @param {Page} page @returns {Window} */
const stretch = ({ messages, first, last }) => ({ first, last, items: messages });

export class Loader {
	#conversation;
	#ask;
	#meanwhile;
	#filling = false;

	/** @type {import("./types.js").Signal<Loading>} */
	loading = signal("idle");
	/** @type {import("./types.js").Signal<Loading>} */
	older = signal("ready");
	/** @type {import("./types.js").Signal<Loading>} */
	newer = signal("ready");

	/**
	 * @param {import("./conversation.js").Conversation} conversation
	 * @param {Ask} ask
	 */
	constructor(conversation, ask) {
		this.#conversation = conversation;
		this.#ask = ask;
		this.#meanwhile = new Meanwhile(ask.era);
	}

	/** @param {() => void} again */
	note(again) {
		this.#meanwhile.note(again);
	}

	/** The newest messages, as many as a page has. */
	load() {
		return this.#run(this.loading, async () => {
			const conversation = this.#conversation;
			if (conversation.state.peek() === null) await this.#ask.state();
			if (conversation.state.peek() === null) return;
			const { window } = conversation;
			const { pageSize } = this.#ask;
			if (!conversation.following.peek() || isEmpty(window)) return this.#newest();
			if (window.first > 1 && window.items.length < pageSize) {
				await this.#extend({ before: window.first, limit: pageSize });
			}
			await this.fill();
		});
	}

	loadOlder() {
		const { first } = this.#conversation.window;
		if (first <= 1) return Promise.resolve();
		return this.#run(this.older, () => this.#extend({ before: first, limit: this.#ask.pageSize }));
	}

	loadNewer() {
		const { following, window } = this.#conversation;
		if (following.peek()) return Promise.resolve();
		return this.#run(this.newer, async () => {
			await this.#extend({ after: window.last, limit: this.#ask.pageSize });
			this.#caughtUp();
		});
	}

	/** @param {number} seq */
	loadAround(seq) {
		return this.#run(this.loading, async () => {
			const { window } = this.#conversation;
			if (!isEmpty(window) && window.first <= seq && seq <= window.last) return;
			if (seq < window.first && window.first - seq <= NEAR) return this.#backTo(seq);
			const half = Math.max(10, Math.ceil(this.#ask.pageSize / 2));
			const pages = [
				{ before: seq + 1, limit: half },
				{ after: seq, limit: half },
			];
			await this.#fetch(pages, ([before, after]) => {
				this.#conversation.following.value = false;
				this.#conversation.show(join(before, after) ?? before);
			});
			this.#caughtUp();
		});
	}

	/** Fetches what is missing up to the newest message. */
	async fill() {
		if (this.#filling) return;
		this.#filling = true;
		try {
			for (let pages = 0; this.#conversation.hasHole; pages += 1) {
				const { last } = this.#conversation.window;
				if (pages * LARGEST > NEAR) return await this.#newest();
				await this.#extend({ after: last, limit: LARGEST });
				if (this.#conversation.window.last === last) return;
			}
		} finally {
			this.#filling = false;
		}
	}

	/** @param {number} seq */
	async #backTo(seq) {
		for (let { first } = this.#conversation.window; first > seq; ) {
			await this.#extend({ before: first, limit: LARGEST });
			if (this.#conversation.window.first === first) return;
			({ first } = this.#conversation.window);
		}
	}

	#newest() {
		return this.#fetch([{ limit: this.#ask.pageSize }], ([page]) => {
			const conversation = this.#conversation;
			const keep = conversation.following.peek() ? conversation.window : NOTHING;
			conversation.following.value = true;
			conversation.show(join(keep, page) ?? page);
		});
	}

	/** @param {{ before?: number, after?: number, limit: number }} wanted */
	#extend(wanted) {
		return this.#fetch([wanted], ([page]) => this.#conversation.extend(page));
	}

	/** After a jump one has come back to the newest message. */
	#caughtUp() {
		const { window, state, following } = this.#conversation;
		if (window.last >= (state.peek()?.last_seq ?? 0)) following.value = true;
	}

	/**
	 * @param {{ before?: number, after?: number, limit: number }[]} wanted
	 * @param {(pages: Window[]) => void} use
	 */
	async #fetch(wanted, use) {
		const ask = () => Promise.all(wanted.map((page) => this.#ask.page(page)));
		await this.#meanwhile.fetch(ask, (pages) => use(pages.map(stretch)));
		this.#ask.changed();
	}

	/**
	 * One at a time; a failure is shown where it happened.
	 * @param {import("./types.js").Signal<Loading>} state
	 * @param {() => Promise<void>} work
	 */
	async #run(state, work) {
		if (state.peek() === "loading") return;
		state.value = "loading";
		try {
			await work();
			state.value = "ready";
		} catch (error) {
			state.value = "error";
			if (!(error instanceof Refused || error instanceof Unreachable)) throw error;
		}
	}
}
