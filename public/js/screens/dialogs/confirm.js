// Asks before an action that cannot be undone. It stays open until the action succeeds, and shows why it failed.
import { Dialog } from "../../components/dialog.js";
import { html } from "../../components/html.js";
import { t } from "../../lib/texts.js";
import { reasonOf } from "../problem.js";
import { useSaving } from "../use_saving.js";

/**
 * @param {{
 *   overlays: import("../overlays.js").Overlays,
 *   title: string,
 *   meaning: string,
 *   action: string,
 *   run: () => Promise<unknown>,
 * }} properties
 */
export default function ConfirmDialog({ overlays, title, meaning, action, run }) {
	const { busy, error, save } = useSaving();

	async function confirm() {
		if (!busy && (await save(run))) overlays.closeDialog();
	}

	return html`<${Dialog} title=${title} close=${overlays.closeDialog}>
		<p>${meaning}</p>
		${error !== null && html`<p class="field__error" role="alert">${reasonOf(error)}</p>`}
		<div class="dialog__actions">
			<button class="button button--quiet" type="button" onClick=${overlays.closeDialog}>${t("action.cancel")}</button>
			<button class="button button--danger" type="button" aria-disabled=${busy ? "true" : "false"} onClick=${confirm}>${action}</button>
		</div>
	</${Dialog}>`;
}
