// Where in the app one is, kept in the address: `#NAME` is a conversation, no fragment is the
// list. So reload stays, and the phone's own back button leads from a conversation to the list.

export class Place {
	#window;
	#onChange;

	/**
	 * @param {Window} view
	 * @param {(name: string | null) => void} onChange
	 * @param {AbortSignal} signal
	 */
	constructor(view, onChange, signal) {
		this.#window = view;
		this.#onChange = onChange;
		const changed = () => this.#onChange(this.name);
		view.addEventListener("popstate", changed, { signal });
		view.addEventListener("hashchange", changed, { signal });
	}

	/** @returns {string | null} */
	get name() {
		try {
			return decodeURIComponent(this.#window.location.hash.slice(1)) || null;
		} catch {
			return null;
		}
	}

	/**
	 * From conversation to conversation the entry is replaced, so that one step back is the list.
	 * @param {string} name
	 */
	open(name) {
		const { history } = this.#window;
		if (this.name === null) history.pushState({ fromList: true }, "", Place.address(name));
		else history.replaceState(history.state, "", Place.address(name));
		this.#onChange(name);
	}

	close() {
		const { history, location } = this.#window;
		if (history.state?.fromList) {
			history.back();
			return;
		}
		history.replaceState(null, "", location.pathname + location.search);
		this.#onChange(null);
	}

	/** @param {string} name */
	static address(name) {
		return `#${encodeURIComponent(name)}`;
	}
}
