// A password field that can reveal the password and warns when Caps Lock is on.
import { t } from "../lib/texts.js";
import { html, useState } from "./html.js";

/**
 * @param {{
 *   id: string,
 *   label: string,
 *   autocomplete: "current-password" | "new-password",
 *   value: string,
 *   write: (value: string) => void,
 *   problem?: string,
 *   help?: string,
 *   children?: import("../../vendor/preact.js").ComponentChildren,
 * }} properties
 */
export function PasswordField({
	id,
	label,
	autocomplete,
	value,
	write,
	problem = "",
	help = "",
	children,
}) {
	const [shown, setShown] = useState(false);
	const [locked, setLocked] = useState(false);
	const described = [problem && `${id}-error`, help && `${id}-help`].filter(Boolean).join(" ");
	/** @param {KeyboardEvent} event */
	const checkCapsLock = (event) => setLocked(event.getModifierState?.("CapsLock") ?? false);

	return html`<div class="field">
		<label for=${id}>${label}</label>
		<div class="field__row">
			<input
				class="field__input"
				id=${id}
				type=${shown ? "text" : "password"}
				maxlength="256"
				autocomplete=${autocomplete}
				autocapitalize="none"
				spellcheck=${false}
				required
				value=${value}
				aria-invalid=${problem ? "true" : undefined}
				aria-describedby=${described || undefined}
				onInput=${(/** @type {InputEvent & { currentTarget: HTMLInputElement }} */ event) => write(event.currentTarget.value)}
				onKeyDown=${checkCapsLock}
				onKeyUp=${checkCapsLock}
				onBlur=${() => setLocked(false)}
			/>
			<button
				class="field__reveal"
				type="button"
				aria-controls=${id}
				aria-label=${t(shown ? "password.hideField" : "password.showField", { field: label.toLocaleLowerCase() })}
				onClick=${() => setShown(!shown)}
			>${t(shown ? "password.hide" : "password.show")}</button>
		</div>
		<p class="field__hint" role="status">${locked && t("password.capsLock")}</p>
		${problem && html`<p class="field__error" id=${`${id}-error`}>${problem}</p>`}
		${children}
		${help && html`<p class="field__help" id=${`${id}-help`}>${help}</p>`}
	</div>`;
}
