// The reactions below a message; the user's own can be removed there.
import { html } from "../../components/html.js";
import { number, t } from "../../lib/texts.js";
import { calledBy } from "./quote.js";

/**
 * @typedef {import("../parts.js").Parts} Parts
 * @typedef {import("../../state/types.js").Message} Message
 */

/**
 * The same reaction again removes it.
 * @param {Parts} parts
 * @param {Message} message
 * @param {string} emoji
 */
export function react({ client, overlays }, message, emoji) {
	const me = client.me.peek().user;
	const mine = message.reactions.find(({ user }) => user === me)?.emoji;
	return overlays.attempt(client.actions.react(message, mine === emoji ? null : emoji));
}

/** @param {Parts & { message: Message }} properties */
export function Reactions({ message, ...parts }) {
	const { client } = parts;
	const me = client.me.value.user;
	const kinds = [...new Set(message.reactions.map(({ emoji }) => emoji))];
	return html`<ul class="reactions" aria-label=${t("message.reactions")}>
		${kinds.map((emoji) => {
			const users = message.reactions.filter((one) => one.emoji === emoji).map(({ user }) => user);
			const mine = users.includes(me);
			const who = users.map((user) => calledBy(client, user)).join(", ");
			return html`<li key=${emoji}>
				<button
					class=${`reaction ${mine ? "reaction--mine" : ""}`}
					type="button"
					tabindex="-1"
					aria-pressed=${mine ? "true" : "false"}
					title=${who}
					aria-label=${t("message.reactedBy", { emoji, who })}
					onClick=${() => react(parts, message, emoji)}
				>
					<span class="emoji-sign" aria-hidden="true">${emoji}</span>${users.length > 1 && html`<span aria-hidden="true">${number(users.length)}</span>`}
				</button>
			</li>`;
		})}
	</ul>`;
}
