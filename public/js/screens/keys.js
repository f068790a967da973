// Global keyboard shortcuts.
import { dialogs } from "./on_demand.js";

/** @typedef {import("./parts.js").Parts} Parts */

/** The document event that starts a new conversation. */
export const NEW_CONVERSATION = "new-conversation";

/** @param {EventTarget | null} target */
const writes = (target) =>
	target instanceof HTMLElement && target.matches("input, textarea, [contenteditable]");

/** @param {Parts} parts @param {number} step */
function openNeighbour({ place }, step) {
	const links = [...document.querySelectorAll(".list a[data-conversation]")];
	const keys = links.map((link) => link.getAttribute("data-conversation") ?? "");
	const at = place.key === null ? -1 : keys.indexOf(place.key);
	const goal = keys[Math.min(Math.max(at + step, 0), keys.length - 1)];
	if (goal) place.open(goal);
}

/**
 * @param {Parts} parts
 * @param {KeyboardEvent} event
 * @returns {boolean} whether the key was handled
 */
function handled(parts, event) {
	const { place, overlays } = parts;
	if (event.key === "Escape" && place.panel.value) {
		place.closePanel();
		return true;
	}
	if (event.altKey && !event.ctrlKey && !event.metaKey) {
		if (event.key === "ArrowUp") openNeighbour(parts, -1);
		else if (event.key === "ArrowDown") openNeighbour(parts, 1);
		else if (event.code === "KeyN") document.dispatchEvent(new Event(NEW_CONVERSATION));
		else return false;
		return true;
	}
	if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
		/** @type {HTMLElement | null} */ (document.querySelector(".sidebar .search__input"))?.focus();
		return true;
	}
	if (event.key === "?" && !writes(event.target)) {
		overlays.openDialog(dialogs.keys, { overlays });
		return true;
	}
	if (event.key === "Escape" && place.key !== null) {
		place.close();
		return true;
	}
	return false;
}

/**
 * @param {Parts} parts
 * @param {AbortSignal} signal
 */
export function listenToKeys(parts, signal) {
	document.addEventListener(
		"keydown",
		(event) => {
			if (event.defaultPrevented || event.isComposing) return;
			if (document.querySelector("dialog[open], [popover]:popover-open")) return;
			if (handled(parts, event)) event.preventDefault();
		},
		{ signal },
	);
}
