// All emoji to choose from: by group, by search, or from the recently used ones. Large, so it is
// loaded only when it is opened.

import { browserStorage } from "../lib/browser_storage.js";
import { withRecent } from "../lib/emoji.js";
import { byGroup, find, GROUPS, nameOf } from "../lib/emoji_list.js";
import { t } from "../lib/texts.js";
import { html, useLayoutEffect, useRef, useState } from "./html.js";

/** @typedef {(typeof GROUPS)[number] | "recent"} Group */

const STORAGE_KEY = "chinwag-emoji";
const COLUMN = 44;
const TABS = /** @type {const} */ ([
	["recent", "🕘", "emoji.recent"],
	["smileys", "😀", "emoji.smileys"],
	["people", "👋", "emoji.people"],
	["nature", "🐻", "emoji.nature"],
	["food", "🍎", "emoji.food"],
	["travel", "🚗", "emoji.travel"],
	["activities", "⚽", "emoji.activities"],
	["objects", "💡", "emoji.objects"],
	["symbols", "❤️", "emoji.symbols"],
	["flags", "🏁", "emoji.flags"],
]);

function recentEmoji() {
	/** @type {unknown} */
	let kept = [];
	try {
		kept = JSON.parse(browserStorage()?.getItem(STORAGE_KEY) ?? "[]");
	} catch {}
	return Array.isArray(kept) ? kept.filter((emoji) => typeof emoji === "string") : [];
}

/** @param {string} emoji */
function addRecent(emoji) {
	try {
		browserStorage()?.setItem(STORAGE_KEY, JSON.stringify(withRecent(recentEmoji(), emoji)));
	} catch {}
}

/** @param {Group} group @param {string} query */
function shown(group, query) {
	if (query.trim()) return find(query);
	if (group === "recent") return recentEmoji().map((emoji) => ({ emoji, name: nameOf(emoji) }));
	return byGroup[GROUPS.indexOf(group)];
}

/** @param {KeyboardEvent & { currentTarget: HTMLElement }} event @param {number} columns */
function moveFocus(event, columns) {
	const cells = /** @type {HTMLElement[]} */ ([
		...event.currentTarget.querySelectorAll(".emoji__one"),
	]);
	const at = cells.indexOf(/** @type {HTMLElement} */ (document.activeElement));
	const forward = getComputedStyle(event.currentTarget).direction === "rtl" ? -1 : 1;
	/** @type {Record<string, number>} */
	const goals = {
		ArrowRight: at + forward,
		ArrowLeft: at - forward,
		ArrowDown: at + columns,
		ArrowUp: at - columns,
		Home: at - (at % columns),
		End: at - (at % columns) + columns - 1,
	};
	const goal = goals[event.key];
	if (at < 0 || goal === undefined) return;
	event.preventDefault();
	const cell = cells[Math.min(Math.max(goal, 0), cells.length - 1)];
	for (const other of cells) other.tabIndex = other === cell ? 0 : -1;
	cell.focus();
}

/** @param {{ group: Group, setGroup: (group: Group) => void }} properties */
function Tabs({ group, setGroup }) {
	/** @param {KeyboardEvent & { currentTarget: HTMLElement }} event */
	function handleKey(event) {
		const steps = { ArrowRight: 1, ArrowLeft: -1 };
		const step = steps[/** @type {keyof typeof steps} */ (event.key)];
		if (!step) return;
		event.preventDefault();
		const forward = getComputedStyle(event.currentTarget).direction === "rtl" ? -1 : 1;
		const goal =
			(TABS.findIndex(([name]) => name === group) + step * forward + TABS.length) % TABS.length;
		setGroup(TABS[goal][0]);
		/** @type {HTMLElement} */ (event.currentTarget.children[goal]).focus();
	}
	return html`<div class="emoji__tabs" role="tablist" aria-label=${t("emoji.groups")} onKeyDown=${handleKey}>
		${TABS.map(
			([name, sign, title]) => html`<button
				key=${name}
				class="emoji__tab emoji-sign"
				type="button"
				role="tab"
				id=${`emoji-tab-${name}`}
				aria-selected=${group === name ? "true" : "false"}
				aria-controls="emoji-panel"
				aria-label=${t(title)}
				title=${t(title)}
				tabindex=${group === name ? 0 : -1}
				onClick=${() => setGroup(name)}
			>${sign}</button>`,
		)}
	</div>`;
}

/** @param {{ choose: (emoji: string) => void }} properties */
export function EmojiPicker({ choose }) {
	const [query, setQuery] = useState("");
	const [group, setGroup] = useState(
		/** @type {Group} */ (recentEmoji().length ? "recent" : "smileys"),
	);
	const [columns, setColumns] = useState(7);
	const panel = useRef(/** @type {HTMLElement | null} */ (null));
	const search = useRef(/** @type {HTMLInputElement | null} */ (null));
	const list = shown(group, query);
	const rows = Array.from({ length: Math.ceil(list.length / columns) }, (_, row) =>
		list.slice(row * columns, (row + 1) * columns),
	);

	useLayoutEffect(() => {
		const element = panel.current;
		if (!element) return;
		const resized = new ResizeObserver(() =>
			setColumns(Math.max(4, Math.floor(element.clientWidth / COLUMN))),
		);
		resized.observe(element);
		if (matchMedia("(hover: hover)").matches) search.current?.focus({ preventScroll: true });
		return () => resized.disconnect();
	}, []);
	useLayoutEffect(() => {
		if (panel.current) panel.current.scrollTop = 0;
	}, [group, query]);

	return html`<div class="emoji">
		<input
			class="search__input emoji__search"
			type="search"
			ref=${search}
			aria-label=${t("emoji.search")}
			placeholder=${t("emoji.search")}
			autocomplete="off"
			value=${query}
			onInput=${(/** @type {InputEvent & { currentTarget: HTMLInputElement }} */ event) =>
				setQuery(event.currentTarget.value)}
			onKeyDown=${(/** @type {KeyboardEvent} */ event) => {
				if (event.key === "Enter") event.preventDefault();
				if (event.key !== "ArrowDown" && event.key !== "Enter") return;
				const first = /** @type {HTMLElement | null | undefined} */ (
					panel.current?.querySelector(".emoji__one")
				);
				event.preventDefault();
				if (event.key === "Enter" && query.trim()) first?.click();
				else first?.focus();
			}}
		/>
		<${Tabs} group=${group} setGroup=${(/** @type {Group} */ next) => {
			setQuery("");
			setGroup(next);
		}} />
		<div class="emoji__panel" id="emoji-panel" role="tabpanel" aria-labelledby=${`emoji-tab-${group}`} ref=${panel}>
			${list.length === 0 && html`<p class="list-note">${t(query.trim() ? "emoji.none" : "emoji.noRecent")}</p>`}
			${
				list.length > 0 &&
				html`<div role="grid" aria-label=${t("emoji.label")} onKeyDown=${(/** @type {KeyboardEvent & { currentTarget: HTMLElement }} */ event) => moveFocus(event, columns)}>
					${rows.map(
						(row, index) => html`<div key=${row[0].emoji} class="emoji__row" role="row">
							${row.map(
								({ emoji, name }, column) => html`<span key=${emoji} role="gridcell"><button
									class="emoji__one emoji-sign"
									type="button"
									tabindex=${index + column === 0 ? 0 : -1}
									aria-label=${name}
									title=${name}
									onClick=${() => {
										addRecent(emoji);
										choose(emoji);
									}}
								>${emoji}</button></span>`,
							)}
						</div>`,
					)}
				</div>`
			}
		</div>
	</div>`;
}
