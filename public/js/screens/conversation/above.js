// What stands above the composer while one answers to a message or edits one.
import { html } from "../../components/html.js";
import { Icon } from "../../components/icons.js";
import { t } from "../../lib/texts.js";
import { Quote } from "./quote.js";

/** @param {import("../parts.js").Parts & { desk: import("./desk.js").Desk }} properties */
export function Above({ desk, centre }) {
	const editing = desk.editing.value;
	const message = editing?.message ?? desk.replyTo.value;
	if (!message) return null;
	const label = t(editing ? "composer.stopEditing" : "composer.stopReplying");
	return html`<div class="composer__above">
		<span class="composer__what"><${Icon} name=${editing ? "edit" : "reply"} /><span class="visually-hidden">${t(editing ? "composer.editing" : "composer.replying")}</span></span>
		<${Quote} centre=${centre} quote=${message} />
		<button class="icon-button" type="button" title=${label} onClick=${() => desk.clear()}>
			<${Icon} name="close" /><span class="visually-hidden">${label}</span>
		</button>
	</div>`;
}
