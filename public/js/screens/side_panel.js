// A panel that is loaded when it is first opened, with a placeholder until then.
import { html } from "../components/html.js";
import { Lazy } from "../components/lazy.js";
import { Panel } from "../components/panel.js";
import { style } from "../lib/style.js";
import { t } from "../lib/texts.js";
import { panels } from "./on_demand.js";

/** @typedef {import("./parts.js").Parts} Parts */

/** @param {string[]} names */
const styles = (...names) => Promise.all(names.map(style));

/** The panels by the first part of their path. */
const PANELS = {
	/** @param {Parts} parts */
	settings: async ({ client }) => {
		const [{ default: Settings }, { Account }] = await Promise.all([
			panels.settings(),
			panels.account(),
			styles("panels", "settings", "strength"),
		]);
		const account = client.actions.account(Account);
		return (/** @type {Parts} */ parts) => html`<${Settings} account=${account} ...${parts} />`;
	},
	profile: async () => {
		const [{ default: Profile }] = await Promise.all([panels.profile(), styles("panels")]);
		return Profile;
	},
};

/** @param {string} panel @returns {keyof typeof PANELS | null} */
export function kindOf(panel) {
	const [kind] = panel.split("/");
	return kind === "settings" || kind === "profile" ? kind : null;
}

/** @param {Parts & { kind: keyof typeof PANELS, title: string }} properties */
export function SidePanel({ kind, title, ...parts }) {
	const close = () => parts.place.closePanel();
	/** @param {unknown} inside */
	const instead = (inside) =>
		html`<${Panel} title=${title} closeLabel=${t("action.back")} close=${close}>${inside}</${Panel}>`;
	return html`<${Lazy}
		load=${PANELS[kind]}
		properties=${parts}
		waiting=${() => instead(html`<p class="list-note" role="status"><span class="visually-hidden">${t("panel.loading")}</span><span class="spinner" /></p>`)}
		failed=${(/** @type {() => void} */ again) =>
			instead(html`<div class="list-note" role="alert">
				<p>${t("remark.notLoaded")}</p>
				<button class="button button--quiet" type="button" onClick=${again}>${t("action.tryAgain")}</button>
			</div>`)}
	/>`;
}
