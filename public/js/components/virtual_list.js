// Thousands of rows of equal height, of which only the visible ones are rendered. The focused row
// stays rendered when it is scrolled out of view.
import { html, useEffect, useLayoutEffect, useRef, useState } from "./html.js";

const OVERSCAN = 6;
/** Used until a row is measured. */
const DEFAULT_HEIGHT = 72;

/**
 * @param {{ scrollTop: number, height: number }} view
 * @param {number} row
 * @param {number} count
 * @returns {[first: number, end: number]}
 */
export function inSight({ scrollTop, height }, row, count) {
	const first = Math.max(0, Math.floor(scrollTop / row) - OVERSCAN);
	const end = Math.min(count, Math.ceil((scrollTop + height) / row) + OVERSCAN);
	return [Math.min(first, Math.max(0, count - 1)), end];
}

/**
 * @template T
 * @param {{
 *   items: T[],
 *   keyOf: (item: T) => string,
 *   render: (item: T, index: number) => unknown,
 *   kept: string | null,
 *   label: string,
 *   onKeyDown: (event: KeyboardEvent) => void,
 *   nearEnd: () => void,
 * }} properties `kept`: the key of the row that stays rendered out of view.
 */
export function VirtualList({ items, keyOf, render, kept, label, onKeyDown, nearEnd }) {
	const list = useRef(/** @type {HTMLElement | null} */ (null));
	const [row, setRow] = useState(DEFAULT_HEIGHT);
	const [view, setView] = useState({ scrollTop: 0, height: 800 });

	useEffect(() => {
		const pane = list.current?.parentElement;
		if (!pane) return;
		const measure = () => {
			const first = list.current?.querySelector("li");
			if (first?.offsetHeight) setRow(first.offsetHeight);
			const scrollTop = Math.max(0, pane.scrollTop - (list.current?.offsetTop ?? 0));
			setView({ scrollTop, height: pane.clientHeight });
		};
		const listening = new AbortController();
		pane.addEventListener("scroll", measure, { passive: true, signal: listening.signal });
		const resized = new ResizeObserver(measure);
		resized.observe(pane);
		listening.signal.addEventListener("abort", () => resized.disconnect());
		measure();
		return () => listening.abort();
	}, []);

	const [first, end] = inSight(view, row, items.length);
	useLayoutEffect(() => {
		if (end >= items.length) nearEnd();
	}, [end >= items.length, items.length]);

	const indexes = Array.from({ length: end - first }, (_, offset) => first + offset);
	const keptIndex = kept === null ? -1 : items.findIndex((item) => keyOf(item) === kept);
	if (keptIndex >= 0 && keptIndex < first) indexes.unshift(keptIndex);
	if (keptIndex >= end) indexes.push(keptIndex);

	return html`<ul
		class="virtual"
		ref=${list}
		aria-label=${label}
		style=${{ height: `${items.length * row}px` }}
		onKeyDown=${onKeyDown}
	>
		${indexes.map(
			(index) => html`<li
				key=${keyOf(items[index])}
				class="virtual__row"
				style=${{ top: `${index * row}px` }}
				aria-setsize=${items.length}
				aria-posinset=${index + 1}
			>${render(items[index], index)}</li>`,
		)}
	</ul>`;
}
