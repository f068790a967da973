// The whole screen: the list beside the conversation, or one of the two on a phone.

import { html, useEffect } from "../components/html.js";
import { Icon } from "../components/icons.js";
import { announcement } from "../lib/announcement.js";
import { Conversation } from "./conversation.js";
import { Sidebar } from "./sidebar.js";

/**
 * @typedef {{
 *   centre: import("../state/centre.js").Centre,
 *   place: import("../lib/place.js").Place,
 *   mark: string,
 *   leave: () => void,
 * }} Parts `mark`: the address of the product's sign; `leave`: forgets what this browser keeps.
 */

/** @param {import("../state/centre.js").Status} status */
function statusText(status) {
	if (status === "connecting") return "Connecting…";
	return status === "offline" ? "Offline: messages will be sent when you are back." : "";
}

/** @param {Parts} parts */
function Status({ centre }) {
	const status = centre.status.value;
	return html`<p class=${`status status--${status}`} role="status">
		${status !== "live" && html`<span class="status__text"><${Icon} name="clock" />${statusText(status)}</span>`}
	</p>`;
}

/** @param {Parts} parts */
function Announcer({ centre }) {
	return html`<p class="visually-hidden" aria-live="polite">
		<span key=${centre.news.value.at(-1)?.id}>${announcement(centre.news.value)}</span>
	</p>`;
}

/** @param {Parts} parts */
function NothingOpen({ mark }) {
	return html`<div class="nothing">
		<img src=${mark} alt="" width="96" height="96" />
		<h2>Have a chinwag</h2>
		<p>Choose a conversation, or find a person by name.</p>
	</div>`;
}

/** @param {Parts} parts */
export function App(parts) {
	const { centre, place } = parts;
	const open = centre.open.value;
	const unread = [...centre.unread.value.values()].reduce((sum, count) => sum + count, 0);

	useEffect(() => {
		document.title = `${unread ? `(${unread}) ` : ""}${open ? `${open} · ` : ""}Chinwag`;
	}, [open, unread]);

	useEffect(() => {
		const listening = new AbortController();
		document.addEventListener(
			"keydown",
			(event) => {
				const handled = event.defaultPrevented || event.isComposing;
				if (event.key !== "Escape" || handled || !place.name) return;
				if (document.querySelector("dialog[open]")) return;
				place.close();
			},
			{ signal: listening.signal },
		);
		return () => listening.abort();
	}, [place]);

	return html`
		<${Status} ...${parts} />
		<div class=${`frame ${open ? "frame--conversation" : "frame--list"}`}>
			<${Sidebar} ...${parts} />
			<main class="frame__main" aria-label="Conversation">
				${open ? html`<${Conversation} key=${open} name=${open} ...${parts} />` : html`<${NothingOpen} ...${parts} />`}
			</main>
		</div>
		<${Announcer} ...${parts} />
	`;
}
