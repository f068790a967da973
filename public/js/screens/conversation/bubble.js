// One message. Texts only ever become text nodes.
import { html } from "../../components/html.js";
import { Icon } from "../../components/icons.js";
import { stageOf, Tick } from "../../components/tick.js";
import { t, translated } from "../../lib/texts.js";
import { completeTime, timeOfDay } from "../../lib/time.js";
import { Body } from "./body.js";
import { calledBy, Quote } from "./quote.js";
import { Reactions } from "./reactions.js";

/**
 * @typedef {import("../parts.js").Parts} Parts
 * @typedef {import("../../state/types.js").Message} Message
 * @typedef {import("../../state/types.js").Entry} Entry
 * @typedef {import("../../state/types.js").Conversation} Conversation
 */

/** @param {{ at: string | number }} properties */
function Time({ at }) {
	return html`<time class="bubble__time" datetime=${new Date(at).toISOString()} title=${completeTime(at)}>${timeOfDay(at)}</time>`;
}

/** @param {{ message: Message, conversation: Conversation }} properties */
function Stage({ message, conversation }) {
	const { otherDelivered, otherRead } = conversation;
	return html`<${Tick} stage=${stageOf(message, otherDelivered.value, otherRead.value)} />`;
}

/** @param {Parts & { message: Message, jump: (id: number) => void }} properties */
function Content({ client, message, jump }) {
	if (message.deleted) {
		const mine = message.user === client.me.value.user;
		return html`<p class="bubble__body bubble__gone"><${Icon} name="block" />${t(mine ? "message.deletedByMe" : "message.deleted")}</p>`;
	}
	return html`
		${message.forwarded && html`<p class="bubble__forwarded"><${Icon} name="forward" />${t("message.forwarded")}</p>`}
		${message.reply_to && html`<${Quote} client=${client} quote=${message.reply_to} jump=${jump} />`}
		<${Body} text=${message.body} />
	`;
}

/**
 * @param {Parts & {
 *   id: string,
 *   message: Message,
 *   conversation: Conversation,
 *   first: boolean,
 *   jump: (id: number) => void,
 * }} properties
 */
function sentBubble({ id, message, conversation, first, jump, ...parts }) {
	const { client } = parts;
	const mine = message.user === client.me.value.user;
	return html`<li
		class=${`bubble ${mine ? "bubble--mine" : ""} ${first ? "bubble--first" : ""} ${message.reactions.length ? "bubble--reacted" : ""}`}
		data-key=${id}
		data-id=${message.id}
		tabindex="-1"
	>
		<span class="visually-hidden">${calledBy(client, message.user)}: </span>
		<${Content} message=${message} jump=${jump} ...${parts} />
		<p class="bubble__meta">
			${message.edited_at && !message.deleted && html`<span>${t("message.edited")}</span>`}
			<${Time} at=${message.timestamp} />
			${mine && !message.deleted && html`<${Stage} message=${message} conversation=${conversation} />`}
		</p>
		<button class="bubble__menu" type="button" tabindex="-1" aria-haspopup="menu" title=${t("message.options")} data-menu="">
			<${Icon} name="down" /><span class="visually-hidden">${t("message.options")}</span>
		</button>
		${message.reactions.length > 0 && html`<${Reactions} message=${message} ...${parts} />`}
	</li>`;
}

/** @param {Parts & { id: string, entry: Entry, first: boolean }} properties */
function pendingBubble({ id, entry, first, client }) {
	const failed = entry.state === "failed";
	return html`<li
		class=${`bubble bubble--mine bubble--pending ${failed ? "bubble--failed" : ""} ${first ? "bubble--first" : ""}`}
		data-key=${id}
		tabindex="-1"
	>
		<span class="visually-hidden">${t("message.you")}: </span>
		${entry.reply_to && html`<${Quote} client=${client} quote=${entry.reply_to} />`}
		<${Body} text=${entry.body} />
		<p class="bubble__meta">
			<${Time} at=${entry.at} />
			<${Tick} stage=${failed ? "failed" : "waiting"} />
		</p>
		${
			failed &&
			html`<div class="bubble__problem" role="alert">
				<p>${t("message.notSent")} ${translated(entry.problem)}</p>
				<div class="bubble__actions">
					<button class="button button--small" type="button" onClick=${() => client.outbox.tryAgain(entry.client_id)}>${t("action.tryAgain")}</button>
					<button class="button button--small button--quiet" type="button" onClick=${() => client.discard(entry)}>${t("action.discard")}</button>
				</div>
			</div>`
		}
	</li>`;
}

/**
 * One component for both, so that a message keeps its element when it has been sent.
 * @param {Parts & {
 *   id: string,
 *   message: Message | null,
 *   entry: Entry | null,
 *   conversation: Conversation,
 *   first: boolean,
 *   jump: (id: number) => void,
 * }} properties
 */
export function Bubble({ message, entry, ...given }) {
	if (message) return sentBubble({ message, ...given });
	return entry && pendingBubble({ entry, ...given });
}
