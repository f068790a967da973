// One conversation in the list.

import { Avatar } from "../../components/avatar.js";
import { html } from "../../components/html.js";
import { Icon } from "../../components/icons.js";
import { isMuted } from "../../lib/muted.js";
import { Place } from "../../lib/place.js";
import { number, t } from "../../lib/texts.js";
import { listTime } from "../../lib/time.js";
import { Preview } from "./preview.js";
import { openRowMenu } from "./row_menu.js";

/**
 * @typedef {import("../parts.js").Parts} Parts
 * @typedef {import("../../state/types.js").Conversation} Conversation
 */

/** A modified click opens another tab, as on any link. @param {MouseEvent} event */
const plain = (event) =>
	event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;

/** @param {{ conversation: Conversation }} properties */
function Signs({ conversation }) {
	const state = conversation.state.value;
	const unread = conversation.unread.value;
	const muted = isMuted(state?.muted_until);
	return html`<span class="row__signs">
		${muted && html`<span class="row__sign"><${Icon} name="mute" /><span class="visually-hidden">${t("list.muted")}</span></span>`}
		${state?.pinned && html`<span class="row__sign"><${Icon} name="pin" /><span class="visually-hidden">${t("list.pinned")}</span></span>`}
		${
			unread > 0
				? html`<span class=${`row__unread ${muted ? "row__unread--muted" : ""}`}>
					<span aria-hidden="true">${number(unread)}</span><span class="visually-hidden">${t("list.unread", { count: unread })}</span>
				</span>`
				: state?.marked_unread &&
					html`<span class="row__unread row__unread--marked"><span class="visually-hidden">${t("list.markedUnread")}</span></span>`
		}
	</span>`;
}

/** @param {Parts & { conversation: Conversation, reachable: boolean }} properties */
export function Row({ conversation, reachable, ...parts }) {
	const { client, place } = parts;
	const { name, key } = conversation;
	const state = conversation.state.value;
	const entry = client.pending(conversation).at(-1) ?? null;
	const at = entry?.at ?? conversation.last.value?.timestamp;
	const unread = conversation.unread.value > 0 || Boolean(state?.marked_unread);
	const title = conversation.title.value;

	/** Set on each part: when the row moves up at the same time, Chromium does not restyle its children. @param {string} part */
	const marked = (part) => `${part} ${unread ? `${part}--unread` : ""}`;

	return html`<div class="row">
		<a
			class="row__link"
			href=${Place.address(key)}
			data-conversation=${key}
			aria-current=${client.open.value === conversation ? "true" : undefined}
			tabindex=${reachable ? 0 : -1}
			onClick=${(/** @type {MouseEvent} */ event) => {
				if (!plain(event)) return;
				event.preventDefault();
				place.open(key);
			}}
			onContextMenu=${(/** @type {MouseEvent & { currentTarget: HTMLElement }} */ event) => {
				event.preventDefault();
				openRowMenu(parts, conversation, event.currentTarget, event);
			}}
		>
			<${Avatar} name=${name} title=${title} picture=${conversation.picture.value} />
			<bdi class="row__name">${title}</bdi>
			${at && html`<time class=${marked("row__time")} datetime=${new Date(at).toISOString()}>${listTime(at, new Date())}</time>`}
			<span class=${marked("row__preview")}><${Preview} client=${client} conversation=${conversation} entry=${entry} /></span>
			<${Signs} conversation=${conversation} />
		</a>
		<button
			class="icon-button row__menu"
			type="button"
			tabindex="-1"
			aria-haspopup="menu"
			title=${t("list.options", { name: title })}
			onClick=${(/** @type {MouseEvent & { currentTarget: HTMLElement }} */ event) =>
				openRowMenu(parts, conversation, event.currentTarget)}
		>
			<${Icon} name="down" /><span class="visually-hidden">${t("list.options", { name: title })}</span>
		</button>
	</div>`;
}
