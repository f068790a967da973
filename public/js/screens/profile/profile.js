// The other person's profile: about text, presence, and muting, archiving or blocking.
import { Avatar } from "../../components/avatar.js";
import { html, useState } from "../../components/html.js";
import { Icon } from "../../components/icons.js";
import { Panel } from "../../components/panel.js";
import { isMuted } from "../../lib/muted.js";
import { t } from "../../lib/texts.js";
import { dayLabel, timeOfDay } from "../../lib/time.js";
import { presenceText } from "../conversation/header.js";
import { ALWAYS, after, blockItem, PERIODS } from "../list/row_menu.js";

/**
 * @typedef {import("../parts.js").Parts} Parts
 * @typedef {import("../../state/types.js").Conversation} Conversation
 * @typedef {Parts & { conversation: Conversation }} Properties
 */

/** @param {string} until */
function mutedUntil(until) {
	if (Date.parse(until) >= Date.parse(ALWAYS)) return t("profile.mutedAlways");
	const now = new Date();
	return t("profile.mutedUntil", { day: dayLabel(until, now), time: timeOfDay(until) });
}

/** @param {Properties} properties */
function Mute({ client, overlays, conversation }) {
	const [asking, setAsking] = useState(false);
	const until = conversation.state.value?.muted_until ?? "";
	const muted = isMuted(until);
	/** @param {string | null} end */
	const mute = (end) =>
		overlays.attempt(client.actions.setConversation(conversation, { muted_until: end }));

	return html`<li>
		<button
			class="entry"
			type="button"
			aria-expanded=${muted ? undefined : asking ? "true" : "false"}
			onClick=${() => (muted ? mute(null) : setAsking(!asking))}
		>
			<${Icon} name="mute" />
			<span class="entry__words">
				<span class="entry__title">${t(muted ? "list.unmute" : "list.mute")}</span>
				${muted && html`<span class="entry__more">${mutedUntil(until)}</span>`}
			</span>
		</button>
		${
			asking &&
			!muted &&
			html`<ul class="entries entries--inner" aria-label=${t("mute.label")}>
				${PERIODS.map(
					([key, hours]) => html`<li key=${key}>
						<button
							class="entry"
							type="button"
							onClick=${() => {
								setAsking(false);
								mute(after(hours));
							}}
						><span class="entry__title">${t(key)}</span></button>
					</li>`,
				)}
			</ul>`
		}
	</li>`;
}

/** @param {Properties} properties */
function Actions({ conversation, ...parts }) {
	const { client, overlays } = parts;
	const state = conversation.state.value;
	const block = blockItem(parts, conversation);
	const archive = () =>
		overlays.attempt(client.actions.setConversation(conversation, { archived: !state?.archived }));
	return html`<ul class="entries">
		${state && html`<${Mute} conversation=${conversation} ...${parts} />`}
		${
			state &&
			html`<li>
				<button class="entry" type="button" onClick=${archive}>
					<${Icon} name="archive" />
					<span class="entry__words"><span class="entry__title">${t(state.archived ? "list.unarchive" : "list.archive")}</span></span>
				</button>
			</li>`
		}
		${
			!state?.deleted &&
			html`<li>
				<button class=${`entry ${block.danger ? "entry--danger" : ""}`} type="button" onClick=${block.run}>
					<${Icon} name="block" />
					<span class="entry__words"><span class="entry__title">${block.text}</span></span>
				</button>
			</li>`
		}
	</ul>`;
}

/** @param {Parts} parts */
export default function Profile(parts) {
	const { client, place } = parts;
	const conversation = client.open.value;
	if (!conversation) return null;
	const { name } = conversation;
	const title = conversation.title.value;
	const about = conversation.state.value?.about;
	return html`<${Panel} title=${t("profile.title")} icon="close" closeLabel=${t("profile.close")} close=${() => place.closePanel()}>
		<div class="portrait">
			<span class="portrait__picture"><${Avatar} name=${name} title=${title} picture=${conversation.picture.value} /></span>
			<h2 class="portrait__name"><bdi>${title}</bdi></h2>
			${title !== name && html`<p class="portrait__user"><bdi>@${name}</bdi></p>`}
			<p class="portrait__presence">${presenceText(conversation)}</p>
		</div>
		${
			about &&
			html`<h3 class="panel__heading">${t("own.aboutMe")}</h3>
			<p class="panel__text" dir="auto">${about}</p>`
		}
		<${Actions} conversation=${conversation} ...${parts} />
	</${Panel}>`;
}
