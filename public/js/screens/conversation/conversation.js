// An open conversation: header, messages and composer.
import { html } from "../../components/html.js";
import { t } from "../../lib/texts.js";
import { Composer } from "./composer.js";
import { Header } from "./header.js";
import { Messages } from "./messages.js";

/**
 * @typedef {import("../parts.js").Parts} Parts
 * @typedef {import("../../state/types.js").Conversation} Conversation
 */

/** Replaces the composer where nothing can be sent. @param {Parts & { conversation: Conversation }} properties */
function Closed({ conversation, client, overlays }) {
	const gone = conversation.state.value?.deleted;
	return html`<div class="closed">
		<p>${t(gone ? "talk.gone" : "block.here")}</p>
		${
			!gone &&
			html`<button
				class="button button--quiet"
				type="button"
				onClick=${() => overlays.attempt(client.actions.block(conversation.name, false))}
			>${t("block.unblock")}</button>`
		}
	</div>`;
}

/** @param {Parts & { conversation: Conversation }} properties */
export function ConversationScreen({ conversation, ...parts }) {
	const ui = parts.uiStates.of(conversation);
	const blocked = parts.client.me.value.blocked.includes(conversation.name);
	const closed = conversation.state.value?.deleted || blocked;
	const missing = conversation.loading.value === "missing";
	return html`<section class="conversation" aria-label=${t("talk.main")} aria-labelledby=${missing ? undefined : "conversation-name"}>
		<${Header} conversation=${conversation} ...${parts} />
		<${Messages} conversation=${conversation} ui=${ui} ...${parts} />
		${
			!missing &&
			(closed
				? html`<${Closed} conversation=${conversation} ...${parts} />`
				: html`<${Composer} conversation=${conversation} ui=${ui} ...${parts} />`)
		}
	</section>`;
}
