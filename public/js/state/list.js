// The list of conversations, page by page: which of them the mirror has loaded, and whether there are more.
import { batch, signal } from "../../vendor/signals-core.js";
import { Refused, Unreachable } from "../protocol/api.js";

/** @typedef {import("../protocol/types.js").Latest} Latest */

export class List {
	#ask;
	#take;
	/** Where the following page begins. @type {string | null} */
	#next = null;
	/** Whether that is the beginning, whatever a page on its way says. */
	#anew = false;

	more = signal(false);
	/** @type {import("./types.js").Signal<"loading" | "ready" | "error">} */
	state = signal("loading");

	/**
	 * @param {{
	 *   ask: (next: () => string | null, use: (page: { conversations: Latest[], next: string | null }) => void) => Promise<void>,
	 *   take: (conversations: Latest[]) => boolean,
	 * }} parts `ask`: asks once more, from where it is `next` then, if there is a new beginning meanwhile; `take`: takes a
	 *   page in, and says whether any of it was new.
	 */
	constructor({ ask, take }) {
		this.#ask = ask;
		this.#take = take;
	}

	/** The beginning is there. @param {boolean} more */
	begun(more) {
		batch(() => {
			this.again();
			this.more.value = more;
			this.state.value = "ready";
		});
	}

	/** Something may be missing further up: the next page is looked for from the beginning. */
	again() {
		this.#next = null;
		this.#anew = true;
	}

	/** The beginning could not be had. */
	failed() {
		this.state.value = "error";
	}

	#from = () => {
		this.#anew = false;
		return this.#next;
	};

	/** The next page that has something new. */
	async loadMore() {
		if (this.state.peek() === "loading") return;
		this.state.value = "loading";
		try {
			let grown = false;
			do {
				await this.#ask(this.#from, (page) => {
					grown = this.#take(page.conversations);
					this.#next = this.#anew ? null : page.next;
					this.more.value = this.#anew || page.next !== null;
				});
			} while (this.more.peek() && !grown);
			this.state.value = "ready";
		} catch (error) {
			this.failed();
			if (!(error instanceof Refused || error instanceof Unreachable)) throw error;
		}
	}
}
