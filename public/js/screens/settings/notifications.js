// Notification settings.
import { html, useEffect, useState } from "../../components/html.js";
import { Switch } from "../../components/switch.js";
import { chime } from "../../lib/chime.js";
import { prefer, preferences } from "../../lib/preferences.js";
import { t } from "../../lib/texts.js";

/** @typedef {NotificationPermission | "none"} Permission `none`: this browser has no notifications. */

/** @returns {Permission} */
const permission = () => (typeof Notification === "undefined" ? "none" : Notification.permission);

/** The browser's permission; it may change in another window. */
function usePermission() {
	const [state, setState] = useState(permission());
	const refresh = () => setState(permission());
	useEffect(() => {
		const listening = new AbortController();
		const { signal } = listening;
		window.addEventListener("focus", refresh, { signal });
		navigator.permissions?.query({ name: "notifications" }).then(
			(status) => status.addEventListener("change", refresh, { signal }),
			() => {},
		);
		return () => listening.abort();
	}, []);
	return { state, refresh };
}

/** @type {Record<Permission, import("../../lib/texts.js").Key>} */
const MEANINGS = {
	granted: "notify.systemMeaning",
	default: "notify.systemAsks",
	denied: "notify.systemDenied",
	none: "notify.systemNone",
};

export function NotificationsPart() {
	const { sound, notifications } = preferences.value;
	const { state, refresh } = usePermission();

	/** @param {boolean} on */
	async function notify(on) {
		if (on && permission() === "default") await Notification.requestPermission();
		refresh();
		prefer({ notifications: on });
	}

	/** @param {boolean} on */
	function setSound(on) {
		prefer({ sound: on });
		if (on) chime();
	}

	return html`
		<div class="settings">
			<${Switch} id="sound" label=${t("notify.sound")} help=${t("notify.soundMeaning")} on=${sound} change=${setSound} />
			<${Switch}
				id="notifications"
				label=${t("notify.system")}
				help=${t(MEANINGS[state])}
				on=${notifications && state === "granted"}
				disabled=${state === "denied" || state === "none"}
				change=${notify}
			/>
		</div>
		<p class="panel__note">${t("notify.here")}</p>
	`;
}
