// The app's location, stored in the URL fragment: `#/c/5` is a conversation, `#/p/bo` a person without a conversation yet,
// no fragment is the list, and further parts name a side panel (`#/c/5/profile`, `#/settings/privacy`). So a reload stays
// in place, and the browser's back button leads from a panel to what is behind it, and from a conversation to the list.
// No user name has a slash. Fragments of an earlier version (`#bo`, `#bo/profile`) lead to the same places.
import { signal } from "../../vendor/signals-core.js";

/** @typedef {{ id: number } | { person: string }} Target */

/** @param {string} text */
function decoded(text) {
	try {
		return decodeURIComponent(text);
	} catch {
		return "";
	}
}

/**
 * Parses a fragment: the key of a conversation (`c/5`, `p/bo`), and a panel with its parts between slashes.
 * @param {string} hash
 * @returns {{ key: string | null, panel: string }}
 */
function read(hash) {
	const path = hash.slice(1);
	if (!path.startsWith("/")) {
		const [name, ...panel] = path.split("/");
		return { key: decoded(name) && `p/${decoded(name)}`, panel: panel.join("/") };
	}
	const [kind, name = "", ...panel] = path.slice(1).split("/");
	const known = kind === "c" ? /^\d{1,15}$/.test(name) : kind === "p" && decoded(name) !== "";
	if (known) return { key: `${kind}/${decoded(name)}`, panel: panel.join("/") };
	return { key: null, panel: kind === "c" || kind === "p" ? "" : path.slice(1) };
}

export class Place {
	#window;
	#onChange;
	/** @type {string | null} */
	#lastKey;

	/** The open panel, with its parts between slashes; empty when none is open. */
	panel = signal("");

	/**
	 * @param {Window} view
	 * @param {(target: Target | null) => void} onChange called when another conversation is open, or none
	 * @param {AbortSignal} signal
	 */
	constructor(view, onChange, signal) {
		this.#window = view;
		this.#onChange = onChange;
		const { key, panel } = this.#parts;
		this.#lastKey = key;
		this.panel.value = panel;
		const onNavigation = () => this.#onNavigation();
		view.addEventListener("popstate", onNavigation, { signal });
		view.addEventListener("hashchange", onNavigation, { signal });
	}

	get #parts() {
		const { key, panel } = read(this.#window.location.hash);
		return { key: key || null, panel };
	}

	/** The conversation's key. @returns {string | null} */
	get key() {
		return this.#parts.key;
	}

	/** @returns {Target | null} */
	get target() {
		return targetOf(this.key);
	}

	/**
	 * From one conversation to another the history entry is replaced, so that one step back is the list.
	 * @param {string} key
	 */
	open(key) {
		const { key: before, panel } = this.#parts;
		if (before === null && panel === "") this.#push(Place.address(key));
		else this.#replace(Place.address(key), panel === "");
		this.panel.value = "";
		this.#notify(key);
	}

	/** The open conversation has another key now. @param {string} key */
	rename(key) {
		const { panel } = this.#parts;
		this.#lastKey = key;
		const address = panel ? `${Place.address(key)}/${panel}` : Place.address(key);
		if (address !== this.#window.location.hash) this.#replace(address, true);
	}

	/** Closes the conversation and its panel. */
	close() {
		if (this.panel.peek()) {
			this.#replace("", false);
			this.#onNavigation();
		} else this.#up("");
	}

	/** @param {string} panel */
	openPanel(panel) {
		if (panel === this.panel.peek()) return;
		this.#push(`${this.#behind}/${panel}`);
		this.#onNavigation();
	}

	/** From a panel to its parent panel, or to what is behind it. */
	closePanel() {
		const { key, panel } = this.#parts;
		const parent = panel.split("/").slice(0, -1).join("/");
		this.#up(parent ? `${this.#behind}/${parent}` : key === null ? "" : this.#behind);
	}

	/** The fragment of what is behind a panel. */
	get #behind() {
		const { key } = this.#parts;
		return key === null ? "#" : Place.address(key);
	}

	/** @param {string} address */
	#push(address) {
		this.#window.history.pushState({ below: true }, "", address);
	}

	/** @param {string} address @param {boolean} same whether one step back leads to the same entry as before */
	#replace(address, same) {
		const { history, location } = this.#window;
		const target = address || location.pathname + location.search;
		history.replaceState(same ? history.state : null, "", target);
	}

	/** One step back, if the user came from the parent. @param {string} address the parent's */
	#up(address) {
		const { history } = this.#window;
		if (history.state?.below) return history.back();
		this.#replace(address, false);
		this.#onNavigation();
	}

	#onNavigation() {
		const { key, panel } = this.#parts;
		this.panel.value = panel;
		if (key !== this.#lastKey) this.#notify(key);
	}

	/** @param {string | null} key */
	#notify(key) {
		this.#lastKey = key;
		this.#onChange(targetOf(key));
	}

	/** @param {string} key */
	static address(key) {
		const slash = key.indexOf("/");
		return `#/${key.slice(0, slash)}/${encodeURIComponent(key.slice(slash + 1))}`;
	}
}

/** @param {string | null} key @returns {Target | null} */
function targetOf(key) {
	if (key === null) return null;
	const name = key.slice(2);
	return key.startsWith("c/") ? { id: Number(name) } : { person: name };
}
