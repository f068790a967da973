// Keeps a reader's place in a list that grows at both ends: at the end one stays at the end,
// elsewhere what one looks at does not move.

/** How near to the end counts as being there. */
const NEAR = 48;

export class Scroll {
	#pane;
	#onMove;
	#height = 0;
	#atEnd = true;

	/**
	 * @param {HTMLElement} pane
	 * @param {(atEnd: boolean) => void} onMove
	 * @param {AbortSignal} signal
	 */
	constructor(pane, onMove, signal) {
		this.#pane = pane;
		this.#onMove = onMove;
		pane.addEventListener("scroll", () => this.#moved(), { signal, passive: true });
		const resized = new ResizeObserver(() => this.settle(false));
		resized.observe(pane);
		signal.addEventListener("abort", () => resized.disconnect());
	}

	get nearStart() {
		return this.#pane.scrollTop < this.#pane.clientHeight;
	}

	toEnd() {
		this.#atEnd = true;
		this.#pane.scrollTop = this.#pane.scrollHeight;
		this.#height = this.#pane.scrollHeight;
		this.#onMove(true);
	}

	/**
	 * After the content changed, before it is painted.
	 * @param {boolean} grewAtStart
	 */
	settle(grewAtStart) {
		const pane = this.#pane;
		if (this.#atEnd) pane.scrollTop = pane.scrollHeight;
		else if (grewAtStart) pane.scrollTop += pane.scrollHeight - this.#height;
		this.#height = pane.scrollHeight;
	}

	#moved() {
		const { scrollTop, scrollHeight, clientHeight } = this.#pane;
		this.#height = scrollHeight;
		this.#atEnd = scrollHeight - scrollTop - clientHeight < NEAR;
		this.#onMove(this.#atEnd);
	}
}
