// A person's round picture, or the initial on one of eight tints. The picture covers the initial, so
// nothing moves while it loads, and the initial shows if it cannot be loaded.
import { initial, tint } from "../lib/text.js";
import { html } from "./html.js";

const TINTS = 8;

/** The URL of a person's picture. @param {string} name @param {string} tag */
export const pictureAddress = (name, tag) =>
	`/api/v1/user/${encodeURIComponent(name)}/avatar/?v=${encodeURIComponent(tag)}`;

/** @param {{ name: string, title?: string, picture?: string | null | undefined }} properties `picture`: its tag. */
export function Avatar({ name, title = name, picture = null }) {
	const address = pictureAddress(name, picture ?? "");
	return html`<span class=${`badge badge--${tint(name, TINTS)}`} aria-hidden="true">
		${initial(title)}
		${
			picture &&
			html`<img
				key=${address}
				class="badge__picture"
				src=${address}
				alt=""
				decoding="async"
				onError=${(/** @type {Event & { currentTarget: HTMLElement }} */ event) => {
					event.currentTarget.hidden = true;
				}}
			/>`
		}
	</span>`;
}
