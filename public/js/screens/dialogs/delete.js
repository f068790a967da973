// Deletes a message for the user or for everyone.
import { Dialog } from "../../components/dialog.js";
import { html } from "../../components/html.js";
import { t } from "../../lib/texts.js";

/**
 * @param {Pick<import("../parts.js").Parts, "client" | "overlays"> & {
 *   message: import("../../state/types.js").Message,
 * }} properties
 */
export default function DeleteDialog({ client, overlays, message }) {
	const both = message.user === client.me.value.user && !message.deleted;
	/** @param {"me" | "everyone"} whose */
	const remove = (whose) => () => {
		overlays.closeDialog();
		overlays.attempt(client.actions.remove(message, whose));
	};
	return html`<${Dialog} title=${t("delete.title")} close=${overlays.closeDialog}>
		<div class="dialog__actions dialog__actions--column">
			${
				both &&
				html`<button class="button button--danger" type="button" onClick=${remove("everyone")}>${t("delete.everyone")}</button>`
			}
			<button class=${`button ${both ? "button--quiet" : "button--danger"}`} type="button" onClick=${remove("me")}>${t("delete.me")}</button>
			<button class="button button--quiet" type="button" onClick=${overlays.closeDialog}>${t("action.cancel")}</button>
		</div>
	</${Dialog}>`;
}
