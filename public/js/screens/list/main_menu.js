// The app's main menu.
import { t } from "../../lib/texts.js";
import { leaveOrAsk } from "../log_out.js";
import { dialogs } from "../on_demand.js";

/** @typedef {import("../parts.js").Parts} Parts */

/**
 * @param {Parts} parts
 * @param {HTMLElement} anchor
 * @param {() => void} showArchived
 */
export function openMainMenu(parts, anchor, showArchived) {
	const { overlays, place } = parts;
	overlays.openMenu({
		at: anchor.getBoundingClientRect(),
		label: t("menu.label"),
		items: [
			{ icon: "archive", text: t("list.archived"), run: showArchived },
			{ icon: "settings", text: t("settings.title"), run: () => place.openPanel("settings") },
			{
				icon: "keyboard",
				text: t("keys.title"),
				run: () => overlays.openDialog(dialogs.keys, { overlays }),
			},
			{ icon: "plain", text: t("menu.plain"), run: () => location.assign("/simpleui/") },
			{ icon: "leave", text: t("menu.logOut"), run: () => leaveOrAsk(parts) },
		],
	});
}
