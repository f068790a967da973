// The app's layout: the list beside the conversation, or one of the two on a phone.
import { html, useEffect, useMemo } from "../components/html.js";
import { Icon } from "../components/icons.js";
import { announcement } from "../lib/announcement.js";
import { media } from "../lib/media.js";
import { t } from "../lib/texts.js";
import { ConversationScreen } from "./conversation/conversation.js";
import { listenToKeys } from "./keys.js";
import { Sidebar } from "./list/sidebar.js";
import { called, useNotices } from "./notices.js";
import { OverlayHost, Overlays } from "./overlays.js";
import { kindOf, SidePanel } from "./side_panel.js";
import { followViewport } from "./viewport.js";

/** @typedef {import("./parts.js").Parts} Parts */

/** Too narrow for a panel beside the conversation: it covers the conversation (`.frame--side`). */
const covering = media("(width < 68rem)");
/** Only wide enough for either the list or a conversation. */
const single = media("(width < 48rem)");

const STATUS = /** @type {const} */ ({
	connecting: "status.connecting",
	http: "status.http",
	offline: "status.offline",
});

/** Says that a newer version of this page exists; unobtrusive, because this one still works. @param {Parts} parts */
function Update({ client }) {
	if (!client.outdated.value) return null;
	return html`<p class="update" role="status">
		<span>${t("update.there")}</span>
		<button class="button button--small button--quiet" type="button" onClick=${() => location.reload()}>${t("update.now")}</button>
	</p>`;
}

/** @param {Parts} parts */
function Status({ client }) {
	const status = client.status.value;
	return html`<p class=${`status status--${status}`} role="status">
		${status !== "ws" && html`<span class="status__text"><${Icon} name="clock" />${t(STATUS[status])}</span>`}
	</p>`;
}

/** @param {Parts} parts */
function Announcer({ client }) {
	const news = client.news.value;
	return html`<p class="visually-hidden" aria-live="polite">
		<span key=${news.at(-1)?.id}>${announcement(news, called(client))}</span>
	</p>`;
}

/** @param {Parts} parts */
function NothingOpen({ mark }) {
	return html`<div class="nothing">
		<img src=${mark} alt="" width="96" height="96" />
		<h2>${t("talk.nothingTitle")}</h2>
		<p>${t("talk.nothing")}</p>
	</div>`;
}

/** @param {Omit<Parts, "overlays">} given */
export function App(given) {
	const overlays = useMemo(() => new Overlays(), []);
	const parts = { ...given, overlays };
	const { client } = parts;
	const open = client.open.value;
	const name = open?.name ?? "";
	const panel = kindOf(parts.place.panel.value);
	const profile = open !== null && panel === "profile";
	const shown = open && panel !== "settings" ? "conversation" : "list";
	const covered = profile ? covering.value : open !== null && shown === "list" && single.value;
	useNotices(parts);

	useEffect(() => {
		const listening = new AbortController();
		listenToKeys(parts, listening.signal);
		followViewport(listening.signal);
		return () => listening.abort();
	}, []);
	useEffect(() => {
		client.watch(name ? [name] : []);
	}, [name]);
	useEffect(() => {
		client.cover(covered);
	}, [covered]);

	return html`
		<${Update} ...${parts} />
		<${Status} ...${parts} />
		<div class=${`frame frame--${shown} ${profile ? "frame--side" : ""}`}>
			<${Sidebar} ...${parts} />
			<main class="frame__main" aria-label=${t("talk.main")} inert=${profile && covering.value}>
				${open ? html`<${ConversationScreen} key=${open} conversation=${open} ...${parts} />` : html`<${NothingOpen} ...${parts} />`}
			</main>
			${profile && html`<div class="frame__side"><${SidePanel} key=${open} kind="profile" title=${t("profile.title")} ...${parts} /></div>`}
		</div>
		<${Announcer} ...${parts} />
		<${OverlayHost} overlays=${overlays} />
	`;
}
