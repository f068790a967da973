// The messages of a conversation, by day. Only a part of them is rendered.
import { html, useCallback, useLayoutEffect, useMemo, useRef } from "../../components/html.js";
import { Icon } from "../../components/icons.js";
import { number, pieces, t } from "../../lib/texts.js";
import { dayLabel } from "../../lib/time.js";
import { Bubble } from "./bubble.js";
import { byDay, itemsOf, keyOf } from "./items.js";
import { openMessageMenu } from "./message_menu.js";
import { reachMessages } from "./reach.js";
import { usePane } from "./use_pane.js";

/**
 * @typedef {import("../parts.js").Parts} Parts
 * @typedef {import("../../state/types.js").Conversation} Conversation
 * @typedef {import("./items.js").Shown} Shown
 */

/** @type {import("../../state/types.js").Message[]} */
const NONE = [];

/** @param {Parts & { items: Shown[], conversation: Conversation, jump: (id: number) => void }} properties */
function Day({ items, conversation, jump, ...parts }) {
	const label = dayLabel(items[0].at, new Date());
	return html`<section class="day" aria-label=${label}>
		<h3 class="day__label"><span>${label}</span></h3>
		<ol class="day__messages">
			${items.flatMap(({ key, first, divided, message, entry }) => [
				divided &&
					html`<li key="divider" class="divider" data-key="divider"><span>${t("talk.new")}</span></li>`,
				html`<${Bubble}
					key=${key}
					id=${key}
					message=${message}
					entry=${entry}
					conversation=${conversation}
					first=${first}
					jump=${jump}
					...${parts}
				/>`,
			])}
		</ol>
	</section>`;
}

/** @param {{ conversation: Conversation }} properties */
function Older({ conversation }) {
	const state = conversation.older.value;
	if (!conversation.hasOlder.value) return null;
	return html`<div class="older">
		${
			state === "error"
				? html`<span role="alert">${t("talk.olderNotLoaded")}</span>
					<button class="button button--small button--quiet" type="button" onClick=${() => conversation.loadOlder()}>${t("action.tryAgain")}</button>`
				: html`<span class="spinner" role="status"><span class="visually-hidden">${t("talk.loadingOlder")}</span></span>`
		}
	</div>`;
}

/**
 * Shown when there are no messages. Each state has a key, so that the next one is a new element: text that
 * came into an element with a role would be read out by screen readers.
 * @param {{ conversation: Conversation }} properties
 */
function Placeholder({ conversation }) {
	const loading = conversation.loading.value;
	if (loading === "error") {
		return html`<div key="error" class="instead" role="alert">
			<p>${t("talk.notLoaded")}</p>
			<button class="button button--quiet" type="button" onClick=${() => conversation.load()}>${t("action.tryAgain")}</button>
		</div>`;
	}
	if (loading === "missing") {
		const { id, name } = conversation;
		const who = html`<bdi>${name}</bdi>`;
		return html`<div key="missing" class="instead" role="alert">
			<p class="instead__note">${id === null ? pieces("talk.nobody", { name: who }) : t("talk.missing")}</p>
		</div>`;
	}
	if (loading !== "ready") {
		return html`<div key="loading" class="instead" role="status"><span class="spinner" /><span class="visually-hidden">${t("talk.loading")}</span></div>`;
	}
	const name = html`<bdi>${conversation.title.value}</bdi>`;
	return html`<div key="empty" class="instead"><p class="instead__note">${pieces("talk.empty", { name })}</p></div>`;
}

/**
 * The newest message is known from the list. It is not shown alone while the others load, because
 * everything would move when they arrive.
 * @param {Conversation} conversation
 */
function initialMessages({ messages, loading, hasOlder }) {
	const alone = messages.value.length < 2 && hasOlder.value;
	const coming = loading.value === "loading" || loading.value === "idle";
	return alone && coming ? NONE : messages.value;
}

/** The number of new messages below the visible part. @param {Conversation} conversation @param {boolean} atEnd @param {string} me */
function useBelow(conversation, atEnd, me) {
	const messages = conversation.messages.value;
	const newest = messages.at(-1)?.seq ?? 0;
	const seen = useRef(newest);
	useLayoutEffect(() => {
		if (atEnd) seen.current = newest;
	});
	if (atEnd) return 0;
	let count = 0;
	for (let index = messages.length - 1; index >= 0; index -= 1) {
		if (messages[index].seq <= seen.current) break;
		if (messages[index].user !== me) count += 1;
	}
	return count;
}

/** @param {{ below: number, toEnd: () => void }} properties */
function ToEnd({ below, toEnd }) {
	return html`<button class="to-end" type="button" title=${t("talk.toEnd")} onClick=${toEnd}>
		<${Icon} name="down" />
		${below > 0 && html`<span class="to-end__count" aria-hidden="true">${number(below)}</span>`}
		<span class="visually-hidden">${below > 0 ? t("talk.toEndNew", { count: below }) : t("talk.toEnd")}</span>
	</button>`;
}

/** @param {Parts & { conversation: Conversation, ui: import("./ui_state.js").ConversationUiState }} properties */
export function Messages({ conversation, ui, ...parts }) {
	const { client, overlays } = parts;
	const me = client.me.value.user;
	const messages = initialMessages(conversation);
	const pending = client.pending(conversation);
	const items = useMemo(
		() => itemsOf(messages, pending, me),
		[messages, pending.map((entry) => entry.client_id + entry.state).join()],
	);
	const { pane, part, atEnd, toEnd, toItem } = usePane(conversation, items, ui, pending.length);
	const below = useBelow(conversation, atEnd.value, me);

	const jump = useCallback(async (/** @type {number} */ id) => {
		const known = () => conversation.messages.peek().find((message) => message.id === id);
		for (let found = known(); ; found = known()) {
			if (found) return toItem(keyOf(found, me));
			const oldest = conversation.messages.peek()[0]?.id ?? 0;
			if (oldest < id || !conversation.hasOlder.peek()) break;
			await conversation.loadOlder();
			if (conversation.older.peek() === "error") break;
		}
		overlays.say(t("talk.originalGone"));
	}, []);

	useLayoutEffect(() => {
		if (!pane.current) return;
		const listening = new AbortController();
		reachMessages(
			pane.current,
			(bubble, at) => {
				const { id } = bubble.dataset;
				const message = conversation.messages.peek().find((known) => String(known.id) === id);
				if (!message) return;
				bubble.focus({ preventScroll: true });
				openMessageMenu(parts, message, ui, at);
			},
			listening.signal,
		);
		return () => listening.abort();
	}, [conversation]);

	return html`<div class="messages">
		<div class="messages__pane" ref=${pane} role="region" aria-label=${t("talk.messagesWith", { name: conversation.title.value })} tabindex="0">
			<div class="messages__content">
				${items.length === 0 && html`<${Placeholder} conversation=${conversation} />`}
				${part[0] === 0 && items.length > 0 && html`<${Older} conversation=${conversation} />`}
				${byDay(items, part, ui.divider.value).map(
					(day) =>
						html`<${Day} key=${new Date(day[0].at).toDateString()} items=${day} conversation=${conversation} jump=${jump} ...${parts} />`,
				)}
			</div>
		</div>
		${!atEnd.value && html`<${ToEnd} below=${below} toEnd=${toEnd} />`}
	</div>`;
}
