// The text of a message: formatted, large when it is only emoji, shortened when it is very long.
import { Formatted } from "../../components/formatted.js";
import { html, useState } from "../../components/html.js";
import { loneEmoji } from "../../lib/emoji.js";
import { beginning } from "../../lib/text.js";
import { t } from "../../lib/texts.js";

const SHOWN_AT_FIRST = 1_500;
/** Hiding less than this is not worth it. */
const WORTH_HIDING = 600;

/** @param {{ text: string }} properties */
export function Body({ text }) {
	const [whole, setWhole] = useState(false);
	const short = text.length <= SHOWN_AT_FIRST + WORTH_HIDING;
	const big = loneEmoji(text);
	const shown = whole || short ? text : beginning(text, SHOWN_AT_FIRST);
	return html`<div class=${`bubble__body ${big ? `bubble__body--big emoji-sign bubble__body--${big}` : ""}`} dir="auto">
		<${Formatted} text=${shown} />${
			!whole &&
			!short &&
			html`… <button class="bubble__more" type="button" onClick=${() => setWhole(true)}>${t("message.readOn")}</button>`
		}
	</div>`;
}
