// The user's preferences in this browser. Kept in its local storage; where that is forbidden, until
// the page is closed.
import { signal } from "../../vendor/signals-core.js";
import { browserStorage } from "./browser_storage.js";

/** @typedef {{ enterSends: boolean, sound: boolean, notifications: boolean }} Preferences */

const STORAGE_KEY = "chinwag-preferences";

/** @type {Preferences} */
const usual = { enterSends: true, sound: true, notifications: true };

/** @param {Storage | null} storage @returns {Preferences} */
export function kept(storage) {
	try {
		const found = JSON.parse(storage?.getItem(STORAGE_KEY) ?? "{}");
		const known = Object.entries(usual).map(([name, value]) => [
			name,
			typeof found?.[name] === "boolean" ? found[name] : value,
		]);
		return Object.fromEntries(known);
	} catch {
		return usual;
	}
}

export const preferences = signal(kept(browserStorage()));

/** @param {Partial<Preferences>} changed */
export function prefer(changed) {
	preferences.value = { ...preferences.peek(), ...changed };
	try {
		browserStorage()?.setItem(STORAGE_KEY, JSON.stringify(preferences.peek()));
	} catch {
		// Full or forbidden: the change lasts until the page is closed.
	}
}
