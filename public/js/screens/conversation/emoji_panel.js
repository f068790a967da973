// The emoji picker above the composer, loaded on first use.
import { html, useEffect, useState } from "../../components/html.js";
import { t } from "../../lib/texts.js";
import { emojiPicker } from "../on_demand.js";

/** @typedef {typeof import("../../components/emoji_picker.js").EmojiPicker} Picker */

/** @param {import("../parts.js").Parts & { choose: (emoji: string) => void, close: () => void }} properties */
export function EmojiPanel({ choose, close, overlays }) {
	const [loaded, setLoaded] = useState(/** @type {{ Picker: Picker } | null} */ (null));

	useEffect(() => {
		emojiPicker().then(
			({ EmojiPicker }) => setLoaded({ Picker: EmojiPicker }),
			() => {
				overlays.say(t("remark.notLoaded"));
				close();
			},
		);
	}, []);

	return html`<div class="composer__picker">${loaded && html`<${loaded.Picker} choose=${choose} />`}</div>`;
}
