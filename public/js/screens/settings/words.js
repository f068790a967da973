// The user's display name and about text. What is typed survives closing the panel until it is saved.
import { signal } from "../../../vendor/signals-core.js";
import { html, useRef } from "../../components/html.js";
import { left, problemWith } from "../../lib/profile_rules.js";
import { t, translated } from "../../lib/texts.js";
import { otherProblem, problemOf } from "../problem.js";
import { useSaving } from "../use_saving.js";

/**
 * @typedef {import("./settings.js").SettingsParts} SettingsParts
 * @typedef {import("../../lib/profile_rules.js").Field} Field
 */

const FIELDS = /** @type {const} */ (["display_name", "about"]);

/** Edits that are not saved yet. @type {import("../../../vendor/signals-core.js").Signal<Partial<Record<Field, string>>>} */
const typed = signal({});

/** @param {{ field: Field, text: string }} properties */
function Left({ field, text }) {
	const count = left(field, text);
	return html`<span class="field__left">${count !== null && count >= 0 && t("own.left", { count })}</span>`;
}

/**
 * @param {{
 *   field: Field,
 *   label: string,
 *   help: string,
 *   text: string,
 *   problem: string,
 *   write: (text: string) => void,
 * }} properties
 */
function WordsField({ field, label, help, text, problem, write }) {
	const ids = [`${field}-help`, problem && `${field}-error`].filter(Boolean).join(" ");
	const lines = field === "about";
	/** @param {InputEvent & { currentTarget: HTMLInputElement | HTMLTextAreaElement }} event */
	const typing = ({ currentTarget }) => write(currentTarget.value.replace(/\s*\n\s*/g, " "));
	/** No line breaks: Enter submits. @param {KeyboardEvent & { currentTarget: HTMLTextAreaElement }} event */
	const handleKey = (event) => {
		if (event.key !== "Enter" || event.isComposing || event.keyCode === 229) return;
		event.preventDefault();
		event.currentTarget.form?.requestSubmit();
	};
	const shared = {
		class: "field__input",
		id: field,
		dir: "auto",
		value: text,
		"aria-describedby": ids,
		"aria-invalid": problem ? "true" : undefined,
		onInput: typing,
	};
	return html`<div class="field">
		<label for=${field}>${label}</label>
		${
			lines
				? html`<textarea rows="3" enterkeyhint="done" ...${shared} onKeyDown=${handleKey} />`
				: html`<input autocomplete="nickname" enterkeyhint="done" ...${shared} />`
		}
		${problem && html`<p class="field__error" id=${`${field}-error`}>${problem}</p>`}
		<p class="field__help field__help--counted" id=${`${field}-help`}>
			<span>${help}</span><${Left} field=${field} text=${text} />
		</p>
	</div>`;
}

/** @param {SettingsParts} parts */
export function Words({ client, account, overlays }) {
	const me = client.me.value;
	const form = useRef(/** @type {HTMLFormElement | null} */ (null));
	const { busy, error, save, forget } = useSaving();
	/** @param {Field} field */
	const text = (field) => typed.value[field] ?? me[field] ?? "";
	const changed = FIELDS.filter((field) => text(field).trim() !== (me[field] ?? ""));
	/** @param {Field} field */
	const problem = (field) => translated(problemWith(field, text(field))) || problemOf(error, field);

	/** @param {Field} field @param {string} next */
	function write(field, next) {
		if (problemOf(error, field)) forget();
		typed.value = { ...typed.value, [field]: next };
	}

	/** @param {SubmitEvent} event */
	async function submit(event) {
		event.preventDefault();
		const wrong = FIELDS.find((field) => problemWith(field, text(field)));
		if (wrong)
			/** @type {HTMLElement | null} */ (form.current?.querySelector(`#${wrong}`))?.focus();
		if (wrong || busy || changed.length === 0) return;
		const sent = Object.fromEntries(changed.map((field) => [field, text(field)]));
		if (!(await save(() => account.change(sent)))) return;
		// Edits made during the request are not saved yet.
		const rest = FIELDS.filter((field) => typed.value[field] !== sent[field]);
		typed.value = Object.fromEntries(
			rest.flatMap((field) => (field in typed.value ? [[field, typed.value[field]]] : [])),
		);
		overlays.say(t("settings.saved"));
	}

	function discard() {
		typed.value = {};
		forget();
		form.current?.querySelector("input")?.focus();
	}

	const other = otherProblem(error, FIELDS);
	return html`<form class="form panel__form" novalidate ref=${form} onSubmit=${submit}>
		<${WordsField}
			field="display_name"
			label=${t("own.name")}
			help=${t("own.nameHelp")}
			text=${text("display_name")}
			problem=${problem("display_name")}
			write=${(/** @type {string} */ next) => write("display_name", next)}
		/>
		<${WordsField}
			field="about"
			label=${t("own.aboutMe")}
			help=${t("own.aboutMeHelp")}
			text=${text("about")}
			problem=${problem("about")}
			write=${(/** @type {string} */ next) => write("about", next)}
		/>
		${other && html`<p class="field__error" role="alert">${other}</p>`}
		<div class="panel__actions">
			<p class="panel__state">${changed.length > 0 && t("own.unsaved")}</p>
			${changed.length > 0 && html`<button class="button button--quiet" type="button" onClick=${discard}>${t("action.discard")}</button>`}
			<button class="button" type="submit" aria-disabled=${busy || changed.length === 0 ? "true" : "false"}>${t("action.save")}</button>
		</div>
	</form>`;
}
