// Leaving. What was not sent would be lost, because the next person at this browser must not find
// it; so that is asked first.
import { html, useRef } from "../components/html.js";
import { Icon } from "../components/icons.js";

/**
 * @param {number} messages
 * @param {number} drafts
 */
function losses(messages, drafts) {
	const lost = [];
	if (messages) lost.push(messages === 1 ? "one unsent message" : `${messages} unsent messages`);
	if (drafts) lost.push(drafts === 1 ? "one draft" : `${drafts} drafts`);
	return lost.join(" and ");
}

/** @param {import("./app.js").Parts} parts */
export function LogOut({ centre, leave }) {
	const form = useRef(/** @type {HTMLFormElement | null} */ (null));
	const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
	const lost = losses(centre.outbox.pending.value.length, centre.drafts.count);

	/** @param {SubmitEvent} event */
	function submitted(event) {
		if (lost && !dialog.current?.open) {
			event.preventDefault();
			dialog.current?.showModal();
			return;
		}
		leave();
	}

	return html`<form class="leave" method="post" action="/logout/" ref=${form} onSubmit=${submitted}>
		<button class="icon-button" type="submit" title="Log out"><${Icon} name="leave" /><span class="visually-hidden">Log out</span></button>
		<dialog class="dialog" ref=${dialog} aria-labelledby="leave-question">
			<h2 id="leave-question">Log out and lose ${lost}?</h2>
			<p>Logging out deletes what you wrote and did not send from this browser, so that nobody else finds it here.</p>
			<div class="dialog__actions">
				<button class="button button--quiet" type="button" onClick=${() => dialog.current?.close()}>Stay</button>
				<button class="button button--danger" type="submit">Log out</button>
			</div>
		</dialog>
	</form>`;
}
