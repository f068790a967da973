// The menu of a message.
import { html } from "../../components/html.js";
import { Icon } from "../../components/icons.js";
import { USUAL } from "../../lib/emoji.js";
import { t } from "../../lib/texts.js";
import { dialogs } from "../on_demand.js";
import { react } from "./reactions.js";

/**
 * @typedef {import("../parts.js").Parts} Parts
 * @typedef {import("../../state/types.js").Message} Message
 * @typedef {import("../../components/menu.js").Item} Item
 * @typedef {import("../../components/menu.js").Place} At
 */

/** @param {Parts & { message: Message }} properties */
function QuickReactions({ message, ...parts }) {
	const { overlays, client } = parts;
	const mine = message.reactions.find(({ user }) => user === client.me.value.user)?.emoji;
	/** @param {() => void} run */
	const chosen = (run) => () => {
		overlays.closeMenu();
		run();
	};
	const more = () =>
		overlays.openDialog(dialogs.react, {
			overlays,
			choose: (/** @type {string} */ emoji) => react(parts, message, emoji),
		});
	return html`<div class="menu__reactions" role="group" aria-label=${t("message.react")}>
		${USUAL.map(
			(emoji) => html`<button
				key=${emoji}
				class=${`menu__reaction emoji-sign ${mine === emoji ? "menu__reaction--mine" : ""}`}
				type="button"
				role="menuitem"
				tabindex="-1"
				aria-label=${t(mine === emoji ? "message.takeBack" : "message.reactWith", { emoji })}
				onClick=${chosen(() => react(parts, message, emoji))}
			>${emoji}</button>`,
		)}
		<button class="menu__reaction" type="button" role="menuitem" tabindex="-1" aria-label=${t("message.moreReactions")} onClick=${chosen(more)}>
			<${Icon} name="plus" />
		</button>
	</div>`;
}

/**
 * @param {Parts} parts
 * @param {string} text
 */
async function copy({ overlays }, text) {
	try {
		await navigator.clipboard.writeText(text);
		overlays.say(t("message.copied"));
	} catch {
		overlays.say(t("message.notCopied"));
	}
}

/**
 * @param {Parts} parts
 * @param {Message} message
 * @param {import("./ui_state.js").ConversationUiState} ui
 * @returns {Item[]}
 */
function itemsFor(parts, message, ui) {
	const { client, overlays } = parts;
	const mine = message.user === client.me.peek().user;
	/** @type {Item} */
	const remove = {
		icon: "trash",
		text: t("message.delete"),
		danger: true,
		run: () => overlays.openDialog(dialogs.delete, { client, overlays, message }),
	};
	if (message.deleted) return [remove];
	/** @type {Item[]} */
	const items = [
		{ icon: "reply", text: t("message.reply"), run: () => ui.reply(message) },
		{ icon: "copy", text: t("message.copy"), run: () => copy(parts, message.body) },
		{
			icon: "forward",
			text: t("message.forward"),
			run: () => overlays.openDialog(dialogs.forward, { ...parts, message }),
		},
	];
	if (mine) {
		items.splice(1, 0, { icon: "edit", text: t("message.edit"), run: () => ui.edit(message) });
		items.push({
			icon: "info",
			text: t("message.details"),
			run: () => overlays.openDialog(dialogs.details, { client, overlays, message }),
		});
	}
	return [...items, remove];
}

/**
 * @param {Parts} parts
 * @param {Message} message
 * @param {import("./ui_state.js").ConversationUiState} ui
 * @param {At} at
 */
export function openMessageMenu(parts, message, ui, at) {
	parts.overlays.openMenu({
		at,
		label: t("message.options"),
		items: itemsFor(parts, message, ui),
		...(message.deleted
			? {}
			: { extra: () => html`<${QuickReactions} message=${message} ...${parts} />` }),
	});
}
