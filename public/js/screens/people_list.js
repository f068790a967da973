// The list of people, in all its states; arrow keys walk through it.

import { Badge } from "../components/badge.js";
import { html } from "../components/html.js";
import { Place } from "../lib/place.js";
import { listTime } from "../lib/time.js";

/**
 * @typedef {import("./app.js").Parts} Parts
 * @typedef {import("../protocol/api.js").Person} Person
 */

/** A modified click opens another tab, as on any link. @param {MouseEvent} event */
const plain = (event) =>
	event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;

/** @param {KeyboardEvent & { currentTarget: HTMLElement }} event */
function walk(event) {
	const rows = /** @type {HTMLElement[]} */ ([...event.currentTarget.querySelectorAll(".person")]);
	const at = rows.indexOf(/** @type {HTMLElement} */ (document.activeElement));
	/** @type {Record<string, number>} */
	const goals = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 };
	const goal = goals[event.key];
	if (at < 0 || goal === undefined) return;
	event.preventDefault();
	rows[Math.min(Math.max(goal, 0), rows.length - 1)].focus();
}

/** @param {Parts & { person: Person, reachable: boolean }} properties */
function Row({ centre, place, person, reachable }) {
	const { username, latest_message: latest, timestamp } = person;
	const draft = centre.open.value === username ? "" : centre.drafts.of(username).trim();
	const unread = centre.unread.value.get(username) ?? 0;
	return html`<li>
		<a
			class=${`person ${unread ? "person--unread" : ""}`}
			href=${Place.address(username)}
			data-name=${username}
			aria-current=${centre.open.value === username ? "true" : undefined}
			tabindex=${reachable ? 0 : -1}
			onClick=${(/** @type {MouseEvent} */ event) => {
				if (!plain(event)) return;
				event.preventDefault();
				place.open(username);
			}}
		>
			<${Badge} name=${username} />
			<bdi class="person__name">${username}</bdi>
			${timestamp && html`<time class="person__time" datetime=${timestamp}>${listTime(timestamp, new Date())}</time>`}
			<span class="person__latest" dir="auto">
				${draft ? html`<span class="person__draft">Draft:</span> ${draft}` : (latest ?? html`<span class="person__none">No messages yet</span>`)}
			</span>
			${unread > 0 && html`<span class="person__unread">${unread}<span class="visually-hidden"> unread</span></span>`}
		</a>
	</li>`;
}

/** @param {{ query: string }} properties */
function Nobody({ query }) {
	if (query) return html`<p class="list-note">Nobody's name begins with “<bdi>${query}</bdi>”.</p>`;
	return html`<div class="list-note">
		<p>Nobody else is here yet.</p>
		<p>When people sign up on this server, you find them here.</p>
	</div>`;
}

/** Grey rows while the first page is on its way. */
function Waiting() {
	return html`<div class="list-waiting" role="status">
		<span class="visually-hidden">Loading people…</span>
		${[0, 1, 2, 3, 4].map((row) => html`<span key=${row} class="list-waiting__row" />`)}
	</div>`;
}

/** @param {Parts} parts */
export function PeopleList(parts) {
	const { centre } = parts;
	const pages = centre.people.found.value ?? centre.people.everyone;
	const people = pages.people.value;
	const state = pages.state.value;
	const current = centre.open.value;
	const reachable = people.some((person) => person.username === current)
		? current
		: people[0]?.username;

	/** @param {Event & { currentTarget: HTMLElement }} event */
	function scrolled({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) {
		const near = scrollHeight - scrollTop - clientHeight < 400;
		if (near && pages.more.value && pages.state.value === "ready") centre.morePeople();
	}

	return html`<nav class="people" aria-label="Conversations" onScroll=${scrolled}>
		${
			people.length > 0 &&
			html`<ul class="people__list" onKeyDown=${walk}>
				${people.map((person) => html`<${Row} key=${person.username} ...${parts} person=${person} reachable=${person.username === reachable} />`)}
			</ul>`
		}
		${state === "ready" && people.length === 0 && html`<${Nobody} query=${centre.people.query.value.trim()} />`}
		${state === "loading" && people.length === 0 && html`<${Waiting} />`}
		${
			state === "error" &&
			html`<div class="list-note" role="alert">
				<p>The list could not be loaded.</p>
				<button class="button button--quiet" type="button" onClick=${() => centre.morePeople()}>Try again</button>
			</div>`
		}
		${
			pages.more.value &&
			state !== "error" &&
			people.length > 0 &&
			html`<button class="button button--quiet people__more" type="button" disabled=${state === "loading"} onClick=${() => centre.morePeople()}>
				${state === "loading" ? "Loading…" : "Show more people"}
			</button>`
		}
	</nav>`;
}
