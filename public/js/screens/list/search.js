// The search field and its results: own conversations at once, other people when the server answers.
import { html, useEffect, useRef } from "../../components/html.js";
import { Icon } from "../../components/icons.js";
import { pieces, t } from "../../lib/texts.js";
import { matching } from "./order.js";
import { PeopleResults } from "./people_results.js";
import { Row } from "./row.js";
import { goal } from "./walk.js";

/** @typedef {import("../parts.js").Parts} Parts */

/** @param {HTMLElement} inside */
const linksIn = (inside) =>
	/** @type {HTMLElement[]} */ ([
		...(inside.closest(".sidebar")?.querySelectorAll(".list a[data-conversation]") ?? []),
	]);

/** @param {Parts & { label: string, wanted: boolean }} properties `wanted`: focus it; not on touch devices, where the keyboard would open. */
export function SearchField({ client, label, wanted }) {
	const { people } = client;
	const input = useRef(/** @type {HTMLInputElement | null} */ (null));
	useEffect(() => {
		if (wanted && matchMedia("(hover: hover)").matches) input.current?.focus();
	}, []);

	/** @param {KeyboardEvent & { currentTarget: HTMLInputElement }} event */
	function handleKey(event) {
		if (event.isComposing) return;
		const [first] = linksIn(event.currentTarget);
		if (event.key === "Escape" && people.query.value) {
			event.preventDefault();
			people.search("");
		} else if (event.key === "Enter") {
			event.preventDefault();
			if (people.query.value.trim()) first?.click();
		} else if (event.key === "ArrowDown") {
			event.preventDefault();
			first?.focus();
		}
	}

	return html`<search class="search">
		<${Icon} name="search" />
		<input
			ref=${input}
			class="search__input"
			type="search"
			aria-label=${label}
			placeholder=${t("search.placeholder")}
			dir="auto"
			maxlength="150"
			autocomplete="off"
			autocapitalize="none"
			spellcheck=${false}
			enterkeyhint="search"
			value=${people.query}
			onInput=${(/** @type {InputEvent & { currentTarget: HTMLInputElement }} */ event) =>
				people.search(event.currentTarget.value)}
			onKeyDown=${handleKey}
		/>
	</search>`;
}

/** @param {Parts & { done?: () => void }} properties `done`: called when a person was chosen. */
export function SearchResults({ done, ...parts }) {
	const { client } = parts;
	const chosen = done ?? (() => client.people.search(""));
	const query = client.people.query.value;
	const conversations = matching(client.conversations.value, query).slice(0, 50);
	const names = new Set(conversations.map(({ name }) => name));
	const others = client.people.found.value.filter(({ username }) => !names.has(username));
	const nothing = names.size === 0 && others.length === 0 && client.people.state.value === "ready";

	/** @param {KeyboardEvent & { currentTarget: HTMLElement }} event */
	function handleKey(event) {
		const links = linksIn(event.currentTarget);
		const at = links.indexOf(/** @type {HTMLElement} */ (document.activeElement));
		const index = at < 0 ? null : goal(event, at, links.length);
		if (index === null) return;
		event.preventDefault();
		links[index].focus();
	}

	return html`<nav class="list" aria-label=${t("search.results")} onKeyDown=${handleKey}>
		${
			conversations.length > 0 &&
			html`<h2 class="list__heading">${t("list.label")}</h2>
			<ul aria-label=${t("list.label")}>
				${conversations.map(
					(conversation) =>
						html`<li key=${conversation.key}><${Row} conversation=${conversation} reachable=${true} ...${parts} /></li>`,
				)}
			</ul>`
		}
		<${PeopleResults} except=${names} done=${chosen} ...${parts} />
		${nothing && html`<p class="list-note" role="status"><span>${pieces("search.nobody", { query: html`<bdi>${query.trim()}</bdi>` })}</span></p>`}
	</nav>`;
}
