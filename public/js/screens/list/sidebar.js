// The left column: own profile, search, and the list of conversations, or of all people to start one.
import { Avatar } from "../../components/avatar.js";
import { html, useEffect, useRef, useState } from "../../components/html.js";
import { Icon } from "../../components/icons.js";
import { number, t } from "../../lib/texts.js";
import { NEW_CONVERSATION } from "../keys.js";
import { kindOf, SidePanel } from "../side_panel.js";
import { ConversationList } from "./conversation_list.js";
import { openMainMenu } from "./main_menu.js";
import { ordered } from "./order.js";
import { PeopleResults } from "./people_results.js";
import { SearchField, SearchResults } from "./search.js";

/**
 * @typedef {import("../parts.js").Parts} Parts
 * @typedef {"all" | "archived" | "new"} View
 */

/** @param {Parts & { setView: (view: View) => void }} properties */
function MainHeader({ setView, ...parts }) {
	const me = parts.client.me.value;
	return html`<header class="sidebar__header">
		<button
			class="sidebar__self"
			type="button"
			title=${t("settings.profile")}
			onClick=${() => parts.place.openPanel("settings/profile")}
		>
			<${Avatar} name=${me.user} title=${me.display_name ?? me.user} picture=${me.avatar} />
			<span class="visually-hidden">${t("settings.profile")}</span>
		</button>
		<div class="sidebar__titles">
			<h1 class="sidebar__title">Chinwag</h1>
			<p class="sidebar__me"><span class="visually-hidden">${t("list.loggedInAs")} </span><bdi>${me.display_name ?? me.user}</bdi></p>
		</div>
		<button class="icon-button" type="button" title=${t("list.new")} onClick=${() => setView("new")}>
			<${Icon} name="plus" /><span class="visually-hidden">${t("list.new")}</span>
		</button>
		<button
			class="icon-button"
			type="button"
			data-menu
			aria-haspopup="menu"
			title=${t("menu.label")}
			onClick=${(/** @type {MouseEvent & { currentTarget: HTMLElement }} */ event) =>
				openMainMenu(parts, event.currentTarget, () => setView("archived"))}
		>
			<${Icon} name="more" /><span class="visually-hidden">${t("menu.label")}</span>
		</button>
	</header>`;
}

/** @param {{ title: string, back: () => void }} properties */
function SideHeader({ title, back }) {
	return html`<header class="sidebar__header">
		<button class="icon-button" type="button" title=${t("action.back")} onClick=${back}>
			<${Icon} name="back" /><span class="visually-hidden">${t("action.back")}</span>
		</button>
		<h1 class="sidebar__title">${title}</h1>
	</header>`;
}

/** @param {Parts & { setView: (view: View) => void }} properties */
function Lists({ setView, ...parts }) {
	const { client } = parts;
	if (client.people.query.value.trim()) return html`<${SearchResults} ...${parts} />`;
	const archived = ordered(client, true).length;
	return html`<${ConversationList} archived=${false} startNew=${() => setView("new")} ...${parts}>
		${
			archived > 0 &&
			html`<button class="list__archived" type="button" onClick=${() => setView("archived")}>
				<${Icon} name="archive" /><span>${t("list.archived")}</span><span class="list__count">${number(archived)}</span>
			</button>`
		}
	</${ConversationList}>`;
}

/** @param {Parts & { back: () => void }} properties */
function Everyone({ back, ...parts }) {
	const { people } = parts.client;
	useEffect(() => people.search(people.query.peek()), []);
	const nobody = people.state.value === "ready" && people.found.value.length === 0;
	if (people.query.value.trim()) return html`<${SearchResults} done=${back} ...${parts} />`;
	return html`<nav class="list" aria-label=${t("people.label")}>
		<${PeopleResults} except=${new Set()} done=${back} ...${parts} />
		${nobody && html`<div class="list-note"><p>${t("people.none")}</p><p>${t("people.noneHint")}</p></div>`}
	</nav>`;
}

/** When a conversation is closed, its row gets the focus. @param {string | null} open the open conversation's key @param {import("preact").RefObject<HTMLElement | null>} sidebar */
function useRowFocus(open, sidebar) {
	const last = useRef(open);
	useEffect(() => {
		const closed = open === null ? last.current : null;
		last.current = open;
		if (closed === null || document.activeElement !== document.body) return;
		const rows = [...(sidebar.current?.querySelectorAll("a[data-conversation]") ?? [])];
		const row = rows.find((candidate) => candidate.getAttribute("data-conversation") === closed);
		/** @type {HTMLElement | undefined} */ (row)?.focus();
	}, [open]);
}

/** When the settings are closed, the menu button gets the focus. @param {boolean} settings @param {import("preact").RefObject<HTMLElement | null>} sidebar */
function useMenuFocus(settings, sidebar) {
	const before = useRef(settings);
	useEffect(() => {
		const closed = before.current && !settings;
		before.current = settings;
		if (!closed || document.activeElement !== document.body) return;
		/** @type {HTMLElement | null | undefined} */ (
			sidebar.current?.querySelector("[data-menu]")
		)?.focus();
	}, [settings]);
}

/** @param {Parts} parts */
export function Sidebar(parts) {
	const { client } = parts;
	const settings = kindOf(parts.place.panel.value) === "settings";
	const [view, setView] = useState(/** @type {View} */ ("all"));
	const [searches, setSearches] = useState(0);
	const sidebar = useRef(/** @type {HTMLElement | null} */ (null));
	useRowFocus(client.open.value?.key ?? null, sidebar);
	useMenuFocus(settings, sidebar);

	/** @param {View} next */
	const go = (next) => {
		client.people.search("");
		setView(next);
	};
	const back = () => go("all");
	useEffect(() => {
		if (settings) return;
		const start = () => {
			go("new");
			// A new field each time, so that it gets the focus even if the search was already open.
			setSearches((times) => times + 1);
		};
		document.addEventListener(NEW_CONVERSATION, start);
		return () => document.removeEventListener(NEW_CONVERSATION, start);
	}, [settings]);

	return html`<div class="sidebar" ref=${sidebar}>
		<div
			class="sidebar__lists"
			inert=${settings}
			onKeyDown=${(/** @type {KeyboardEvent} */ event) => {
				if (event.key !== "Escape" || event.defaultPrevented || view === "all") return;
				event.preventDefault();
				back();
			}}
		>
			${view === "all" && html`<${MainHeader} setView=${go} ...${parts} />`}
			${view === "archived" && html`<${SideHeader} title=${t("list.archived")} back=${back} />`}
			${view === "new" && html`<${SideHeader} title=${t("list.new")} back=${back} />`}
			${view !== "archived" && html`<${SearchField} key=${`${view} ${searches}`} label=${t(view === "new" ? "search.person" : "search.label")} wanted=${view === "new"} ...${parts} />`}
			${view === "all" && html`<${Lists} setView=${go} ...${parts} />`}
			${view === "archived" && html`<${ConversationList} archived=${true} startNew=${back} ...${parts} />`}
			${view === "new" && html`<${Everyone} back=${back} ...${parts} />`}
		</div>
		${settings && html`<${SidePanel} kind="settings" title=${t("settings.title")} ...${parts} />`}
	</div>`;
}
