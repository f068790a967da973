// The list of conversations: only visible rows are rendered; arrow keys move through all of them.
import { html, useLayoutEffect, useRef, useState } from "../../components/html.js";
import { VirtualList } from "../../components/virtual_list.js";
import { t } from "../../lib/texts.js";
import { ordered } from "./order.js";
import { Row } from "./row.js";
import { Failed, NoConversations, Waiting } from "./states.js";
import { goal } from "./walk.js";

/** @typedef {import("../parts.js").Parts} Parts */

/** @param {HTMLElement | null | undefined} pane @param {string} key */
function linkOf(pane, key) {
	const links = [...(pane?.querySelectorAll("a[data-conversation]") ?? [])];
	const found = links.find((link) => link.getAttribute("data-conversation") === key);
	return /** @type {HTMLElement | undefined} */ (found);
}

/** @param {Parts & { archived: boolean, startNew: () => void, children?: unknown }} properties */
export function ConversationList({ archived, startNew, children, ...parts }) {
	const { client } = parts;
	const pane = useRef(/** @type {HTMLElement | null} */ (null));
	const [active, setActive] = useState(/** @type {string | null} */ (null));
	const wanted = useRef(/** @type {string | null} */ (null));
	const conversations = ordered(client, archived);
	const keys = conversations.map(({ key }) => key);
	const state = client.listState.value;
	const open = client.open.value?.key ?? null;
	const reachable = [active, open].find((key) => key !== null && keys.includes(key)) ?? keys[0];

	useLayoutEffect(() => {
		if (wanted.current === null) return;
		linkOf(pane.current, wanted.current)?.focus();
		wanted.current = null;
	});

	/** @param {KeyboardEvent} event */
	function handleKey(event) {
		const link = /** @type {HTMLElement} */ (event.target).closest("a[data-conversation]");
		const at = keys.indexOf(link?.getAttribute("data-conversation") ?? "");
		const index = at < 0 ? null : goal(event, at, keys.length);
		if (index === null) return;
		event.preventDefault();
		wanted.current = keys[index];
		if (keys[index] === active) linkOf(pane.current, keys[index])?.focus();
		else setActive(keys[index]);
	}

	const more = () => {
		if (client.moreConversations.value && state !== "error") client.loadMoreConversations();
	};

	return html`<nav class="list" aria-label=${t(archived ? "list.archived" : "list.label")} ref=${pane}>
		${children}
		${
			conversations.length > 0 &&
			html`<${VirtualList}
				items=${conversations}
				keyOf=${(/** @type {{ key: string }} */ { key }) => key}
				render=${(/** @type {import("../../state/types.js").Conversation} */ conversation) =>
					html`<${Row} conversation=${conversation} reachable=${conversation.key === reachable} ...${parts} />`}
				kept=${reachable ?? null}
				label=${t(archived ? "list.archived" : "list.label")}
				onKeyDown=${handleKey}
				nearEnd=${more}
			/>`
		}
		${state === "loading" && conversations.length === 0 && html`<${Waiting} />`}
		${state === "error" && html`<${Failed} again=${() => client.loadMoreConversations()} />`}
		${
			state === "ready" &&
			conversations.length === 0 &&
			!client.moreConversations.value &&
			(archived
				? html`<p class="list-note">${t("list.noneArchived")}</p>`
				: html`<${NoConversations} start=${startNew} />`)
		}
	</nav>`;
}
