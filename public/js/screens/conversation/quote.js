// What a message answers to, in short.
import { html } from "../../components/html.js";
import { preview } from "../../lib/format.js";
import { t } from "../../lib/texts.js";

/**
 * @typedef {import("../../state/types.js").Message} Message
 * @typedef {import("../parts.js").Parts} Parts
 */

/**
 * @param {Parts["centre"]} centre
 * @param {string} user
 */
export function calledBy(centre, user) {
	return user === centre.me.value.user ? t("message.you") : centre.conversation(user).title.value;
}

/** @param {{ centre: Parts["centre"], quote: { id: number, user: string, body: string }, jump?: (id: number) => void }} properties */
export function Quote({ centre, quote, jump }) {
	const inside = html`
		<bdi class="quote__who">${calledBy(centre, quote.user)}</bdi>
		<span class="quote__text" dir="auto">${quote.body ? preview(quote.body) : html`<em>${t("message.deleted")}</em>`}</span>
	`;
	if (!jump) return html`<div class="quote">${inside}</div>`;
	return html`<button class="quote" type="button" title=${t("message.toOriginal")} onClick=${() => jump(quote.id)}>${inside}</button>`;
}
