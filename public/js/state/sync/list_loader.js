// The list of conversations, page by page: how far it has been loaded, and whether there are more.
import { batch, signal } from "../../../vendor/signals-core.js";
import { Refused, Unreachable } from "../../protocol/api.js";

export class ListLoader {
	#fetcher;
	/** Where the following page begins. @type {string | null} */
	#next = null;
	/** Whether that is the beginning, whatever a page on its way says. */
	#fromStart = false;

	more = signal(false);
	/** @type {import("../types.js").Signal<"loading" | "ready" | "error">} */
	state = signal("loading");

	/** @param {import("./fetcher.js").Fetcher} fetcher */
	constructor(fetcher) {
		this.#fetcher = fetcher;
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
		this.#fromStart = true;
	}

	/** The beginning could not be had. */
	failed() {
		this.state.value = "error";
	}

	#from = () => {
		this.#fromStart = false;
		return this.#next;
	};

	/** The next page that has something new. */
	async loadMore() {
		if (this.state.peek() === "loading") return;
		this.state.value = "loading";
		try {
			let grown = false;
			do {
				await this.#fetcher.list(this.#from, (page, some) => {
					grown = some;
					this.#next = this.#fromStart ? null : page.next;
					this.more.value = this.#fromStart || page.next !== null;
				});
			} while (this.more.peek() && !grown);
			this.state.value = "ready";
		} catch (error) {
			this.failed();
			if (!(error instanceof Refused || error instanceof Unreachable)) throw error;
		}
	}
}
