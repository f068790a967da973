// The contents of the settings, and the user's profile.
import { Avatar } from "../../components/avatar.js";
import { html } from "../../components/html.js";
import { Icon } from "../../components/icons.js";
import { t } from "../../lib/texts.js";
import { touch } from "../conversation/composer.js";
import { leaveOrAsk } from "../log_out.js";

/** @type {readonly [part: string, icon: import("../../components/icons.js").IconName, title: import("../../lib/texts.js").Key, more: import("../../lib/texts.js").Key][]} */
const PARTS = [
	["privacy", "lock", "privacy.title", "privacy.about"],
	["notifications", "bell", "notify.title", "notify.about"],
	[
		"appearance",
		"look",
		"appearance.title",
		touch.matches ? "appearance.aboutTouch" : "appearance.about",
	],
	["logins", "device", "logins.title", "logins.about"],
	["account", "key", "own.title", "own.about"],
];

/** @param {import("./settings.js").SettingsParts} parts */
export function Contents(parts) {
	const { client, place } = parts;
	const { user, display_name: name, about, avatar } = client.me.value;
	/** @param {string} part */
	const open = (part) => () => place.openPanel(`settings/${part}`);

	return html`
		<button class="entry entry--self" type="button" data-part="profile" onClick=${open("profile")}>
			<${Avatar} name=${user} title=${name ?? user} picture=${avatar} />
			<span class="entry__words">
				<bdi class="entry__title">${name ?? user}</bdi>
				<span class="entry__more"><bdi>${about || `@${user}`}</bdi></span>
			</span>
			<${Icon} name="next" />
		</button>
		<ul class="entries">
			${PARTS.map(
				([part, icon, title, more]) => html`<li key=${part}>
					<button class="entry" type="button" data-part=${part} onClick=${open(part)}>
						<${Icon} name=${icon} />
						<span class="entry__words">
							<span class="entry__title">${t(title)}</span>
							<span class="entry__more">${t(more)}</span>
						</span>
						<${Icon} name="next" />
					</button>
				</li>`,
			)}
			<li>
				<button class="entry entry--danger" type="button" onClick=${() => leaveOrAsk(parts)}>
					<${Icon} name="leave" />
					<span class="entry__words"><span class="entry__title">${t("menu.logOut")}</span></span>
				</button>
			</li>
		</ul>
	`;
}
