// The left column: who I am, the search, the list of people.
import { html, useEffect, useRef } from "../components/html.js";
import { Icon } from "../components/icons.js";
import { LogOut } from "./log_out.js";
import { PeopleList } from "./people_list.js";

/** @typedef {import("./app.js").Parts} Parts */

/** @param {Parts} parts */
function Search({ centre, place }) {
	/** @param {KeyboardEvent & { currentTarget: HTMLInputElement }} event */
	function keyed(event) {
		if (event.isComposing) return;
		if (event.key === "Escape" && centre.people.query.value) {
			event.preventDefault();
			centre.search("");
		}
		if (event.key === "Enter") {
			event.preventDefault();
			const first = centre.people.found.value?.people.value[0];
			if (first) place.open(first.username);
		}
		if (event.key === "ArrowDown") {
			event.preventDefault();
			const list = event.currentTarget.closest(".sidebar");
			/** @type {HTMLElement | null | undefined} */ (list?.querySelector(".person"))?.focus();
		}
	}

	return html`<search class="search">
		<${Icon} name="search" />
		<input
			class="search__input"
			type="search"
			aria-label="Find a person by name"
			placeholder="Find a person"
			dir="auto"
			maxlength="150"
			autocomplete="off"
			autocapitalize="none"
			spellcheck=${false}
			enterkeyhint="search"
			value=${centre.people.query}
			onInput=${(/** @type {InputEvent & { currentTarget: HTMLInputElement }} */ event) =>
				centre.search(event.currentTarget.value)}
			onKeyDown=${keyed}
		/>
	</search>`;
}

/** @param {Parts} parts */
export function Sidebar(parts) {
	const { centre, mark } = parts;
	const open = centre.open.value;
	const sidebar = useRef(/** @type {HTMLElement | null} */ (null));
	const last = useRef(open);

	useEffect(() => {
		const closed = open === null ? last.current : null;
		last.current = open;
		if (closed === null) return;
		const rows = [...(sidebar.current?.querySelectorAll("a.person") ?? [])];
		const row = rows.find((candidate) => candidate.getAttribute("data-name") === closed);
		/** @type {HTMLElement | undefined} */ (row)?.focus();
	}, [open]);

	return html`<div class="sidebar" ref=${sidebar}>
		<header class="sidebar__header">
			<img class="sidebar__mark" src=${mark} alt="" width="36" height="36" />
			<div class="sidebar__titles">
				<h1 class="sidebar__title">Chinwag</h1>
				<p class="sidebar__me"><span class="visually-hidden">Logged in as </span><bdi>${centre.me}</bdi></p>
			</div>
			<a class="icon-button" href="/simpleui/" title="Plain page"><${Icon} name="plain" /><span class="visually-hidden">Plain page</span></a>
			<${LogOut} ...${parts} />
		</header>
		<${Search} ...${parts} />
		<${PeopleList} ...${parts} />
	</div>`;
}
