// Asks before blocking a person, and explains what it means.
import { Dialog } from "../../components/dialog.js";
import { html } from "../../components/html.js";
import { t } from "../../lib/texts.js";

/**
 * @param {Pick<import("../parts.js").Parts, "client" | "overlays"> & {
 *   conversation: import("../../state/types.js").Conversation,
 * }} properties
 */
export default function BlockDialog({ client, overlays, conversation }) {
	const { name } = conversation;
	function block() {
		overlays.closeDialog();
		overlays.attempt(client.actions.block(name, true));
	}
	return html`<${Dialog} title=${t("block.title", { name: conversation.title.value })} close=${overlays.closeDialog}>
		<p>${t("block.meaning")}</p>
		<div class="dialog__actions">
			<button class="button button--quiet" type="button" onClick=${overlays.closeDialog}>${t("action.cancel")}</button>
			<button class="button button--danger" type="button" onClick=${block}>${t("block.block")}</button>
		</div>
	</${Dialog}>`;
}
