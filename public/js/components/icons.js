// The few signs the page uses, drawn on one 24-unit grid.
import { html } from "./html.js";

const paths = {
	back: "M15 5l-7 7 7 7",
	down: "M6 9l6 6 6-6",
	search: "M10.5 4a6.5 6.5 0 1 1 0 13a6.5 6.5 0 0 1 0-13zM15.5 15.5L20 20",
	close: "M6 6l12 12M18 6L6 18",
	send: "M4 12h13M11 5.5l7 6.5-7 6.5",
	leave: "M10 4H6a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h4M15 8l4 4-4 4M9 12h10",
	plain: "M5 6h14M5 12h14M5 18h8",
	clock: "M12 4a8 8 0 1 1 0 16a8 8 0 0 1 0-16zM12 8v4.5l3 1.8",
	sent: "M5 12.5l4.5 4.5L19 7.5",
	failed: "M12 4a8 8 0 1 1 0 16a8 8 0 0 1 0-16zM12 8v5M12 16v.2",
};

/** @param {{ name: keyof typeof paths }} properties */
export function Icon({ name }) {
	return html`<svg class=${`icon icon--${name}`} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
		<path d=${paths[name]} />
	</svg>`;
}
