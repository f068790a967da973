// The line below a name in the list: typing, a draft, or the last message.
import { html } from "../../components/html.js";
import { stageOf, Tick } from "../../components/tick.js";
import { preview } from "../../lib/format.js";
import { t } from "../../lib/texts.js";

/**
 * @typedef {import("../parts.js").Parts} Parts
 * @typedef {import("../../state/types.js").Conversation} Conversation
 * @typedef {import("../../state/types.js").Entry} Entry
 */

/** @param {{ client: Parts["client"], conversation: Conversation }} properties */
function Last({ client, conversation }) {
	const last = conversation.last.value;
	if (!last) return html`<span class="row__text row__none">${t("list.noMessages")}</span>`;
	const mine = last.user === client.me.value.user;
	if (last.deleted) {
		return html`<em class="row__text">${t(mine ? "message.deletedByMe" : "message.deleted")}</em>`;
	}
	const stage = stageOf(last, conversation.otherDelivered.value, conversation.otherRead.value);
	return html`${mine && html`<${Tick} stage=${stage} />`}<bdi class="row__text">${preview(last.body)}</bdi>`;
}

/** @param {{ entry: Entry }} properties */
function Pending({ entry }) {
	const stage = entry.state === "failed" ? "failed" : "waiting";
	return html`<${Tick} stage=${stage} /><bdi class="row__text">${preview(entry.body)}</bdi>`;
}

/** @param {{ client: Parts["client"], conversation: Conversation, entry: Entry | null }} properties */
export function Preview({ client, conversation, entry }) {
	if (conversation.typing.value) {
		return html`<span class="row__typing">${t("presence.typing")}</span>`;
	}
	const draft = client.open.value === conversation ? "" : client.drafts.of(conversation.key).trim();
	if (draft) {
		return html`<span class="row__draft">${t("list.draft")} </span><bdi class="row__text">${preview(draft)}</bdi>`;
	}
	if (entry) return html`<${Pending} entry=${entry} />`;
	return html`<${Last} client=${client} conversation=${conversation} />`;
}
