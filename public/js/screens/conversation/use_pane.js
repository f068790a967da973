// Where one is in a conversation: which part of it exists as elements, and that nothing moves while
// that part changes.
import { useLayoutEffect, useRef, useSignal, useState } from "../../components/html.js";
import { Scroll } from "../../components/scroll.js";
import { slice } from "../../lib/slice.js";

/**
 * @typedef {import("./ui_state.js").ConversationUiState} ConversationUiState
 * @typedef {import("../../state/types.js").Conversation} Conversation
 * @typedef {ReturnType<typeof import("./items.js").itemsOf>} Items
 */

const END = Symbol("end");

/** Pixels from the upper edge at which a place one jumps to is shown. */
const COMFORTABLE = 96;

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
 * @param {number} written how many are on their way out
 */
export function usePane(conversation, items, ui, written) {
	const pane = useRef(/** @type {HTMLElement | null} */ (null));
	const scroll = useRef(/** @type {Scroll | null} */ (null));
	const begun = useRef(false);
	/** Where to go as soon as it exists: an item, or the end. */
	const goal = useRef(/** @type {string | typeof END | null} */ (null));
	const before = useRef(written);
	const atEnd = useSignal(true);
	const [, again] = useState({});
	const [centre, setCentre] = useState(ui.place?.key ?? null);
	const part = slice(items.length, centre === null ? null : items.indexOf(centre));
	const shape = useRef({ part, length: items.length });
	shape.current = { part, length: items.length };
	scroll.current?.remember();

	function look() {
		const place = scroll.current;
		if (!place || !begun.current) return;
		const {
			part: [from, to],
			length,
		} = shape.current;
		const first = place.anchors[0]?.key ?? null;
		const last = place.anchors.at(-1)?.key ?? null;
		const complete = to === length && !conversation.hasNewer.peek();
		place.complete = complete;
		atEnd.value = place.atEnd;
		ui.place = place.atEnd ? null : { key: first, anchors: place.anchors };
		const near = place.height * 1.2;
		if (place.atEnd) setCentre(null);
		else if (place.above < near && from > 0) setCentre(first);
		else if (place.below < near && to < length) setCentre(last);
		else if (centre === null && goal.current === null) setCentre(first);
		if (place.above < near && from === 0 && conversation.hasOlder.peek()) {
			if (conversation.older.peek() === "ready") conversation.loadOlder();
		}
		if (place.below < near && to === length && conversation.hasNewer.peek()) {
			if (conversation.newer.peek() === "ready") conversation.loadNewer();
		}
	}
	const looking = useRef(look);
	looking.current = look;

	useLayoutEffect(() => {
		if (!pane.current) return;
		const listening = new AbortController();
		scroll.current = new Scroll(pane.current, () => looking.current(), listening.signal);
		return () => listening.abort();
	}, []);

	/** Where one finds oneself: where one was, at what is new, or at the end. */
	function begin() {
		begun.current = true;
		if (ui.place) scroll.current?.restore(ui.place.anchors);
		else if (pane.current?.querySelector("[data-key=divider]")) {
			scroll.current?.restore([{ key: "divider", top: COMFORTABLE }]);
		} else scroll.current?.follow();
	}

	/** @param {Scroll} place @returns {boolean} whether one went where one wanted */
	function arrived(place) {
		const wanted = goal.current;
		if (wanted === null) return false;
		if (wanted === END) {
			if (!place.complete) return false;
			place.follow();
		} else {
			const element = place.element(wanted);
			if (!element) return false;
			place.restore([{ key: wanted, top: Math.max(COMFORTABLE, place.height / 3) }]);
			flash(element);
		}
		goal.current = null;
		return true;
	}

	/** @param {string | typeof END} wanted */
	function go(wanted) {
		goal.current = wanted;
		setCentre(wanted === END ? null : wanted);
		again({});
	}

	function toEnd() {
		ui.place = null;
		if (conversation.hasNewer.peek()) conversation.load();
		go(END);
	}

	useLayoutEffect(() => {
		const place = scroll.current;
		if (!place || items.length === 0) return;
		place.complete = part[1] === items.length && !conversation.hasNewer.peek();
		if (written > before.current) toEnd();
		before.current = written;
		if (!begun.current) begin();
		else if (!arrived(place)) place.settle();
		place.remember();
		look();
	});

	return {
		pane,
		part,
		atEnd,
		toEnd,
		/** @type {(key: string) => void} */
		toItem: go,
	};
}
