// Asks before logging out with unsent texts, which are then deleted, because the browser's next user
// must not see them.
import { Dialog } from "../../components/dialog.js";
import { html } from "../../components/html.js";
import { t } from "../../lib/texts.js";

/** @param {{ overlays: import("../overlays.js").Overlays, lost: string, leave: () => void }} properties */
export default function LeaveDialog({ overlays, lost, leave }) {
	return html`<${Dialog} title=${t("leave.title", { lost })} close=${overlays.closeDialog}>
		<p>${t("leave.meaning")}</p>
		<div class="dialog__actions">
			<button class="button button--quiet" type="button" onClick=${overlays.closeDialog}>${t("leave.stay")}</button>
			<button class="button button--danger" type="button" onClick=${leave}>${t("menu.logOut")}</button>
		</div>
	</${Dialog}>`;
}
