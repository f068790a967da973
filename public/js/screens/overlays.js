// Overlays: one menu, one dialog, one short remark (toast). Dialogs are loaded on first use.

import { signal } from "../../vendor/signals-core.js";
import { html } from "../components/html.js";
import { Menu } from "../components/menu.js";
import { t } from "../lib/texts.js";
import { reasonOf } from "./problem.js";

/**
 * @typedef {import("../components/menu.js").Place} At
 * @typedef {import("../components/menu.js").Item} Item
 * @typedef {{ at: At, label: string, items: Item[], extra?: () => unknown }} WantedMenu
 */

const REMARK_STAYS = 4_000;

export class Overlays {
	/** @type {ReturnType<typeof setTimeout> | undefined} */
	#timer;
	/** @type {import("../../vendor/signals-core.js").Signal<WantedMenu | null>} */
	menu = signal(null);
	/** @type {import("../../vendor/signals-core.js").Signal<(() => unknown) | null>} */
	dialog = signal(null);
	remark = signal("");

	/** @param {WantedMenu} wanted */
	openMenu(wanted) {
		this.menu.value = wanted;
	}

	closeMenu() {
		this.menu.value = null;
	}

	/**
	 * @template P
	 * @param {() => Promise<{ default: (properties: P) => unknown }>} load
	 * @param {P} properties
	 */
	async openDialog(load, properties) {
		try {
			const { default: Content } = await load();
			this.dialog.value = () => html`<${Content} ...${properties} />`;
		} catch {
			this.say(t("remark.notLoaded"));
		}
	}

	closeDialog = () => {
		this.dialog.value = null;
	};

	/** @param {string} text */
	say(text) {
		clearTimeout(this.#timer);
		this.remark.value = text;
		this.#timer = setTimeout(() => {
			this.remark.value = "";
		}, REMARK_STAYS);
	}

	/**
	 * Awaits something that may fail, and shows the reason if it does.
	 * @param {Promise<unknown>} doing
	 * @returns {Promise<boolean>} whether it succeeded
	 */
	async attempt(doing) {
		try {
			await doing;
			return true;
		} catch (error) {
			this.say(reasonOf(error));
			return false;
		}
	}
}

/** @param {{ overlays: Overlays }} properties */
export function OverlayHost({ overlays }) {
	const menu = overlays.menu.value;
	return html`
		${
			menu &&
			html`<${Menu} key=${menu.label} at=${menu.at} label=${menu.label} items=${menu.items} close=${() => overlays.closeMenu()}>
				${menu.extra?.()}
			</${Menu}>`
		}
		${overlays.dialog.value?.()}
		<p class="remark" role="status">${overlays.remark.value && html`<span>${overlays.remark.value}</span>`}</p>
	`;
}
