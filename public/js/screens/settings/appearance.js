// Appearance settings: theme, language, and what Enter does.
import { html, useState } from "../../components/html.js";
import { Options } from "../../components/options.js";
import { Switch } from "../../components/switch.js";
import { chooseLanguage, chosenLanguage, LANGUAGES, ownName } from "../../lib/language.js";
import { prefer, preferences } from "../../lib/preferences.js";
import { t } from "../../lib/texts.js";
import { setTheme, theme } from "../../lib/theme.js";
import { touch } from "../conversation/composer.js";

const THEMES = /** @type {const} */ ([
	["system", "appearance.system"],
	["light", "appearance.light"],
	["dark", "appearance.dark"],
]);

function Theme() {
	const [chosen, setChosen] = useState(theme());
	return html`<${Options}
		name="theme"
		label=${t("appearance.theme")}
		options=${THEMES.map(([value, key]) => ({ value, text: t(key) }))}
		chosen=${chosen}
		choose=${(/** @type {typeof chosen} */ value) => {
			setTheme(value);
			setChosen(value);
		}}
	/>`;
}

/** The server renders the page in its language, so changing it needs a connection. @param {{ offline: boolean }} properties */
function Language({ offline }) {
	return html`
		<${Options}
			name="language"
			label=${t("appearance.language")}
			options=${[
				{ value: "", text: t("appearance.browserLanguage") },
				...LANGUAGES.map((lang) => ({ value: lang, text: ownName(lang), lang })),
			]}
			chosen=${chosenLanguage() ?? ""}
			disabled=${offline}
			choose=${(/** @type {string} */ value) => {
				chooseLanguage(value || null);
				location.reload();
			}}
		/>
		${offline && html`<p class="panel__note" role="status">${t("appearance.languageOffline")}</p>`}
	`;
}

/** @param {import("./settings.js").SettingsParts} parts */
export function AppearancePart({ client }) {
	return html`
		<${Theme} />
		<${Language} offline=${client.status.value === "offline"} />
		${
			!touch.matches &&
			html`<div class="settings">
				<${Switch}
					id="enter-sends"
					label=${t("appearance.enterSends")}
					help=${t("appearance.enterMeaning")}
					on=${preferences.value.enterSends}
					change=${(/** @type {boolean} */ on) => prefer({ enterSends: on })}
				/>
			</div>`
		}
	`;
}
