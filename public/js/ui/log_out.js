// Leaving. What was not sent would be lost, because the next person at this browser must not find
// it; so that is asked first.
import { html, useRef } from "./html.js";
import { Icon } from "./icons.js";

/** @param {import("./app.js").Parts} parts */
export function LogOut({ centre, leave }) {
	const form = useRef(/** @type {HTMLFormElement | null} */ (null));
	const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
	const unsent = centre.outbox.pending.value.length;

	/** @param {SubmitEvent} event */
	function submitted(event) {
		if (unsent > 0 && !dialog.current?.open) {
			event.preventDefault();
			dialog.current?.showModal();
			return;
		}
		leave();
	}

	return html`<form class="leave" method="post" action="/logout/" ref=${form} onSubmit=${submitted}>
		<button class="icon-button" type="submit" title="Log out"><${Icon} name="leave" /><span class="visually-hidden">Log out</span></button>
		<dialog class="dialog" ref=${dialog} aria-labelledby="leave-question">
			<h2 id="leave-question">Log out and lose ${unsent === 1 ? "a message" : `${unsent} messages`}?</h2>
			<p>${unsent === 1 ? "One message has" : `${unsent} messages have`} not been sent yet. Logging out deletes what is unsent and all drafts from this browser.</p>
			<div class="dialog__actions">
				<button class="button button--quiet" type="button" onClick=${() => dialog.current?.close()}>Stay</button>
				<button class="button button--danger" type="submit">Log out</button>
			</div>
		</dialog>
	</form>`;
}
