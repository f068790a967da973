// A person's round badge: the initial on one of eight tints.
import { initial, tint } from "../lib/text.js";
import { html } from "./html.js";

const TINTS = 8;

/** @param {{ name: string }} properties */
export function Badge({ name }) {
	return html`<span class=${`badge badge--${tint(name, TINTS)}`} aria-hidden="true">${initial(name)}</span>`;
}
