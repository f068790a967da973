// The scrolling of a conversation: which part of it is rendered, and that nothing moves when that
// part changes.
import { useLayoutEffect, useRef, useSignal, useState } from "../../components/html.js";
import { Scroll } from "../../components/scroll.js";
import { slice } from "../../lib/slice.js";

/**
 * @typedef {import("./ui_state.js").ConversationUiState} ConversationUiState
 * @typedef {import("../../state/types.js").Conversation} Conversation
 * @typedef {ReturnType<typeof import("./items.js").itemsOf>} Items
 */

const END = Symbol("end");

/** Distance in pixels from the upper edge to a jump target. */
const JUMP_MARGIN = 96;

/** @param {HTMLElement} element */
function flash(element) {
	element.focus({ preventScroll: true });
	if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
	element.animate([{ filter: "brightness(0.82)" }, { filter: "none" }], 1_200);
}

/**
 * @param {Conversation} conversation
 * @param {Items} items
 * @param {ConversationUiState} ui
 * @param {number} written the number of pending messages
 */
export function usePane(conversation, items, ui, written) {
	const pane = useRef(/** @type {HTMLElement | null} */ (null));
	const scroll = useRef(/** @type {Scroll | null} */ (null));
	const started = useRef(false);
	/** Where to scroll as soon as it is rendered: an item, or the end. */
	const goal = useRef(/** @type {string | typeof END | null} */ (null));
	const before = useRef(written);
	const atEnd = useSignal(true);
	const [, rerender] = useState({});
	const [centre, setCentre] = useState(ui.scrollPosition?.key ?? null);
	const part = slice(items.length, centre === null ? null : items.indexOf(centre));
	const shape = useRef({ part, length: items.length });
	shape.current = { part, length: items.length };
	scroll.current?.remember();

	function update() {
		const scroller = scroll.current;
		if (!scroller || !started.current) return;
		const {
			part: [from, to],
			length,
		} = shape.current;
		const first = scroller.anchors[0]?.key ?? null;
		const last = scroller.anchors.at(-1)?.key ?? null;
		const complete = to === length && !conversation.hasNewer.peek();
		scroller.complete = complete;
		atEnd.value = scroller.atEnd;
		ui.scrollPosition = scroller.atEnd ? null : { key: first, anchors: scroller.anchors };
		const near = scroller.height * 1.2;
		if (scroller.atEnd) setCentre(null);
		else if (scroller.above < near && from > 0) setCentre(first);
		else if (scroller.below < near && to < length) setCentre(last);
		else if (centre === null && goal.current === null) setCentre(first);
		if (scroller.above < near && from === 0 && conversation.hasOlder.peek()) {
			if (conversation.older.peek() === "ready") conversation.loadOlder();
		}
		if (scroller.below < near && to === length && conversation.hasNewer.peek()) {
			if (conversation.newer.peek() === "ready") conversation.loadNewer();
		}
	}
	const updateRef = useRef(update);
	updateRef.current = update;

	useLayoutEffect(() => {
		if (!pane.current) return;
		const listening = new AbortController();
		scroll.current = new Scroll(pane.current, () => updateRef.current(), listening.signal);
		return () => listening.abort();
	}, []);

	/** The first position: the stored one, the first new message, or the end. */
	function setInitialPosition() {
		started.current = true;
		if (ui.scrollPosition) scroll.current?.restore(ui.scrollPosition.anchors);
		else if (pane.current?.querySelector("[data-key=divider]")) {
			scroll.current?.restore([{ key: "divider", top: JUMP_MARGIN }]);
		} else scroll.current?.follow();
	}

	/** @param {Scroll} scroller @returns {boolean} whether the goal was reached */
	function arrived(scroller) {
		const wanted = goal.current;
		if (wanted === null) return false;
		if (wanted === END) {
			if (!scroller.complete) return false;
			scroller.follow();
		} else {
			const element = scroller.element(wanted);
			if (!element) return false;
			scroller.restore([{ key: wanted, top: Math.max(JUMP_MARGIN, scroller.height / 3) }]);
			flash(element);
		}
		goal.current = null;
		return true;
	}

	/** @param {string | typeof END} wanted */
	function goTo(wanted) {
		goal.current = wanted;
		setCentre(wanted === END ? null : wanted);
		rerender({});
	}

	function toEnd() {
		ui.scrollPosition = null;
		if (conversation.hasNewer.peek()) conversation.load();
		goTo(END);
	}

	useLayoutEffect(() => {
		const scroller = scroll.current;
		if (!scroller || items.length === 0) return;
		scroller.complete = part[1] === items.length && !conversation.hasNewer.peek();
		if (written > before.current) toEnd();
		before.current = written;
		if (!started.current) setInitialPosition();
		else if (!arrived(scroller)) scroller.reposition();
		scroller.remember();
		update();
	});

	return {
		pane,
		part,
		atEnd,
		toEnd,
		/** @type {(key: string) => void} */
		toItem: goTo,
	};
}
