// A formatted text. Texts only ever become text nodes.
import { pieces } from "../lib/format.js";
import { html } from "./html.js";

/** @typedef {import("../lib/format.js").Piece} Piece */

/** A block's fences usually have separate lines, whose line breaks are not part of it. @param {string} text */
const withoutFences = (text) => text.replace(/^\n/, "").replace(/\n$/, "");

/** @param {Piece} piece @returns {unknown} */
function shown(piece) {
	if (typeof piece === "string") return piece;
	switch (piece.kind) {
		case "bold":
			return html`<strong>${piece.pieces.map(shown)}</strong>`;
		case "italic":
			return html`<em>${piece.pieces.map(shown)}</em>`;
		case "strike":
			return html`<s>${piece.pieces.map(shown)}</s>`;
		case "code":
			return html`<code>${piece.text}</code>`;
		case "block":
			return html`<code class="block">${withoutFences(piece.text)}</code>`;
		case "link":
			return html`<a href=${piece.text} target="_blank" rel="noopener noreferrer nofollow ugc">${piece.text}</a>`;
	}
}

/** @param {{ text: string }} properties */
export function Formatted({ text }) {
	return html`${pieces(text).map(shown)}`;
}
