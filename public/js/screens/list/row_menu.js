// The menu of a conversation in the list: pin, mute, archive, mark as unread, block.

import { isMuted } from "../../lib/muted.js";
import { t } from "../../lib/texts.js";
import { dialogs } from "../on_demand.js";

/**
 * @typedef {import("../parts.js").Parts} Parts
 * @typedef {import("../../state/types.js").Conversation} Conversation
 * @typedef {import("../../components/menu.js").Item} Item
 */

/** "Muted forever": a later date might not be representable in every time zone. */
export const ALWAYS = "9999-12-01T00:00:00Z";
const HOUR = 3_600_000;

/** How long to mute; 0 is forever. @type {readonly [key: "mute.hours" | "mute.day" | "mute.week" | "mute.always", hours: number][]} */
export const PERIODS = [
	["mute.hours", 8],
	["mute.day", 24],
	["mute.week", 24 * 7],
	["mute.always", 0],
];

/** @param {number} hours one of the periods */
export function after(hours) {
	return hours ? new Date(Date.now() + hours * HOUR).toISOString() : ALWAYS;
}

/**
 * @param {Parts} parts
 * @param {Conversation} conversation
 * @param {import("../../components/menu.js").Place} at
 */
function openMuteMenu({ client, overlays }, conversation, at) {
	const items = PERIODS.map(([key, hours]) => ({
		text: t(key),
		run: () =>
			overlays.attempt(client.actions.setConversation(conversation, { muted_until: after(hours) })),
	}));
	// After the first menu has closed, so that the focus goes back to where it came from.
	queueMicrotask(() => overlays.openMenu({ at, label: t("mute.label"), items }));
}

/**
 * @param {Parts} parts
 * @param {Conversation} conversation
 * @param {import("../../components/menu.js").Place} at
 * @returns {Item[]}
 */
export function conversationItems(parts, conversation, at) {
	const { client, overlays } = parts;
	const state = conversation.state.value;
	if (!state) return [];
	/** @param {import("../../state/types.js").Settings} settings */
	const set = (settings) =>
		overlays.attempt(client.actions.setConversation(conversation, settings));
	const muted = isMuted(state.muted_until);
	const unread = state.marked_unread || conversation.unread.value > 0;
	return [
		{
			icon: "pin",
			text: t(state.pinned ? "list.unpin" : "list.pin"),
			run: () => set({ pinned: !state.pinned }),
		},
		{
			icon: "mute",
			text: t(muted ? "list.unmute" : "list.mute"),
			run: () => (muted ? set({ muted_until: null }) : openMuteMenu(parts, conversation, at)),
		},
		{
			icon: "archive",
			text: t(state.archived ? "list.unarchive" : "list.archive"),
			run: () => set({ archived: !state.archived }),
		},
		{
			icon: "unread",
			text: t(unread ? "list.markRead" : "list.markUnread"),
			run: () => set({ unread: !unread }),
		},
	];
}

/**
 * @param {Parts} parts
 * @param {Conversation} conversation
 * @returns {Item}
 */
export function blockItem({ overlays, client }, conversation) {
	const { name } = conversation;
	const blocked = client.me.value.blocked.includes(name);
	return {
		icon: "block",
		text: t(blocked ? "block.unblock" : "block.block"),
		danger: !blocked,
		run: () =>
			blocked
				? overlays.attempt(client.actions.block(name, false))
				: overlays.openDialog(dialogs.block, {
						client,
						overlays,
						conversation,
					}),
	};
}

/**
 * @param {Parts} parts
 * @param {Conversation} conversation
 * @param {HTMLElement} anchor
 * @param {MouseEvent} [event] opens at the pointer, unless it came from the keyboard
 */
export function openRowMenu(parts, conversation, anchor, event) {
	const box = anchor.getBoundingClientRect();
	const pointed = event && (event.clientX || event.clientY) && event.button === 2;
	const at = pointed
		? { left: event.clientX, right: event.clientX, top: event.clientY, bottom: event.clientY }
		: { left: box.left + 24, right: box.right - 24, top: box.top, bottom: box.bottom };
	const items = conversationItems(parts, conversation, at);
	if (items.length === 0) return;
	anchor.focus({ preventScroll: true });
	parts.overlays.openMenu({
		at,
		label: t("list.options", { name: conversation.title.value }),
		items: [...items, blockItem(parts, conversation)],
	});
}
