// People found by name, each a link to the conversation with them.
import { Avatar } from "../../components/avatar.js";
import { html } from "../../components/html.js";
import { Place } from "../../lib/place.js";
import { t } from "../../lib/texts.js";
import { Failed, Waiting } from "./states.js";

/**
 * @typedef {import("../parts.js").Parts} Parts
 * @typedef {import("../../state/types.js").Person} Person
 */

/** @param {Parts & { person: Person, done: () => void }} properties */
function PersonRow({ client, place, person, done }) {
	const { username: name } = person;
	const conversation = client.person(name);
	const { key } = conversation;
	const title = conversation.title.value;
	const more = title === name ? conversation.state.value?.about : `@${name}`;
	return html`<li><div class="row">
		<a
			class="row__link row__link--person"
			href=${Place.address(key)}
			data-conversation=${key}
			onClick=${(/** @type {MouseEvent} */ event) => {
				event.preventDefault();
				done();
				place.open(key);
			}}
		>
			<${Avatar} name=${name} title=${title} picture=${conversation.picture.value} />
			<bdi class="row__name">${title}</bdi>
			${more && html`<span class="row__preview"><bdi class="row__text">${more}</bdi></span>`}
		</a>
	</div></li>`;
}

/** @param {Parts & { except: Set<string>, done: () => void }} properties `except`: shown elsewhere already. */
export function PeopleResults({ except, done, ...parts }) {
	const { people } = parts.client;
	const found = people.found.value.filter(({ username }) => !except.has(username));
	const state = people.state.value;
	return html`
		${
			found.length > 0 &&
			html`<h2 class="list__heading">${t("people.label")}</h2>
			<ul aria-label=${t("people.label")}>
				${found.map((person) => html`<${PersonRow} key=${person.username} person=${person} done=${done} ...${parts} />`)}
			</ul>`
		}
		${state === "loading" && found.length === 0 && html`<${Waiting} />`}
		${state === "error" && html`<${Failed} again=${() => people.load()} />`}
		${
			state === "ready" &&
			people.more.value &&
			html`<button class="button button--quiet list__more" type="button" onClick=${() => people.load()}>${t("people.more")}</button>`
		}
	`;
}
