// Loads the messages of one conversation, and shows the loading state.
import { signal } from "../../../vendor/signals-core.js";
import { Refused, Unreachable } from "../../protocol/api.js";
import { hasGap } from "../model/conversation.js";
import { isEmpty, join } from "../model/window.js";

/**
 * @typedef {import("../types.js").Loading} Loading
 * @typedef {import("../types.js").Signal<Loading>} LoadingSignal
 * @typedef {{ before?: number, after?: number, limit: number }} Wanted
 */

/** The server's limit. */
const LARGEST = 100;
/** A jump up to this long loads all messages between. */
const NEAR = 300;

export class PageLoader {
	#conversation;
	#fetcher;
	#filling = false;

	/** @type {LoadingSignal} */
	loading = signal("idle");
	/** @type {LoadingSignal} */
	older = signal("ready");
	/** @type {LoadingSignal} */
	newer = signal("ready");

	/**
	 * @param {import("../client/conversation.js").Conversation} conversation
	 * @param {import("./fetcher.js").Fetcher} fetcher
	 */
	constructor(conversation, fetcher) {
		this.#conversation = conversation;
		this.#fetcher = fetcher;
	}

	/** Loads a page of the newest messages. */
	load() {
		return this.#run(this.loading, async () => {
			if (!this.#conversation.data && !(await this.#fetcher.find(this.#conversation)))
				return "missing";
			const { data } = this.#conversation;
			if (!data) return "ready";
			const { window, following } = data;
			const { pageSize } = this.#fetcher;
			if (!following || isEmpty(window)) await this.#newest();
			else {
				if (window.first > 1 && window.items.length < pageSize) {
					await this.#extend({ before: window.first, limit: pageSize });
				}
				await this.fill();
			}
			return "ready";
		});
	}

	loadOlder() {
		const { first } = this.#conversation.window;
		if (first <= 1) return Promise.resolve();
		return this.#run(this.older, () =>
			this.#extend({ before: first, limit: this.#fetcher.pageSize }),
		);
	}

	loadNewer() {
		const { data } = this.#conversation;
		if (!data || data.following) return Promise.resolve();
		const wanted = { after: data.window.last, limit: this.#fetcher.pageSize };
		return this.#run(this.newer, () => this.#extend(wanted));
	}

	/** @param {number} seq */
	loadAround(seq) {
		return this.#run(this.loading, async () => {
			const { window } = this.#conversation;
			if (!isEmpty(window) && window.first <= seq && seq <= window.last) return;
			if (seq < window.first && window.first - seq <= NEAR) return this.#backTo(seq);
			const half = Math.max(10, Math.ceil(this.#fetcher.pageSize / 2));
			const pages = [
				{ before: seq + 1, limit: half },
				{ after: seq, limit: half },
			];
			await this.#pages(pages, "jump");
		});
	}

	/** Fetches missing messages up to the newest. */
	async fill() {
		if (this.#filling) return;
		this.#filling = true;
		try {
			for (let pages = 0; this.#hasGap; pages += 1) {
				const { last } = this.#conversation.window;
				if (pages * LARGEST > NEAR) return await this.#newest();
				await this.#extend({ after: last, limit: LARGEST });
				if (this.#conversation.window.last === last) return;
			}
		} finally {
			this.#filling = false;
		}
	}

	get #hasGap() {
		const { data } = this.#conversation;
		return data !== null && hasGap(data);
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
		return this.#pages([{ limit: this.#fetcher.pageSize }], "newest");
	}

	/** @param {Wanted} wanted */
	#extend(wanted) {
		return this.#pages([wanted], "extend");
	}

	/**
	 * @param {Wanted[]} wanted adjacent, ascending
	 * @param {"extend" | "newest" | "jump"} how
	 */
	async #pages(wanted, how) {
		const { id: conversation } = this.#conversation;
		if (conversation === null) return;
		await this.#fetcher.pages(conversation, wanted, (pages) => {
			const page = pages.reduce((one, other) => join(one, other) ?? one);
			this.#fetcher.add({ type: "page", conversation, page, how });
		});
	}

	/**
	 * One at a time; sets the loading state.
	 * @param {LoadingSignal} state
	 * @param {() => Promise<Loading | void>} work
	 */
	async #run(state, work) {
		if (state.peek() === "loading") return;
		state.value = "loading";
		try {
			state.value = (await work()) ?? "ready";
		} catch (error) {
			state.value = "error";
			if (!(error instanceof Refused || error instanceof Unreachable)) throw error;
		}
	}
}
