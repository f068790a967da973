// Forwards a message to a few people at once.
import { Avatar } from "../../components/avatar.js";
import { Dialog } from "../../components/dialog.js";
import { html, useEffect, useState } from "../../components/html.js";
import { Icon } from "../../components/icons.js";
import { preview } from "../../lib/format.js";
import { number, t } from "../../lib/texts.js";
import { matching } from "../list/order.js";

/**
 * @typedef {import("../parts.js").Parts} Parts
 * @typedef {import("../../state/types.js").Conversation} Conversation
 */

const MOST = 5;
const SHOWN = 100;

/**
 * Conversations first, then other people found by name.
 * @param {Parts["client"]} client
 * @param {string} query
 * @returns {Conversation[]}
 */
function choices(client, query) {
	const known = matching(client.conversations.value, query);
	const names = new Set(known.map(({ name }) => name));
	const others = client.people.found.value
		.map(({ username }) => username)
		.filter((name) => !names.has(name));
	return [...known, ...others.map((name) => client.person(name))]
		.filter(({ state }) => !state.value?.deleted && !state.value?.blocked)
		.slice(0, SHOWN);
}

/** @param {{ choice: Conversation, chosen: boolean, full: boolean, toggle: () => void }} properties */
function ChoiceRow({ choice, chosen, full, toggle }) {
	const { name, title, picture } = choice;
	return html`<li>
		<label class="choice">
			<input type="checkbox" checked=${chosen} disabled=${full && !chosen} onChange=${toggle} />
			<${Avatar} name=${name} title=${title.value} picture=${picture.value} />
			<bdi class="choice__name">${title.value}</bdi>
			<span class="choice__sign"><${Icon} name="check" /></span>
		</label>
	</li>`;
}

/** @param {Parts & { message: import("../../state/types.js").Message }} properties */
export default function ForwardDialog({ client, overlays, place, message }) {
	const [query, setQuery] = useState("");
	const [chosen, setChosen] = useState(/** @type {Conversation[]} */ ([]));
	useEffect(() => {
		client.people.search("");
		return () => client.people.search("");
	}, []);

	/** @param {Conversation} choice */
	const toggle = (choice) =>
		setChosen(
			chosen.includes(choice) ? chosen.filter((one) => one !== choice) : [...chosen, choice],
		);

	function forward() {
		overlays.closeDialog();
		for (const choice of chosen) client.send(choice, message.body, { forward: message });
		if (chosen.length === 1) place.open(chosen[0].key);
		else overlays.say(t("forward.done", { count: chosen.length }));
	}

	const list = choices(client, query);
	return html`<${Dialog} title=${t("forward.title")} closeLabel=${t("action.close")} close=${overlays.closeDialog} tall=${true}>
		<p class="forward__text" dir="auto">${preview(message.body)}</p>
		<input
			class="search__input"
			type="search"
			aria-label=${t("search.person")}
			placeholder=${t("search.placeholder")}
			autocomplete="off"
			dir="auto"
			value=${query}
			onInput=${(/** @type {InputEvent & { currentTarget: HTMLInputElement }} */ event) => {
				setQuery(event.currentTarget.value);
				client.people.search(event.currentTarget.value);
			}}
		/>
		<ul class="choices" aria-label=${t("people.label")} tabindex="-1">
			${list.map(
				(choice) =>
					html`<${ChoiceRow}
						key=${choice.key}
						choice=${choice}
						chosen=${chosen.includes(choice)}
						full=${chosen.length >= MOST}
						toggle=${() => toggle(choice)}
					/>`,
			)}
			${list.length === 0 && html`<li class="list-note">${t("people.none")}</li>`}
		</ul>
		<div class="dialog__actions">
			<p class="forward__count" role="status">${chosen.length > 0 && t("forward.chosen", { count: chosen.length, most: number(MOST) })}</p>
			<button class="button" type="button" disabled=${chosen.length === 0} onClick=${forward}>${t("forward.send")}</button>
		</div>
	</${Dialog}>`;
}
