// Privacy settings: what is hidden from others, and blocked people.
import { Avatar } from "../../components/avatar.js";
import { html, useRef, useState } from "../../components/html.js";
import { Switch } from "../../components/switch.js";
import { t } from "../../lib/texts.js";
import { reasonOf } from "../problem.js";
import { useSaving } from "../use_saving.js";

/**
 * @typedef {import("./settings.js").SettingsParts} SettingsParts
 * @typedef {import("../../lib/texts.js").Key} Key
 */

/** @type {readonly [what: "hides_presence" | "hides_typing" | "hides_receipts", name: Key, meaning: Key][]} */
const HIDES = [
	["hides_presence", "privacy.presence", "privacy.presenceMeaning"],
	["hides_typing", "privacy.typing", "privacy.typingMeaning"],
	["hides_receipts", "privacy.receipts", "privacy.receiptsMeaning"],
];

/** @param {SettingsParts & { what: typeof HIDES[number][0], name: Key, meaning: Key }} properties */
function Hide({ client, account, what, name, meaning }) {
	const { error, save } = useSaving();
	const [wanted, setWanted] = useState(/** @type {boolean | null} */ (null));

	/** @param {boolean} on */
	async function change(on) {
		setWanted(on);
		await save(() => account.change({ [what]: on }));
		setWanted(null);
	}

	return html`<${Switch}
		id=${what}
		label=${t(name)}
		help=${t(meaning)}
		on=${wanted ?? client.me.value[what]}
		disabled=${false}
		change=${change}
		problem=${error === null ? "" : reasonOf(error)}
	/>`;
}

/** @param {SettingsParts & { name: string, onUnblock: () => void }} properties `onUnblock`: called when the person is unblocked. */
function Blocked({ client, overlays, name, onUnblock }) {
	const conversation = client.person(name);
	const title = conversation.title.value;

	async function unblock() {
		if (await overlays.attempt(client.actions.block(name, false))) onUnblock();
	}

	return html`<li class="person">
		<${Avatar} name=${name} title=${title} picture=${conversation.picture.value} />
		<span class="entry__words">
			<bdi class="entry__title">${title}</bdi>
			${title !== name && html`<span class="entry__more"><bdi>@${name}</bdi></span>`}
		</span>
		<button class="button button--quiet" type="button" aria-label=${t("privacy.unblock", { name: title })} onClick=${unblock}>
			${t("block.unblock")}
		</button>
	</li>`;
}

/** @param {SettingsParts} parts */
export function PrivacyPart(parts) {
	const { blocked } = parts.client.me.value;
	const heading = useRef(/** @type {HTMLElement | null} */ (null));
	return html`
		<p class="panel__note">${t("privacy.mutual")}</p>
		<div class="settings">
			${HIDES.map(([what, name, meaning]) => html`<${Hide} key=${what} what=${what} name=${name} meaning=${meaning} ...${parts} />`)}
		</div>
		<h2 class="panel__heading" tabindex="-1" ref=${heading}>${t("privacy.blocked")}</h2>
		${blocked.length === 0 && html`<p class="panel__note">${t("privacy.nobody")}</p>`}
		<ul class="people" aria-label=${t("privacy.blocked")}>
			${blocked.map(
				(name) =>
					html`<${Blocked} key=${name} name=${name} onUnblock=${() => heading.current?.focus()} ...${parts} />`,
			)}
		</ul>
	`;
}
