// A menu that opens beside a button, at the pointer, or from the bottom on a phone. Arrow keys,
// letters, Escape and a click outside work as in any menu.
import { html, useLayoutEffect, useRef } from "./html.js";
import { Icon } from "./icons.js";

/**
 * @typedef {{
 *   icon?: import("./icons.js").IconName,
 *   text: string,
 *   danger?: boolean,
 *   run: () => void,
 * }} Item
 * @typedef {{ left: number, right: number, top: number, bottom: number }} Place
 */

const MARGIN = 8;
/** An anchor up to this width is a button, with whose end the menu is aligned; otherwise it is aligned with the start. */
const MAX_BUTTON_WIDTH = 64;

/** @param {HTMLElement} menu @param {Place} at */
function position(menu, at) {
	const { offsetWidth: width, offsetHeight: height } = menu;
	const { innerWidth, innerHeight } = window;
	const rightToLeft = getComputedStyle(menu).direction === "rtl";
	const button = at.right - at.left > 0 && at.right - at.left <= MAX_BUTTON_WIDTH;
	const wanted = rightToLeft === button ? at.left : at.right - width;
	const x = Math.max(MARGIN, Math.min(wanted, innerWidth - width - MARGIN));
	const below = at.bottom + 4;
	const fits = below + height + MARGIN <= innerHeight;
	const y = fits ? below : Math.max(MARGIN, at.top - height - 4);
	menu.style.setProperty("--x", `${x}px`);
	menu.style.setProperty(
		"--y",
		`${Math.min(y, Math.max(MARGIN, innerHeight - height - MARGIN))}px`,
	);
}

/** @param {HTMLElement} menu */
const itemsOf = (menu) =>
	/** @type {HTMLElement[]} */ ([...menu.querySelectorAll("[role=menuitem]")]);

/** @param {KeyboardEvent & { currentTarget: HTMLElement }} event */
function handleKey(event) {
	const items = itemsOf(event.currentTarget);
	const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
	const forward = getComputedStyle(event.currentTarget).direction === "rtl" ? -1 : 1;
	/** @type {Record<string, number>} */
	const goals = {
		ArrowDown: at + 1,
		ArrowUp: at - 1,
		ArrowRight: at + forward,
		ArrowLeft: at - forward,
		Home: 0,
		End: items.length - 1,
	};
	/** @type {number | undefined} */
	let goal = goals[event.key];
	if (event.key === "Tab") event.currentTarget.hidePopover();
	if (goal === undefined && event.key.length === 1 && !event.ctrlKey && !event.metaKey) {
		const letter = event.key.toLocaleLowerCase();
		const named = [...items.slice(at + 1), ...items.slice(0, at + 1)].find((item) =>
			item.textContent?.trim().toLocaleLowerCase().startsWith(letter),
		);
		goal = named ? items.indexOf(named) : undefined;
	}
	if (goal === undefined) return;
	event.preventDefault();
	items[(goal + items.length) % items.length].focus();
}

/**
 * @param {{
 *   at: Place,
 *   label: string,
 *   items: Item[],
 *   close: () => void,
 *   children?: import("../../vendor/preact.js").ComponentChildren,
 * }} properties `children`: further menu items, above the others.
 */
export function Menu({ at, label, items, close, children }) {
	const menu = useRef(/** @type {HTMLElement | null} */ (null));

	useLayoutEffect(() => {
		const element = menu.current;
		const opener = document.activeElement;
		if (!element) return;
		element.showPopover();
		position(element, at);
		itemsOf(element)[0]?.focus({ preventScroll: true });
		const listening = new AbortController();
		const { signal } = listening;
		let pressed = false;
		// The release of the long press that opened the menu is neither a tap outside, as which the browser's own dismissal
		// would treat it, nor a tap on the item that appeared under the finger.
		const press = (/** @type {PointerEvent} */ { target }) => {
			pressed = target instanceof Node && element.contains(target);
			if (!pressed) close();
		};
		const click = (/** @type {MouseEvent} */ event) => {
			if (event.detail > 0 && !pressed) event.stopImmediatePropagation();
		};
		document.addEventListener("pointerdown", press, { capture: true, signal });
		element.addEventListener("click", click, { capture: true, signal });
		return () => {
			listening.abort();
			const left =
				element.contains(document.activeElement) || document.activeElement === document.body;
			if (left && opener instanceof HTMLElement) opener.focus({ preventScroll: true });
		};
	}, [at]);

	return html`<div
		class="menu"
		role="menu"
		popover="manual"
		aria-label=${label}
		ref=${menu}
		onKeyDown=${(/** @type {KeyboardEvent & { currentTarget: HTMLElement }} */ event) => {
			if (event.key !== "Escape" && event.key !== "Tab") return handleKey(event);
			event.preventDefault();
			close();
		}}
	>
		${children}
		${items.map(
			({ icon, text, danger, run }) => html`<button
				key=${text}
				class=${`menu__item ${danger ? "menu__item--danger" : ""}`}
				type="button"
				role="menuitem"
				tabindex="-1"
				onClick=${() => {
					close();
					run();
				}}
			>
				${icon && html`<${Icon} name=${icon} />`}<span>${text}</span>
			</button>`,
		)}
	</div>`;
}
