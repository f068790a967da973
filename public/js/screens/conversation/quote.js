// The quoted message that a message replies to.
import { html } from "../../components/html.js";
import { preview } from "../../lib/format.js";
import { t } from "../../lib/texts.js";

/**
 * @typedef {import("../../state/types.js").Message} Message
 * @typedef {import("../parts.js").Parts} Parts
 */

/**
 * @param {Parts["client"]} client
 * @param {string} user
 */
export function calledBy(client, user) {
	return user === client.me.value.user ? t("message.you") : client.person(user).title.value;
}

/** @param {{ client: Parts["client"], quote: { id: number, user: string, body: string }, jump?: (id: number) => void }} properties */
export function Quote({ client, quote, jump }) {
	const inside = html`
		<bdi class="quote__who">${calledBy(client, quote.user)}</bdi>
		<span class="quote__text" dir="auto">${quote.body ? preview(quote.body) : html`<em>${t("message.deleted")}</em>`}</span>
	`;
	if (!jump) return html`<div class="quote">${inside}</div>`;
	return html`<button class="quote" type="button" title=${t("message.toOriginal")} onClick=${() => jump(quote.id)}>${inside}</button>`;
}
