// One open conversation: whose it is, what was said, and where one writes.
import { html } from "../../components/html.js";
import { t } from "../../lib/texts.js";
import { Composer } from "./composer.js";
import { Header } from "./header.js";
import { Messages } from "./messages.js";

/**
 * @typedef {import("../parts.js").Parts} Parts
 * @typedef {import("../../state/types.js").Conversation} Conversation
 */

/** What stands in the composer's place where nothing can be sent. @param {Parts & { conversation: Conversation }} properties */
function Closed({ conversation, centre, overlays }) {
	const gone = conversation.state.value?.deleted;
	return html`<div class="closed">
		<p>${t(gone ? "talk.gone" : "block.here")}</p>
		${
			!gone &&
			html`<button
				class="button button--quiet"
				type="button"
				onClick=${() => overlays.attempt(centre.block(conversation.name, false))}
			>${t("block.unblock")}</button>`
		}
	</div>`;
}

/** @param {Parts & { name: string }} properties */
export function ConversationScreen({ name, ...parts }) {
	const conversation = parts.centre.conversation(name);
	const desk = parts.desks.of(name);
	const blocked = parts.centre.me.value.blocked.includes(name);
	const closed = conversation.state.value?.deleted || blocked;
	return html`<section class="conversation" aria-labelledby="conversation-name">
		<${Header} conversation=${conversation} ...${parts} />
		<${Messages} conversation=${conversation} desk=${desk} ...${parts} />
		${
			closed
				? html`<${Closed} conversation=${conversation} ...${parts} />`
				: html`<${Composer} conversation=${conversation} desk=${desk} ...${parts} />`
		}
	</section>`;
}
