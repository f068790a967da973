// When an own message was sent, delivered and read.
import { Dialog } from "../../components/dialog.js";
import { html, useEffect, useState } from "../../components/html.js";
import { STAGE_TEXTS, Tick } from "../../components/tick.js";
import { date, t } from "../../lib/texts.js";
import { reasonOf } from "../problem.js";

/** @typedef {import("../../state/types.js").Receipt} Receipt */

const MOMENT = /** @type {const} */ ({ dateStyle: "medium", timeStyle: "medium" });

/**
 * @param {Pick<import("../parts.js").Parts, "client" | "overlays"> & {
 *   message: import("../../state/types.js").Message,
 * }} properties
 */
export default function DetailsDialog({ client, overlays, message }) {
	const [receipt, setReceipt] = useState(/** @type {Receipt | null} */ (null));
	const [problem, setProblem] = useState("");

	async function load() {
		setProblem("");
		try {
			setReceipt(await client.actions.details(message));
		} catch (error) {
			setProblem(reasonOf(error));
		}
	}
	useEffect(() => {
		load();
	}, []);

	/** @type {["sent" | "delivered" | "read", string | null | undefined][]} */
	const lines = [
		["sent", message.timestamp],
		["delivered", receipt?.delivered_at],
		["read", receipt?.read_at],
	];
	return html`<${Dialog} title=${t("details.title")} closeLabel=${t("action.close")} close=${overlays.closeDialog}>
		<dl class="details">
			${lines.map(
				([stage, at]) => html`<div key=${stage} class="details__line">
					<dt><${Tick} stage=${stage} /><span aria-hidden="true">${t(STAGE_TEXTS[stage])}</span></dt>
					<dd>${at ? date(new Date(at), MOMENT) : receipt ? t("details.notYet") : "…"}</dd>
				</div>`,
			)}
		</dl>
		${
			problem &&
			html`<div role="alert"><p class="field__error">${problem}</p>
				<button class="button button--quiet" type="button" onClick=${load}>${t("action.tryAgain")}</button></div>`
		}
	</${Dialog}>`;
}
