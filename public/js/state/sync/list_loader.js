// Loads the list of conversations page by page, and knows whether there are more.
import { batch, signal } from "../../../vendor/signals-core.js";
import { Refused, Unreachable } from "../../protocol/api.js";

export class ListLoader {
	#fetcher;
	/** The cursor of the next page. @type {string | null} */
	#next = null;
	/** The next page is the first one, whatever an in-flight page says. */
	#fromStart = false;

	more = signal(false);
	/** @type {import("../types.js").Signal<"loading" | "ready" | "error">} */
	state = signal("loading");

	/** @param {import("./fetcher.js").Fetcher} fetcher */
	constructor(fetcher) {
		this.#fetcher = fetcher;
	}

	/** The first page is loaded. @param {boolean} more */
	begun(more) {
		batch(() => {
			this.again();
			this.more.value = more;
			this.state.value = "ready";
		});
	}

	/** Something may be missing further up: loads again from the first page. */
	again() {
		this.#next = null;
		this.#fromStart = true;
	}

	/** The first page could not be loaded. */
	failed() {
		this.state.value = "error";
	}

	#from = () => {
		this.#fromStart = false;
		return this.#next;
	};

	/** Loads pages until one has something new. */
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
