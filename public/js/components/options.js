// A choice of a few options: radio buttons that look like a strip or a list.
import { html } from "./html.js";

/**
 * @param {{
 *   name: string,
 *   label: string,
 *   options: { value: string, text: string, lang?: string }[],
 *   chosen: string,
 *   choose: (value: string) => void,
 *   disabled?: boolean,
 * }} properties
 */
export function Options({ name, label, options, chosen, choose, disabled = false }) {
	return html`<fieldset class="options" disabled=${disabled}>
		<legend class="panel__heading">${label}</legend>
		<div class="options__strip">
			${options.map(
				({ value, text, lang }) => html`<label key=${value} class="option">
					<input type="radio" name=${name} value=${value} checked=${value === chosen} onChange=${() => choose(value)} />
					<span lang=${lang}><bdi>${text}</bdi></span>
				</label>`,
			)}
		</div>
	</fieldset>`;
}
