// The user's own profile: picture, display name, about text.
import { html } from "../../components/html.js";
import { t } from "../../lib/texts.js";
import { Portrait } from "./portrait.js";
import { Words } from "./words.js";

/** @param {import("./settings.js").SettingsParts} parts */
export function ProfilePart(parts) {
	return html`
		<${Portrait} ...${parts} />
		<${Words} ...${parts} />
		<p class="panel__note">${t("own.profileSeen")}</p>
	`;
}
