// What was said in one conversation, day by day, with the older part arriving as one scrolls up.

import { Bubble, PendingBubble } from "../components/bubble.js";
import { html, useLayoutEffect, useRef, useSignal } from "../components/html.js";
import { Icon } from "../components/icons.js";
import { Scroll } from "../components/scroll.js";
import { dayLabel, sameDay } from "../lib/time.js";

/**
 * @typedef {import("./app.js").Parts} Parts
 * @typedef {import("../protocol/api.js").Message} Message
 * @typedef {import("../state/outbox.js").Entry} Entry
 * @typedef {{ key: string, at: string | number, mine: boolean, message?: Message, entry?: Entry }} Item
 */

/**
 * @param {Message[]} messages
 * @param {Entry[]} pending
 * @param {string} me
 * @returns {Item[][]} a list per day
 */
function byDay(messages, pending, me) {
	/** @type {Item[]} */
	const items = messages.map((message) => ({
		key: String(message.id),
		at: message.timestamp,
		mine: message.user === me,
		message,
	}));
	for (const entry of pending) {
		items.push({ key: entry.client_id, at: entry.at, mine: true, entry });
	}
	/** @type {Item[][]} */
	const days = [];
	for (const item of items) {
		const day = days.at(-1);
		if (day && sameDay(day[0].at, item.at)) day.push(item);
		else days.push([item]);
	}
	return days;
}

/** @param {Parts & { items: Item[] }} properties */
function Day({ items, centre }) {
	const label = dayLabel(items[0].at, new Date());
	return html`<section class="day" aria-label=${label}>
		<h3 class="day__label"><span>${label}</span></h3>
		<ol class="day__messages">
			${items.map(({ key, mine, message, entry }, index) => {
				const first = items[index - 1]?.mine !== mine;
				if (message) {
					return html`<${Bubble} key=${key} message=${message} mine=${mine} first=${first} />`;
				}
				return (
					entry &&
					html`<${PendingBubble}
						key=${key}
						entry=${entry}
						first=${first}
						tryAgain=${() => centre.outbox.tryAgain(entry.client_id)}
						discard=${() => centre.discard(entry)}
					/>`
				);
			})}
		</ol>
	</section>`;
}

/** @param {Parts & { timeline: import("../state/timeline.js").Timeline }} properties */
function Older({ centre, timeline }) {
	if (!timeline.more.value) return null;
	if (timeline.older.value === "error") {
		return html`<p class="older" role="alert">
			Older messages could not be loaded.${" "}
			<button class="button button--small button--quiet" type="button" onClick=${() => centre.loadOlder(timeline)}>Try again</button>
		</p>`;
	}
	return html`<p class="older"><span class="spinner" /><span class="visually-hidden">Loading older messages…</span></p>`;
}

/** @param {Parts & { timeline: import("../state/timeline.js").Timeline, name: string, empty: boolean }} properties */
function Instead({ centre, timeline, name, empty }) {
	const state = timeline.state.value;
	if (state === "error") {
		return html`<div class="instead" role="alert">
			<p>This conversation could not be loaded.</p>
			<button class="button button--quiet" type="button" onClick=${() => centre.loadAgain(timeline)}>Try again</button>
		</div>`;
	}
	if (!empty) return null;
	if (state === "loading") {
		return html`<div class="instead" role="status"><span class="spinner" /><span class="visually-hidden">Loading messages…</span></div>`;
	}
	return html`<div class="instead"><p>No messages with <bdi>${name}</bdi> yet. Say hello.</p></div>`;
}

/** @param {Parts & { name: string }} properties */
export function Messages({ name, ...parts }) {
	const { centre } = parts;
	const pane = useRef(/** @type {HTMLElement | null} */ (null));
	const scroll = useRef(/** @type {Scroll | null} */ (null));
	const atEnd = useSignal(true);
	const lastSeen = useRef(0);
	const before = useRef({ oldest: 0, pending: 0 });

	const timeline = centre.timeline(name);
	const messages = timeline?.messages.value ?? [];
	const pending = centre.outbox.pending.value.filter((entry) => entry.recipient === name);
	const oldest = messages[0]?.id ?? 0;
	const newest = messages.at(-1)?.id ?? 0;
	if (atEnd.value) lastSeen.current = newest;
	const below = messages.filter(({ id, user }) => id > lastSeen.current && user === name).length;

	function loadWhatIsNear() {
		if (!timeline?.more.peek() || timeline.older.peek() !== "ready") return;
		if (scroll.current?.nearStart) centre.loadOlder(timeline);
	}

	useLayoutEffect(() => {
		if (!pane.current) return;
		const listening = new AbortController();
		scroll.current = new Scroll(
			pane.current,
			(end) => {
				atEnd.value = end;
				loadWhatIsNear();
			},
			listening.signal,
		);
		return () => listening.abort();
	}, [timeline]);

	useLayoutEffect(() => {
		const wrote = pending.length > before.current.pending;
		if (wrote) scroll.current?.toEnd();
		else scroll.current?.settle(oldest !== before.current.oldest);
		before.current = { oldest, pending: pending.length };
		loadWhatIsNear();
	});

	if (!timeline) return null;
	return html`<div class="messages">
		<div class="messages__pane" ref=${pane} role="region" aria-label=${`Messages with ${name}`} tabindex="0">
			<${Instead} ...${parts} timeline=${timeline} name=${name} empty=${messages.length + pending.length === 0} />
			<${Older} ...${parts} timeline=${timeline} />
			${byDay(messages, pending, centre.me).map((items) => html`<${Day} key=${new Date(items[0].at).toDateString()} ...${parts} items=${items} />`)}
		</div>
		${
			!atEnd.value &&
			html`<button class="to-end" type="button" onClick=${() => scroll.current?.toEnd()}>
				<${Icon} name="down" />
				${below > 0 ? `${below} new` : html`<span class="visually-hidden">To the newest message</span>`}
			</button>`
		}
	</div>`;
}
