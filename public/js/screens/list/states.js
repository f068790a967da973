// Shown instead of the list while it loads, when it is empty, and when it cannot be loaded.
import { html } from "../../components/html.js";
import { t } from "../../lib/texts.js";

/** Grey rows while the first page loads. */
export function Waiting() {
	return html`<div class="list-waiting" role="status">
		<span class="visually-hidden">${t("list.loading")}</span>
		${[0, 1, 2, 3, 4, 5].map((row) => html`<span key=${row} class="list-waiting__row" />`)}
	</div>`;
}

/** @param {{ again: () => void }} properties */
export function Failed({ again }) {
	return html`<div class="list-note" role="alert">
		<p>${t("list.notLoaded")}</p>
		<button class="button button--quiet" type="button" onClick=${again}>${t("action.tryAgain")}</button>
	</div>`;
}

/** @param {{ start: () => void }} properties */
export function NoConversations({ start }) {
	return html`<div class="list-note">
		<p>${t("list.empty")}</p>
		<button class="button" type="button" onClick=${start}>${t("list.new")}</button>
	</div>`;
}
