// Telling somebody who looks elsewhere: the title, a dot on the page's icon, the badge on the app's, a
// sound, and a system notification where that is allowed. It goes away once the conversation is read, here or
// at another screen.
import { effect } from "../../vendor/signals-core.js";
import { useEffect, useSignalEffect } from "../components/html.js";
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

/** @param {Parts["centre"]} centre @param {string | null} open */
export function titleOf(centre, open) {
	const unread = centre.unreadConversations.value;
	const who = open ? `${centre.conversation(open).title.value} · ` : "";
	return `${unread ? `(${number(unread)}) ` : ""}${who}${NAME}`;
}

/** The page's icon, with a dot or without. @param {string} mark @param {boolean} dotted */
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

/** @param {Parts} parts @param {Message} message */
function notify({ centre, place }, message) {
	const { user, body } = message;
	if (typeof Notification === "undefined" || Notification.permission !== "granted") return;
	if (!preferences.value.notifications) return;
	try {
		const notice = new Notification(centre.conversation(user).title.peek(), {
			body: preview(body),
			tag: `conversation-${message.conversation}`,
			silent: true,
		});
		notice.onclick = () => {
			window.focus();
			place.open(user);
		};
		const stop = effect(() => {
			if (centre.conversation(user).unread.value === 0) notice.close();
		});
		notice.onclose = stop;
	} catch {
		// On some phones a page may not show one by itself.
	}
}

/** @param {Parts} parts */
export function useNotices(parts) {
	const { centre } = parts;
	const title = titleOf(centre, centre.open.value);
	const unread = centre.unreadConversations.value;

	useEffect(() => {
		document.title = title;
	}, [title]);
	useEffect(() => {
		badge(unread);
		setIcon(parts.mark, unread > 0);
	}, [unread]);

	useSignalEffect(() => {
		const news = centre.news.value;
		const loud = news.filter(({ user }) => {
			const { state } = centre.conversation(user);
			const before = seen() && centre.open.peek() === user;
			return !before && !isMuted(state.peek()?.muted_until) && !state.peek()?.archived;
		});
		const last = loud.at(-1);
		if (!last) return;
		if (preferences.peek().sound) chime();
		if (!seen()) for (const message of loud) notify(parts, message);
	});
}
