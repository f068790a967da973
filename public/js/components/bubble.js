// One message. Texts only ever become text nodes.
import { beginning, withLinks } from "../lib/text.js";
import { completeTime, timeOfDay } from "../lib/time.js";
import { html, useState } from "./html.js";
import { Icon } from "./icons.js";

const SHOWN_AT_FIRST = 1_500;
/** Hiding the last few words would save nobody any scrolling. */
const WORTH_HIDING = 600;

/** @param {{ text: string }} properties */
function Body({ text }) {
	const [whole, setWhole] = useState(text.length <= SHOWN_AT_FIRST + WORTH_HIDING);
	const shown = whole ? text : beginning(text, SHOWN_AT_FIRST);
	return html`<div class="bubble__body" dir="auto">${withLinks(shown).map(
		({ text: piece, href }) =>
			href
				? html`<a href=${href} target="_blank" rel="noopener noreferrer nofollow ugc">${piece}</a>`
				: piece,
	)}${
		!whole &&
		html`… <button class="bubble__more" type="button" onClick=${() => setWhole(true)}>Read on</button>`
	}</div>`;
}

/** @param {{ at: string | number }} properties */
function Time({ at }) {
	return html`<time class="bubble__time" datetime=${new Date(at).toISOString()} title=${completeTime(at)}>${timeOfDay(at)}</time>`;
}

/** @param {{ message: import("../protocol/api.js").Message, mine: boolean, first: boolean }} properties */
export function Bubble({ message, mine, first }) {
	return html`<li class=${`bubble ${mine ? "bubble--mine" : ""} ${first ? "bubble--first" : ""}`} data-id=${message.id}>
		<span class="visually-hidden">${mine ? "You" : message.user}: </span>
		<${Body} text=${message.body} />
		<p class="bubble__meta">
			<${Time} at=${message.timestamp} />
			${mine && html`<span class="bubble__tick"><${Icon} name="sent" /><span class="visually-hidden">Sent</span></span>`}
		</p>
	</li>`;
}

/**
 * @param {{
 *   entry: import("../state/outbox.js").Entry,
 *   first: boolean,
 *   tryAgain: () => void,
 *   discard: () => void,
 * }} properties
 */
export function PendingBubble({ entry, first, tryAgain, discard }) {
	const failed = entry.state === "failed";
	return html`<li class=${`bubble bubble--mine bubble--pending ${failed ? "bubble--failed" : ""} ${first ? "bubble--first" : ""}`}>
		<span class="visually-hidden">You: </span>
		<${Body} text=${entry.body} />
		<p class="bubble__meta">
			<${Time} at=${entry.at} />
			<span class="bubble__tick">
				<${Icon} name=${failed ? "failed" : "clock"} />
				<span class="visually-hidden">${failed ? "Not sent" : "Waiting to be sent"}</span>
			</span>
		</p>
		${
			failed &&
			html`<div class="bubble__problem" role="alert">
				<p>Not sent. ${entry.problem}</p>
				<div class="bubble__actions">
					<button class="button button--small" type="button" onClick=${tryAgain}>Try again</button>
					<button class="button button--small button--quiet" type="button" onClick=${discard}>Discard</button>
				</div>
			</div>`
		}
	</li>`;
}
