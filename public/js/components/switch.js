// An on/off switch with a help text.
import { html } from "./html.js";

/**
 * @param {{
 *   id: string,
 *   label: string,
 *   help?: string,
 *   on: boolean,
 *   change: (on: boolean) => void,
 *   problem?: string,
 *   disabled?: boolean,
 * }} properties
 */
export function Switch({ id, label, help = "", on, change, problem = "", disabled = false }) {
	const described = [help && `${id}-help`, problem && `${id}-error`].filter(Boolean).join(" ");
	return html`<div class="setting">
		<label class="setting__line">
			<span class="setting__name" id=${`${id}-name`}>${label}</span>
			<input
				class="switch"
				type="checkbox"
				role="switch"
				id=${id}
				checked=${on}
				disabled=${disabled}
				aria-labelledby=${`${id}-name`}
				aria-describedby=${described || undefined}
				onChange=${(/** @type {Event & { currentTarget: HTMLInputElement }} */ event) => {
					const wanted = event.currentTarget.checked;
					// It shows the current state, not what was tapped.
					event.currentTarget.checked = on;
					change(wanted);
				}}
			/>
		</label>
		${help && html`<p class="setting__help" id=${`${id}-help`}>${help}</p>`}
		${problem && html`<p class="field__error" id=${`${id}-error`} role="alert">${problem}</p>`}
	</div>`;
}
