// Delivery state of an own message: a clock, one tick, two ticks, two coloured ticks.
import { t } from "../lib/texts.js";
import { html } from "./html.js";
import { Icon } from "./icons.js";

/** @typedef {"waiting" | "failed" | "sent" | "delivered" | "read"} Stage */

export const STAGE_TEXTS = /** @type {const} */ ({
	waiting: "tick.waiting",
	failed: "tick.failed",
	sent: "tick.sent",
	delivered: "tick.delivered",
	read: "tick.read",
});

/**
 * @param {{ seq: number }} message
 * @param {number} delivered
 * @param {number} read
 * @returns {Stage}
 */
export function stageOf({ seq }, delivered, read) {
	if (seq <= read) return "read";
	return seq <= delivered ? "delivered" : "sent";
}

/** @param {{ stage: Stage }} properties */
function Sign({ stage }) {
	if (stage === "waiting") return html`<${Icon} name="clock" />`;
	if (stage === "failed") return html`<${Icon} name="failed" />`;
	return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
		<path d=${stage === "sent" ? "M5 12.5l4.5 4.5L19 7.5" : "M1.5 12.5L6 17l9-9.5M11.5 16l1 1 9.5-9.5"} />
	</svg>`;
}

/** @param {{ stage: Stage }} properties */
export function Tick({ stage }) {
	return html`<span class=${`tick tick--${stage}`}>
		<${Sign} stage=${stage} /><span class="visually-hidden">${t(STAGE_TEXTS[stage])}</span>
	</span>`;
}
