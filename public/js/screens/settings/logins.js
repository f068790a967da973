// The user's logins on all devices, which can be ended here.
import { html, useEffect, useState } from "../../components/html.js";
import { Icon } from "../../components/icons.js";
import { deviceOf } from "../../lib/device.js";
import { t } from "../../lib/texts.js";
import { dayLabel } from "../../lib/time.js";
import { dialogs } from "../on_demand.js";
import { reasonOf } from "../problem.js";

/**
 * @typedef {import("./settings.js").SettingsParts} SettingsParts
 * @typedef {import("../../state/types.js").Login} Login
 */

/** @param {string} device */
function nameOf(device) {
	const { program, system } = deviceOf(device);
	if (program && system) return t("logins.device", { program, system });
	return program || system || t("logins.unknown");
}

/** @param {{ login: Login, end: () => void }} properties */
function LoginRow({ login, end }) {
	const { device, created_at, last_used_at, current } = login;
	const now = new Date();
	const name = nameOf(device);
	return html`<li class="person">
		<span class="person__sign"><${Icon} name="device" /></span>
		<span class="entry__words">
			<span class="entry__title" title=${device}>${name}</span>
			<span class="entry__more">
				${current ? t("logins.this") : t("logins.used", { day: dayLabel(last_used_at, now) })}
				<br />${t("logins.since", { day: dayLabel(created_at, now) })}
			</span>
		</span>
		${
			!current &&
			html`<button class="button button--quiet" type="button" aria-label=${t("logins.endNamed", { name })} onClick=${end}>${t("logins.end")}</button>`
		}
	</li>`;
}

/** @param {SettingsParts["account"]} account */
function useLogins(account) {
	const [logins, setLogins] = useState(/** @type {Login[] | null} */ (null));
	const [error, setError] = useState(/** @type {unknown} */ (null));
	async function load() {
		setError(null);
		try {
			const all = await account.api.logins();
			setLogins(all.sort((one, other) => Number(other.current) - Number(one.current)));
		} catch (failure) {
			setError(failure);
		}
	}
	useEffect(() => {
		load();
	}, []);
	return { logins, error, load };
}

/** @param {SettingsParts} parts */
export function LoginsPart({ account, overlays, client }) {
	const { logins, error, load } = useLogins(account);

	/** @param {string} title @param {string} action @param {() => Promise<unknown>} end */
	const ask = (title, action, end) =>
		overlays.openDialog(dialogs.confirm, {
			overlays,
			title,
			meaning: t("logins.endMeaning"),
			action,
			run: async () => {
				await end();
				await load();
			},
		});

	if (error !== null) {
		return html`<div class="list-note" role="alert">
			<p>${reasonOf(error)}</p>
			<button class="button button--quiet" type="button" onClick=${load}>${t("action.tryAgain")}</button>
		</div>`;
	}
	if (!logins) {
		return html`<div class="list-waiting" role="status">
			<span class="visually-hidden">${t("panel.loading")}</span>
			${[0, 1, 2].map((row) => html`<span key=${row} class="list-waiting__row" />`)}
		</div>`;
	}
	return html`
		<p class="panel__note">${t("logins.lead", { name: client.me.value.user })}</p>
		<ul class="people" aria-label=${t("logins.title")}>
			${logins.map(
				(login) => html`<${LoginRow}
					key=${login.id}
					login=${login}
					end=${() =>
						ask(t("logins.endTitle", { name: nameOf(login.device) }), t("logins.end"), () =>
							account.api.end(login.id),
						)}
				/>`,
			)}
		</ul>
		${
			logins.length > 1 &&
			html`<div class="panel__actions">
				<button class="button button--quiet button--danger" type="button" onClick=${() => ask(t("logins.endOthersTitle"), t("logins.endOthers"), () => account.api.endOthers())}>
					${t("logins.endOthers")}
				</button>
			</div>`
		}
	`;
}
