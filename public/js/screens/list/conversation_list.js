// The list of conversations: only the rows in sight exist; arrow keys walk through all of them.
import { html, useLayoutEffect, useRef, useState } from "../../components/html.js";
import { VirtualList } from "../../components/virtual_list.js";
import { t } from "../../lib/texts.js";
import { ordered } from "./order.js";
import { Row } from "./row.js";
import { Failed, NoConversations, Waiting } from "./states.js";
import { goal } from "./walk.js";

/** @typedef {import("../parts.js").Parts} Parts */

/** @param {HTMLElement | null | undefined} pane @param {string} name */
function linkOf(pane, name) {
	const links = [...(pane?.querySelectorAll("a[data-name]") ?? [])];
	const found = links.find((link) => link.getAttribute("data-name") === name);
	return /** @type {HTMLElement | undefined} */ (found);
}

/** @param {Parts & { archived: boolean, startNew: () => void, children?: unknown }} properties */
export function ConversationList({ archived, startNew, children, ...parts }) {
	const { centre } = parts;
	const pane = useRef(/** @type {HTMLElement | null} */ (null));
	const [active, setActive] = useState(/** @type {string | null} */ (null));
	const wanted = useRef(/** @type {string | null} */ (null));
	const conversations = ordered(centre, archived);
	const names = conversations.map(({ name }) => name);
	const state = centre.listState.value;
	const open = centre.open.value;
	const reachable =
		[active, open].find((name) => name !== null && names.includes(name)) ?? names[0];

	useLayoutEffect(() => {
		if (wanted.current === null) return;
		linkOf(pane.current, wanted.current)?.focus();
		wanted.current = null;
	});

	/** @param {KeyboardEvent} event */
	function keyed(event) {
		const link = /** @type {HTMLElement} */ (event.target).closest("a[data-name]");
		const at = names.indexOf(link?.getAttribute("data-name") ?? "");
		const index = at < 0 ? null : goal(event, at, names.length);
		if (index === null) return;
		event.preventDefault();
		wanted.current = names[index];
		if (names[index] === active) linkOf(pane.current, names[index])?.focus();
		else setActive(names[index]);
	}

	const more = () => {
		if (centre.moreConversations.value && state !== "error") centre.loadMoreConversations();
	};

	return html`<nav class="list" aria-label=${t(archived ? "list.archived" : "list.label")} ref=${pane}>
		${children}
		${
			conversations.length > 0 &&
			html`<${VirtualList}
				items=${conversations}
				keyOf=${(/** @type {{ name: string }} */ { name }) => name}
				render=${(/** @type {import("../../state/types.js").Conversation} */ conversation) =>
					html`<${Row} conversation=${conversation} reachable=${conversation.name === reachable} ...${parts} />`}
				kept=${reachable ?? null}
				label=${t(archived ? "list.archived" : "list.label")}
				onKeyDown=${keyed}
				nearEnd=${more}
			/>`
		}
		${state === "loading" && conversations.length === 0 && html`<${Waiting} />`}
		${state === "error" && html`<${Failed} again=${() => centre.loadMoreConversations()} />`}
		${
			state === "ready" &&
			conversations.length === 0 &&
			!centre.moreConversations.value &&
			(archived
				? html`<p class="list-note">${t("list.noneArchived")}</p>`
				: html`<${NoConversations} start=${startNew} />`)
		}
	</nav>`;
}
