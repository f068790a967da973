// Where in the app one is, kept in the address: `#NAME` is a conversation, no fragment is the list, and what follows a
// slash is a panel beside them (`#NAME/settings/privacy`). So reload stays, and the browser's own back button leads from
// a panel to what is behind it, and from a conversation to the list. No user name has a slash.
import { signal } from "../../vendor/signals-core.js";

export class Place {
	#window;
	#onChange;
	/** @type {string | null} */
	#told;

	/** The panel that is open, with its parts between slashes; empty when there is none. */
	panel = signal("");

	/**
	 * @param {Window} view
	 * @param {(name: string | null) => void} onChange another conversation is open, or none
	 * @param {AbortSignal} signal
	 */
	constructor(view, onChange, signal) {
		this.#window = view;
		this.#onChange = onChange;
		this.#told = this.name;
		this.panel.value = this.#parts.panel;
		const moved = () => this.#moved();
		view.addEventListener("popstate", moved, { signal });
		view.addEventListener("hashchange", moved, { signal });
	}

	get #parts() {
		const [name, ...panel] = this.#window.location.hash.slice(1).split("/");
		return { name, panel: panel.join("/") };
	}

	/** @returns {string | null} */
	get name() {
		try {
			return decodeURIComponent(this.#parts.name) || null;
		} catch {
			return null;
		}
	}

	/**
	 * From conversation to conversation the entry is replaced, so that one step back is the list.
	 * @param {string} name
	 */
	open(name) {
		const { name: before, panel } = this.#parts;
		if (before === "" && panel === "") this.#push(Place.address(name));
		else this.#replace(Place.address(name), panel === "");
		this.panel.value = "";
		this.#tell(name);
	}

	/** Closes the conversation, and a panel with it. */
	close() {
		if (this.panel.peek()) {
			this.#replace("", false);
			this.#moved();
		} else this.#up("");
	}

	/** @param {string} panel */
	openPanel(panel) {
		if (panel === this.panel.peek()) return;
		this.#push(`#${this.#parts.name}/${panel}`);
		this.#moved();
	}

	/** From a panel to the one it is part of, or to what is behind it. */
	closePanel() {
		const { name, panel } = this.#parts;
		const parent = panel.split("/").slice(0, -1).join("/");
		this.#up(parent ? `#${name}/${parent}` : name && `#${name}`);
	}

	/** @param {string} address */
	#push(address) {
		this.#window.history.pushState({ below: true }, "", address);
	}

	/** @param {string} address @param {boolean} same whether one step back leads where it did */
	#replace(address, same) {
		const { history, location } = this.#window;
		const target = address || location.pathname + location.search;
		history.replaceState(same ? history.state : null, "", target);
	}

	/** One step back, where one has come from above. @param {string} address what is above */
	#up(address) {
		const { history } = this.#window;
		if (history.state?.below) return history.back();
		this.#replace(address, false);
		this.#moved();
	}

	#moved() {
		this.panel.value = this.#parts.panel;
		if (this.name !== this.#told) this.#tell(this.name);
	}

	/** @param {string | null} name */
	#tell(name) {
		this.#told = name;
		this.#onChange(name);
	}

	/** @param {string} name */
	static address(name) {
		return `#${encodeURIComponent(name)}`;
	}
}
