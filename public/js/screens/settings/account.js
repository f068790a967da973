// Account settings: change the password, delete the account.
import { html, useRef, useState } from "../../components/html.js";
import { PasswordField } from "../../components/password_field.js";
import { problemWith } from "../../lib/account_rules.js";
import { strength } from "../../lib/password_strength.js";
import { t, translated } from "../../lib/texts.js";
import { dialogs } from "../on_demand.js";
import { otherProblem, problemOf } from "../problem.js";
import { useSaving } from "../use_saving.js";

/** @typedef {import("./settings.js").SettingsParts} SettingsParts */

const FIELDS = /** @type {const} */ (["current", "new"]);
const STRENGTHS = /** @type {const} */ ([
	"password.weak",
	"password.fair",
	"password.good",
	"password.strong",
]);

/** @param {{ password: string, known: string[] }} properties */
function Strength({ password, known }) {
	const level = strength(password, known);
	return html`<div class="strength" data-level=${level} hidden=${password === ""}>
		<div class="strength__bar" />
		<p class="strength__word" role="status">${password && t(STRENGTHS[level])}</p>
	</div>`;
}

/** @param {string} user @param {Record<typeof FIELDS[number], string>} filled */
const problemsOf = (user, filled) => ({
	current: problemWith("/login/", "password", { password: filled.current }),
	new: problemWith("/signup/", "password1", { password1: filled.new, username: user }),
});

/** @param {SettingsParts} parts */
function Password({ client, account, overlays }) {
	const { user, email } = client.me.value;
	const form = useRef(/** @type {HTMLFormElement | null} */ (null));
	const [filled, setFilled] = useState({ current: "", new: "" });
	const [tried, setTried] = useState(false);
	const { busy, error, save, forget } = useSaving();
	const problems = problemsOf(user, filled);
	/** @param {typeof FIELDS[number]} field */
	const problem = (field) => (tried && translated(problems[field])) || problemOf(error, field);

	/** @param {typeof FIELDS[number]} field @param {string} value */
	function write(field, value) {
		if (problemOf(error, field)) forget();
		setFilled({ ...filled, [field]: value });
	}

	/** @param {typeof FIELDS[number]} field */
	const focus = (field) =>
		/** @type {HTMLElement | null | undefined} */ (
			form.current?.querySelector(`#password-${field}`)
		)?.focus();

	/** @param {SubmitEvent} event */
	async function submit(event) {
		event.preventDefault();
		setTried(true);
		const wrong = FIELDS.find((field) => problems[field]);
		if (wrong) return focus(wrong);
		if (busy) return;
		const saved = await save(() => account.api.changePassword(filled.current, filled.new));
		if (!saved) return focus("current");
		setTried(false);
		setFilled({ current: "", new: "" });
		overlays.say(t("own.passwordSaved"));
	}

	const other = otherProblem(error, FIELDS);
	return html`<form class="form panel__form panel__section" novalidate ref=${form} onSubmit=${submit}>
		<h2 class="panel__heading">${t("own.password")}</h2>
		<p class="panel__lead">${t("own.passwordMeaning")}</p>
		<input type="text" autocomplete="username" value=${user} readonly hidden />
		<${PasswordField}
			id="password-current"
			label=${t("own.current")}
			autocomplete="current-password"
			value=${filled.current}
			write=${(/** @type {string} */ value) => write("current", value)}
			problem=${problem("current")}
		/>
		<${PasswordField}
			id="password-new"
			label=${t("own.new")}
			autocomplete="new-password"
			value=${filled.new}
			write=${(/** @type {string} */ value) => write("new", value)}
			problem=${problem("new")}
			help=${t("account.passwordHelp")}
		>
			<${Strength} password=${filled.new} known=${[user, email]} />
		</${PasswordField}>
		${other && html`<p class="field__error" role="alert">${other}</p>`}
		<div class="panel__actions">
			<button class="button" type="submit" aria-disabled=${busy ? "true" : "false"}>${t("own.change")}</button>
		</div>
	</form>`;
}

/** @param {SettingsParts} parts */
export function AccountPart(parts) {
	const { client, overlays } = parts;
	const { user, email } = client.me.value;
	return html`
		<dl class="facts panel__form">
			<div><dt>${t("account.userName")}</dt><dd><bdi>${user}</bdi></dd></div>
			<div><dt>${t("account.email")}</dt><dd><bdi>${email}</bdi></dd></div>
		</dl>
		<${Password} ...${parts} />
		<div class="panel__form panel__section">
			<h2 class="panel__heading">${t("own.delete")}</h2>
			<p class="panel__lead">${t("own.deleteLead")}</p>
			<div class="panel__actions">
				<button
					class="button button--quiet button--danger"
					type="button"
					onClick=${() => overlays.openDialog(dialogs.deleteAccount, parts)}
				>${t("own.deleteAsk")}</button>
			</div>
		</div>
	`;
}
