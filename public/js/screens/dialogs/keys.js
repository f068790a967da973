// The list of keyboard shortcuts.
import { Dialog } from "../../components/dialog.js";
import { html } from "../../components/html.js";
import { t } from "../../lib/texts.js";

/** @type {readonly [keys: string[], what: import("../../lib/texts.js").Key][]} */
const KEYS = [
	[["?"], "keys.help"],
	[["Ctrl", "K"], "keys.search"],
	[["Alt", "N"], "keys.new"],
	[["Alt", "↑"], "keys.previous"],
	[["Alt", "↓"], "keys.next"],
	[["↑", "↓"], "keys.walk"],
	[["Shift", "F10"], "keys.menu"],
	[["Enter"], "keys.send"],
	[["Shift", "Enter"], "keys.break"],
	[["↑"], "keys.edit"],
	[["Shift", "Tab"], "keys.messages"],
	[["Esc"], "keys.leave"],
];

/** @param {{ overlays: import("../overlays.js").Overlays }} properties */
export default function KeysDialog({ overlays }) {
	return html`<${Dialog} title=${t("keys.title")} closeLabel=${t("action.close")} close=${overlays.closeDialog}>
		<dl class="keys">
			${KEYS.map(
				([keys, what]) => html`<div key=${what} class="keys__line">
					<dt dir="ltr">${keys.map((key) => html`<kbd key=${key}>${key}</kbd>`)}</dt>
					<dd>${t(what)}</dd>
				</div>`,
			)}
		</dl>
	</${Dialog}>`;
}
