// Shown above the composer while the user replies to a message or edits one.
import { html } from "../../components/html.js";
import { Icon } from "../../components/icons.js";
import { t } from "../../lib/texts.js";
import { Quote } from "./quote.js";

/** @param {import("../parts.js").Parts & { ui: import("./ui_state.js").ConversationUiState }} properties */
export function Above({ ui, client }) {
	const editing = ui.editing.value;
	const message = editing?.message ?? ui.replyTo.value;
	if (!message) return null;
	const label = t(editing ? "composer.stopEditing" : "composer.stopReplying");
	return html`<div class="composer__above">
		<span class="composer__what"><${Icon} name=${editing ? "edit" : "reply"} /><span class="visually-hidden">${t(editing ? "composer.editing" : "composer.replying")}</span></span>
		<${Quote} client=${client} quote=${message} />
		<button class="icon-button" type="button" title=${label} onClick=${() => ui.clear()}>
			<${Icon} name="close" /><span class="visually-hidden">${label}</span>
		</button>
	</div>`;
}
