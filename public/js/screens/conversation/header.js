// The conversation's header: person, presence and menu.
import { Avatar } from "../../components/avatar.js";
import { html, useEffect, useRef } from "../../components/html.js";
import { Icon } from "../../components/icons.js";
import { seenAt } from "../../lib/seen.js";
import { t } from "../../lib/texts.js";
import { blockItem, conversationItems } from "../list/row_menu.js";

/**
 * @typedef {import("../parts.js").Parts} Parts
 * @typedef {import("../../state/types.js").Conversation} Conversation
 */

/** @param {Conversation} conversation */
export function presenceText({ presence, typing, state }) {
	if (typing.value) return t("presence.typing");
	if (state.value?.deleted) return t("presence.gone");
	if (presence.value?.online) return t("presence.online");
	const seen = presence.value?.last_seen;
	return seen ? seenAt(seen, new Date()) : "";
}

/** Always rendered, so that the name does not move when the presence becomes known. @param {{ conversation: Conversation }} properties */
function PresenceLine({ conversation }) {
	const text = presenceText(conversation);
	const about = conversation.state.value?.about ?? "";
	return html`<p class=${`conversation__presence ${conversation.typing.value ? "conversation__presence--typing" : ""}`} dir="auto">
		${text || about || "\u00a0"}
	</p>`;
}

/** @param {Pick<Parts, "place">} parts */
function Back({ place }) {
	return html`<button class="icon-button conversation__back" type="button" title=${t("action.back")} onClick=${() => place.close()}>
		<${Icon} name="back" /><span class="visually-hidden">${t("talk.back")}</span>
	</button>`;
}

/** @param {Parts & { conversation: Conversation }} properties */
export function Header({ conversation, ...parts }) {
	const { place, overlays } = parts;
	const { name } = conversation;
	const title = conversation.title.value;
	const shown = place.panel.value === "profile";
	const opener = useRef(/** @type {HTMLElement | null} */ (null));
	const before = useRef(shown);
	useEffect(() => {
		const closed = before.current && !shown;
		before.current = shown;
		if (closed && document.activeElement === document.body) opener.current?.focus();
	}, [shown]);

	/** @param {MouseEvent & { currentTarget: HTMLElement }} event */
	function openMenu({ currentTarget }) {
		const at = currentTarget.getBoundingClientRect();
		overlays.openMenu({
			at,
			label: t("talk.options"),
			items: [
				...conversationItems(parts, conversation, at),
				{ icon: "close", text: t("talk.close"), run: () => place.close() },
				blockItem(parts, conversation),
			],
		});
	}

	if (conversation.loading.value === "missing") {
		return html`<header class="conversation__header"><${Back} place=${place} /></header>`;
	}
	return html`<header class="conversation__header">
		<${Back} place=${place} />
		<div class="conversation__person">
			<${Avatar} name=${name} title=${title} picture=${conversation.picture.value} />
			<div class="conversation__titles">
				<h2 class="conversation__name" id="conversation-name">
					<button
						class="conversation__who"
						type="button"
						ref=${opener}
						title=${t("profile.show", { name: `@${name}` })}
						aria-expanded=${shown ? "true" : "false"}
						onClick=${() => (shown ? place.closePanel() : place.openPanel("profile"))}
					><bdi>${title}</bdi></button>
				</h2>
				<${PresenceLine} conversation=${conversation} />
			</div>
		</div>
		<button class="icon-button" type="button" aria-haspopup="menu" title=${t("talk.options")} onClick=${openMenu}>
			<${Icon} name="more" /><span class="visually-hidden">${t("talk.options")}</span>
		</button>
	</header>`;
}
