// The settings: a contents page, and a panel for each subject.
import { html, useRef } from "../../components/html.js";
import { Panel } from "../../components/panel.js";
import { t } from "../../lib/texts.js";
import { AccountPart } from "./account.js";
import { AppearancePart } from "./appearance.js";
import { Contents } from "./contents.js";
import { LoginsPart } from "./logins.js";
import { NotificationsPart } from "./notifications.js";
import { PrivacyPart } from "./privacy.js";
import { ProfilePart } from "./profile.js";

/**
 * @typedef {import("../parts.js").Parts & { account: import("../../state/types.js").Account }} SettingsParts
 * @typedef {{ title: import("../../lib/texts.js").Key, Part: (parts: SettingsParts) => unknown }} Subject
 */

/** @type {Record<string, Subject>} */
const SUBJECTS = {
	profile: { title: "settings.profile", Part: ProfilePart },
	privacy: { title: "privacy.title", Part: PrivacyPart },
	notifications: { title: "notify.title", Part: NotificationsPart },
	appearance: { title: "appearance.title", Part: AppearancePart },
	logins: { title: "logins.title", Part: LoginsPart },
	account: { title: "own.title", Part: AccountPart },
};

/** @param {SettingsParts} parts */
export default function Settings(parts) {
	const { place } = parts;
	const part = place.panel.value.split("/")[1] ?? "";
	const subject = SUBJECTS[part];
	const last = useRef("");
	const first = last.current ? `[data-part="${last.current}"]` : undefined;
	last.current = subject ? part : "";
	const leave = { closeLabel: t("action.back"), close: () => place.closePanel() };

	if (!subject) {
		return html`<${Panel} key="" title=${t("settings.title")} first=${first} ...${leave}><${Contents} ...${parts} /></${Panel}>`;
	}
	const { title, Part } = subject;
	return html`<${Panel} key=${part} title=${t(title)} ...${leave}><${Part} ...${parts} /></${Panel}>`;
}
