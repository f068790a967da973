// Opens a message's menu by pointer, long press or keyboard.

/** @typedef {(bubble: HTMLElement, at: import("../../components/menu.js").Place) => void} OpenMenu */

const LONG_PRESS = 450;
const MOVE_TOLERANCE = 10;

/** @param {EventTarget | null} target */
const bubbleOf = (target) =>
	target instanceof Element
		? /** @type {HTMLElement | null} */ (target.closest(".bubble[data-key]"))
		: null;

/** @param {number} x @param {number} y */
const point = (x, y) => ({ left: x, right: x, top: y, bottom: y });

/** A right click on a link or on selected text opens the browser's menu. @param {MouseEvent} event */
function forBrowser(event) {
	const link = event.target instanceof Element && event.target.closest("a");
	return Boolean(link) || !(getSelection()?.isCollapsed ?? true);
}

/**
 * @param {HTMLElement} pane
 * @param {OpenMenu} open
 * @param {AbortSignal} signal
 */
function listenToTouch(pane, open, signal) {
	/** @type {ReturnType<typeof setTimeout> | undefined} */
	let timer;
	let from = { x: 0, y: 0 };
	const end = () => clearTimeout(timer);
	pane.addEventListener(
		"pointerdown",
		(event) => {
			const bubble = bubbleOf(event.target);
			if (event.pointerType !== "touch" || !bubble) return;
			from = { x: event.clientX, y: event.clientY };
			clearTimeout(timer);
			timer = setTimeout(() => open(bubble, point(from.x, from.y)), LONG_PRESS);
		},
		{ signal },
	);
	pane.addEventListener(
		"pointermove",
		(event) => {
			if (Math.hypot(event.clientX - from.x, event.clientY - from.y) > MOVE_TOLERANCE) end();
		},
		{ signal },
	);
	for (const kind of ["pointerup", "pointercancel", "scroll"]) {
		pane.addEventListener(kind, end, { signal, passive: true });
	}
	signal.addEventListener("abort", end);
}

/**
 * @param {HTMLElement} pane
 * @param {OpenMenu} open
 * @param {AbortSignal} signal
 */
function listenToPointer(pane, open, signal) {
	pane.addEventListener(
		"contextmenu",
		(event) => {
			const bubble = bubbleOf(event.target);
			if (!bubble || forBrowser(event)) return;
			event.preventDefault();
			const touched = "pointerType" in event && event.pointerType === "touch";
			if (touched) return;
			const box = bubble.getBoundingClientRect();
			open(bubble, event.button === 2 ? point(event.clientX, event.clientY) : box);
		},
		{ signal },
	);
	pane.addEventListener(
		"click",
		(event) => {
			const button = event.target instanceof Element && event.target.closest("[data-menu]");
			const bubble = bubbleOf(event.target);
			if (button && bubble) open(bubble, button.getBoundingClientRect());
		},
		{ signal },
	);
}

/**
 * @param {HTMLElement} pane
 * @param {OpenMenu} open
 * @param {AbortSignal} signal
 */
function listenToKeys(pane, open, signal) {
	pane.addEventListener(
		"keydown",
		(event) => {
			const bubbles = /** @type {HTMLElement[]} */ ([...pane.querySelectorAll(".bubble")]);
			const at = bubbles.indexOf(/** @type {HTMLElement} */ (event.target));
			if (event.target !== pane && at < 0) return;
			if (event.altKey || event.ctrlKey || event.metaKey) return;
			if (event.key === "Enter" && at >= 0) {
				event.preventDefault();
				open(bubbles[at], bubbles[at].getBoundingClientRect());
				return;
			}
			const last = bubbles.length - 1;
			/** @type {Record<string, number>} */
			const goals = { ArrowUp: at < 0 ? last : at - 1, ArrowDown: at < 0 ? last : at + 1 };
			const goal = goals[event.key];
			if (goal === undefined || !bubbles[Math.max(0, goal)]) return;
			event.preventDefault();
			const bubble = bubbles[Math.max(0, goal)];
			bubble.focus({ preventScroll: true });
			bubble.scrollIntoView({ block: "nearest" });
		},
		{ signal },
	);
}

/**
 * @param {HTMLElement} pane
 * @param {OpenMenu} open
 * @param {AbortSignal} signal
 */
export function reachMessages(pane, open, signal) {
	listenToPointer(pane, open, signal);
	listenToTouch(pane, open, signal);
	listenToKeys(pane, open, signal);
}
