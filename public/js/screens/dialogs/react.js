// Picks any emoji as a reaction to a message.
import { Dialog } from "../../components/dialog.js";
import { EmojiPicker } from "../../components/emoji_picker.js";
import { html } from "../../components/html.js";
import { t } from "../../lib/texts.js";

/** @param {{ overlays: import("../overlays.js").Overlays, choose: (emoji: string) => void }} properties */
export default function ReactDialog({ overlays, choose }) {
	/** @param {string} emoji */
	function chosen(emoji) {
		overlays.closeDialog();
		choose(emoji);
	}
	return html`<${Dialog} title=${t("message.react")} closeLabel=${t("action.close")} close=${overlays.closeDialog}>
		<${EmojiPicker} choose=${chosen} />
	</${Dialog}>`;
}
