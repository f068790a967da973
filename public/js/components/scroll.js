// Keeps a reader's place in a pane whose content grows, shrinks and is exchanged at both ends: at
// the end one stays at the end; elsewhere what one looks at does not move. Places are kept by
// element (`data-key`), never by height, so nothing has to be guessed.

/** How near to the end counts as being there. */
const NEAR = 48;

/** @typedef {{ key: string, top: number }} Anchor `top`: how far below the pane's upper edge. */

export class Scroll {
	#pane;
	#onMove;
	/** What is in sight, from above. @type {Anchor[]} */
	#anchors = [];
	/** Where the pane was scrolled to when that was noted, and how high all was. */
	#noted = 0;
	#shape = "";
	/** Whether one is at the end of everything, to stay there. */
	atEnd = true;
	/** Whether the content's end is the end of everything. */
	complete = true;

	/**
	 * @param {HTMLElement} pane
	 * @param {() => void} onMove
	 * @param {AbortSignal} signal
	 */
	constructor(pane, onMove, signal) {
		this.#pane = pane;
		this.#onMove = onMove;
		const moved = () => {
			// It scrolled because it is smaller now, or did both at once: that is not to be taken for going away.
			if (this.#shape !== this.#measure()) this.#resized();
			this.remember();
			this.#onMove();
		};
		pane.addEventListener("scroll", moved, { signal, passive: true });
		const resized = new ResizeObserver(() => this.#resized());
		resized.observe(pane);
		for (const child of pane.children) resized.observe(child);
		signal.addEventListener("abort", () => resized.disconnect());
	}

	/** Pixels of content above what is in sight. */
	get above() {
		return this.#pane.scrollTop;
	}

	/** Pixels of content below what is in sight. */
	get below() {
		const { scrollHeight, scrollTop, clientHeight } = this.#pane;
		return scrollHeight - scrollTop - clientHeight;
	}

	get height() {
		return this.#pane.clientHeight;
	}

	get anchors() {
		return this.#anchors;
	}

	/** The end is where one wants to stay. */
	follow() {
		this.atEnd = true;
		this.settle();
	}

	/**
	 * Goes back to a place that was remembered.
	 * @param {Anchor[]} anchors
	 */
	restore(anchors) {
		this.atEnd = false;
		this.#anchors = anchors;
		this.settle();
	}

	/** @param {string} key */
	element(key) {
		return this.#elements().find((element) => element.dataset.key === key);
	}

	/** Notes what is in sight, before the content changes. */
	remember() {
		const { top, bottom } = this.#pane.getBoundingClientRect();
		/** @type {Anchor[]} */
		const seen = [];
		for (const element of this.#elements()) {
			const box = element.getBoundingClientRect();
			if (box.bottom <= top) continue;
			if (box.top >= bottom) break;
			seen.push({ key: element.dataset.key ?? "", top: box.top - top });
		}
		if (seen.length > 0) this.#anchors = seen;
		this.#note();
		this.atEnd = this.complete && this.below < NEAR;
	}

	/** After the content changed, before it is painted. */
	settle() {
		const pane = this.#pane;
		if (this.atEnd) pane.scrollTop = pane.scrollHeight;
		else this.#return();
		this.#note();
	}

	#note() {
		this.#noted = this.#pane.scrollTop;
		this.#shape = this.#measure();
	}

	#measure() {
		const { clientHeight, scrollHeight } = this.#pane;
		return `${clientHeight} of ${scrollHeight}`;
	}

	/** The reader may have scrolled after the last note: then the noted places have moved with the content. */
	#resized() {
		const scrolled = this.below > 0 ? this.#pane.scrollTop - this.#noted : 0;
		if (scrolled < 0) this.atEnd = false;
		this.#anchors = this.#anchors.map(({ key, top }) => ({ key, top: top - scrolled }));
		this.settle();
	}

	#return() {
		const pane = this.#pane;
		const elements = new Map(this.#elements().map((element) => [element.dataset.key, element]));
		const { top } = pane.getBoundingClientRect();
		for (const anchor of this.#anchors) {
			const element = elements.get(anchor.key);
			if (!element) continue;
			const moved = element.getBoundingClientRect().top - top - anchor.top;
			if (Math.abs(moved) >= 1) pane.scrollTop += moved;
			return;
		}
	}

	#elements() {
		return /** @type {HTMLElement[]} */ ([...this.#pane.querySelectorAll("[data-key]")]);
	}
}
