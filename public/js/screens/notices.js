// Notifies a user who is not looking at the page: the title, a dot on the page's icon, the app badge, a
// sound, and a system notification if allowed. It is removed once the conversation is read, here or on
// another device.
import { effect } from "../../vendor/signals-core.js";
import { useEffect, useSignalEffect } from "../components/html.js";
import { announcement } from "../lib/announcement.js";
import { chime } from "../lib/chime.js";
import { preview } from "../lib/format.js";
import { isMuted } from "../lib/muted.js";
import { preferences } from "../lib/preferences.js";
import { number } from "../lib/texts.js";

/**
 * @typedef {import("./parts.js").Parts} Parts
 * @typedef {import("../state/types.js").Message} Message
 */

const NAME = "Chinwag";

/** @param {Parts["client"]} client @param {import("../state/types.js").Conversation | null} open */
export function titleOf(client, open) {
	const unread = client.unreadConversations.value;
	const who = open?.title.value ? `${open.title.value} · ` : "";
	return `${unread ? `(${number(unread)}) ` : ""}${who}${NAME}`;
}

/** Gives people's display names. @param {Parts["client"]} client */
export const called = (client) => (/** @type {string} */ user) => client.person(user).title.value;

/** Sets the page's icon, with a dot or without. @param {string} mark @param {boolean} dotted */
function setIcon(mark, dotted) {
	const icon = document.querySelector('link[rel="icon"]');
	icon?.setAttribute("href", dotted ? mark.replace(/\.svg$/, "-unread.svg") : mark);
}

/** @param {number} count */
async function badge(count) {
	try {
		await (count ? navigator.setAppBadge?.(count) : navigator.clearAppBadge?.());
	} catch {
		// Only installed apps have one.
	}
}

const seen = () => document.visibilityState === "visible" && document.hasFocus();

/** Shows one notification for any number of messages. @param {Parts} parts @param {Message[]} news */
function notify({ client, place }, news) {
	if (typeof Notification === "undefined" || Notification.permission !== "granted") return;
	if (!preferences.value.notifications) return;
	const ids = [...new Set(news.map(({ conversation }) => conversation))];
	const conversations = ids.map((id) => client.conversation(id));
	const [only] = conversations.length === 1 ? conversations : [];
	const [single] = news.length === 1 ? news : [];
	try {
		const notice = new Notification(only ? only.title.peek() : NAME, {
			body: single ? preview(single.body) : announcement(news, called(client)),
			tag: only ? `conversation-${only.id}` : "conversations",
			silent: true,
		});
		notice.onclick = () => {
			window.focus();
			if (only) place.open(only.key);
		};
		const stop = effect(() => {
			if (conversations.every(({ unread }) => unread.value === 0)) notice.close();
		});
		notice.onclose = stop;
	} catch {
		// Some phones do not allow notifications from a page.
	}
}

/** @param {Parts} parts */
export function useNotices(parts) {
	const { client } = parts;
	const title = titleOf(client, client.open.value);
	const unread = client.unreadConversations.value;

	useEffect(() => {
		document.title = title;
	}, [title]);
	useEffect(() => {
		badge(unread);
		setIcon(parts.mark, unread > 0);
	}, [unread]);

	useSignalEffect(() => {
		const news = client.news.value;
		const loud = news.filter(({ conversation: id }) => {
			const conversation = client.conversation(id);
			const { state } = conversation;
			const before = seen() && client.open.peek() === conversation;
			return !before && !isMuted(state.peek()?.muted_until) && !state.peek()?.archived;
		});
		if (loud.length === 0) return;
		if (preferences.peek().sound) chime();
		if (!seen()) notify(parts, loud);
	});
}
