// Where one writes. What is typed is a draft from the first letter on, so nothing can lose it.
import { byteLength, MAX_BODY_BYTES } from "../lib/text.js";
import { html, useEffect, useLayoutEffect, useRef } from "./html.js";
import { Icon } from "./icons.js";

/** With a keyboard of glass, Enter is the only way to break a line. */
const touch = matchMedia("(hover: none) and (pointer: coarse)");

/** The Enter that ends an input method's composition is not meant for us. @param {KeyboardEvent} event */
const composing = (event) => event.isComposing || event.keyCode === 229;

/** @param {import("../screens/app.js").Parts & { name: string }} properties */
export function Composer({ centre, name }) {
	const field = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
	const draft = centre.drafts.of(name);
	const excess = byteLength(draft.trim()) - MAX_BODY_BYTES;
	const blank = draft.trim() === "";

	useEffect(() => {
		if (!touch.matches) field.current?.focus({ preventScroll: true });
	}, []);

	useLayoutEffect(() => {
		const area = field.current;
		if (!area) return;
		area.style.height = "auto";
		area.style.height = `${area.scrollHeight}px`;
	}, [draft]);

	function send() {
		if (blank || excess > 0) return;
		centre.send(name, draft);
		field.current?.focus();
	}

	/** @param {KeyboardEvent} event */
	function keyed(event) {
		if (event.key !== "Enter" || event.shiftKey || composing(event) || touch.matches) return;
		event.preventDefault();
		send();
	}

	return html`<form
		class="composer"
		onSubmit=${(/** @type {SubmitEvent} */ event) => {
			event.preventDefault();
			send();
		}}
	>
		${
			excess > 0 &&
			html`<p class="composer__excess" id="composer-excess" role="alert">
				This message is too long by ${excess.toLocaleString()} bytes. Shorten it, or send it in parts.
			</p>`
		}
		<textarea
			class="composer__field"
			ref=${field}
			rows="1"
			dir="auto"
			aria-label=${`Message to ${name}`}
			aria-invalid=${excess > 0 ? "true" : undefined}
			aria-describedby=${excess > 0 ? "composer-excess" : undefined}
			placeholder="Write a message"
			enterkeyhint=${touch.matches ? "enter" : "send"}
			value=${draft}
			onInput=${(/** @type {InputEvent & { currentTarget: HTMLTextAreaElement }} */ event) =>
				centre.drafts.write(name, event.currentTarget.value)}
			onKeyDown=${keyed}
		/>
		<button class="composer__send" type="submit" disabled=${blank || excess > 0} title="Send">
			<${Icon} name="send" /><span class="visually-hidden">Send</span>
		</button>
	</form>`;
}
