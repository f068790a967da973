// Deletes the account: explains what is deleted and what stays, and asks for the password, so that nobody else does it.
import { Dialog } from "../../components/dialog.js";
import { html, useRef, useState } from "../../components/html.js";
import { PasswordField } from "../../components/password_field.js";
import { problemWith } from "../../lib/account_rules.js";
import { t, translated } from "../../lib/texts.js";
import { otherProblem, problemOf } from "../problem.js";
import { useSaving } from "../use_saving.js";

/** @param {import("../settings/settings.js").SettingsParts} parts */
export default function DeleteAccountDialog({ account, client, overlays, leave }) {
	const form = useRef(/** @type {HTMLFormElement | null} */ (null));
	const [password, setPassword] = useState("");
	const [tried, setTried] = useState(false);
	const { busy, error, save, forget } = useSaving();
	const missing = problemWith("/login/", "password", { password });

	/** @param {SubmitEvent} event */
	async function submit(event) {
		event.preventDefault();
		setTried(true);
		if (busy) return;
		if (missing || !(await save(() => account.api.remove(password)))) {
			return form.current?.querySelector("input")?.focus();
		}
		await leave();
		location.assign("/login/");
	}

	const other = otherProblem(error, ["password"]);
	return html`<${Dialog} title=${t("own.deleteTitle")} close=${overlays.closeDialog}>
		<form class="form" novalidate ref=${form} onSubmit=${submit}>
			<ul class="points">
				<li>${t("own.deleteGoes")}</li>
				<li>${t("own.deleteStays", { name: client.me.value.user })}</li>
				<li>${t("own.deleteFinal")}</li>
			</ul>
			<${PasswordField}
				id="delete-password"
				label=${t("account.password")}
				autocomplete="current-password"
				value=${password}
				write=${(/** @type {string} */ value) => {
					if (problemOf(error, "password")) forget();
					setPassword(value);
				}}
				problem=${(tried && translated(missing)) || problemOf(error, "password")}
			/>
			${other && html`<p class="field__error" role="alert">${other}</p>`}
			<div class="dialog__actions">
				<button class="button button--quiet" type="button" onClick=${overlays.closeDialog}>${t("action.cancel")}</button>
				<button class="button button--danger" type="submit" aria-disabled=${busy ? "true" : "false"}>${t("own.deleteDo")}</button>
			</div>
		</form>
	</${Dialog}>`;
}
