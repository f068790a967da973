// Keeps the scroll position in a pane whose content changes at both ends: at the end the pane stays
// at the end; elsewhere the visible elements do not move. Positions are stored by element
// (`data-key`), never by height, so no height has to be estimated.

/** How many pixels from the end still count as at the end. */
const NEAR = 48;

/** @typedef {{ key: string, top: number }} Anchor `top`: distance below the pane's upper edge. */

export class Scroll {
	#pane;
	#onMove;
	/** The visible elements, from the top. @type {Anchor[]} */
	#anchors = [];
	/** The scroll offset when the anchors were recorded, and the heights at that time. */
	#recordedTop = 0;
	#size = "";
	/** Whether the pane is at the end of everything and stays there. */
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
			// It scrolled because it was resized, or did both at once: the user did not scroll away.
			if (this.#size !== this.#measure()) this.#resized();
			this.remember();
			this.#onMove();
		};
		pane.addEventListener("scroll", moved, { signal, passive: true });
		const resized = new ResizeObserver(() => this.#resized());
		resized.observe(pane);
		for (const child of pane.children) resized.observe(child);
		signal.addEventListener("abort", () => resized.disconnect());
	}

	/** Pixels of content above the visible part. */
	get above() {
		return this.#pane.scrollTop;
	}

	/** Pixels of content below the visible part. */
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

	/** Goes to the end and stays there. */
	follow() {
		this.atEnd = true;
		this.reposition();
	}

	/**
	 * Restores a recorded position.
	 * @param {Anchor[]} anchors
	 */
	restore(anchors) {
		this.atEnd = false;
		this.#anchors = anchors;
		this.reposition();
	}

	/** @param {string} key */
	element(key) {
		return this.#elements().find((element) => element.dataset.key === key);
	}

	/** Records the visible elements, before the content changes. */
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
		this.#record();
		this.atEnd = this.complete && this.below < NEAR;
	}

	/** Restores the position after the content changed, before it is painted. */
	reposition() {
		const pane = this.#pane;
		if (this.atEnd) pane.scrollTop = pane.scrollHeight;
		else this.#restoreAnchor();
		this.#record();
	}

	#record() {
		this.#recordedTop = this.#pane.scrollTop;
		this.#size = this.#measure();
	}

	#measure() {
		const { clientHeight, scrollHeight } = this.#pane;
		return `${clientHeight} of ${scrollHeight}`;
	}

	/** The user may have scrolled since the anchors were recorded: then they have moved with the content. */
	#resized() {
		const scrolled = this.below > 0 ? this.#pane.scrollTop - this.#recordedTop : 0;
		if (scrolled < 0) this.atEnd = false;
		this.#anchors = this.#anchors.map(({ key, top }) => ({ key, top: top - scrolled }));
		this.reposition();
	}

	#restoreAnchor() {
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
