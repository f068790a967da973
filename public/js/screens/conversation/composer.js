// The message composer. What is typed is saved as a draft from the first letter on, so it is never lost.
import { html, useEffect, useLayoutEffect, useRef, useState } from "../../components/html.js";
import { Icon } from "../../components/icons.js";
import { preferences } from "../../lib/preferences.js";
import { byteLength, MAX_BODY_BYTES } from "../../lib/text.js";
import { t } from "../../lib/texts.js";
import { Above } from "./above.js";
import { EmojiPanel } from "./emoji_panel.js";
import { useWriting } from "./use_writing.js";

/**
 * @typedef {import("../parts.js").Parts} Parts
 * @typedef {import("../../state/types.js").Conversation} Conversation
 */

/** With a touch keyboard, Enter is the only way to insert a line break. */
export const touch = matchMedia("(hover: none) and (pointer: coarse)");

/** The Enter that ends an input method's composition does not send. @param {KeyboardEvent} event */
const composing = (event) => event.isComposing || event.keyCode === 229;

/** @param {{ excess: number }} properties */
function Excess({ excess }) {
	return html`<p class="composer__excess" id="composer-excess" role="alert">
		${t("composer.tooLong", { count: excess })}
	</p>`;
}

/** @param {Parts & { conversation: Conversation, ui: import("./ui_state.js").ConversationUiState }} properties */
export function Composer({ conversation, ui, ...parts }) {
	const field = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
	const [picking, setPicking] = useState(false);
	const { text, write, finish } = useWriting(parts, conversation, ui);
	const excess = byteLength(text.trim()) - MAX_BODY_BYTES;
	const unready = text.trim() === "" || excess > 0;
	const { value: editing } = ui.editing;
	const replying = ui.replyTo.value;

	useEffect(() => {
		if (!touch.matches || editing || replying) field.current?.focus({ preventScroll: true });
	}, [editing?.message.id, replying?.id]);

	useLayoutEffect(() => {
		const area = field.current;
		if (!area) return;
		area.style.height = "auto";
		area.style.height = `${area.scrollHeight + 2}px`;
	}, [text]);

	function send() {
		if (unready) return;
		finish();
		field.current?.focus();
	}

	/** @param {string} emoji */
	function insert(emoji) {
		const area = field.current;
		if (!area) return;
		area.setRangeText(emoji, area.selectionStart, area.selectionEnd, "end");
		write(area.value);
	}

	/** @param {KeyboardEvent} event */
	function handleKey(event) {
		if (composing(event)) return;
		const sends =
			event.ctrlKey || event.metaKey || (preferences.value.enterSends && !touch.matches);
		if (event.key === "Enter" && !event.shiftKey && sends) {
			event.preventDefault();
			send();
		} else if (event.key === "Escape") {
			if (ui.clear()) event.preventDefault();
		} else if (event.key === "ArrowUp" && text === "" && !ui.editing.value) {
			const me = parts.client.me.value.user;
			const last = conversation.messages.value.findLast(
				({ user, deleted }) => user === me && !deleted,
			);
			if (!last) return;
			event.preventDefault();
			ui.edit(last);
		}
	}

	return html`<form
		class="composer"
		onSubmit=${(/** @type {SubmitEvent} */ event) => {
			event.preventDefault();
			send();
		}}
		onKeyDown=${(/** @type {KeyboardEvent} */ event) => {
			if (event.key !== "Escape" || !picking) return;
			event.preventDefault();
			setPicking(false);
			field.current?.focus();
		}}
	>
		<${Above} ui=${ui} ...${parts} />
		${picking && html`<${EmojiPanel} choose=${insert} close=${() => setPicking(false)} ...${parts} />`}
		${excess > 0 && html`<${Excess} excess=${excess} />`}
		<button
			class="icon-button composer__emoji"
			type="button"
			aria-expanded=${picking ? "true" : "false"}
			title=${t("emoji.label")}
			onClick=${() => setPicking(!picking)}
		>
			<${Icon} name="smile" /><span class="visually-hidden">${t("emoji.label")}</span>
		</button>
		<textarea
			class="composer__field"
			ref=${field}
			rows="1"
			dir="auto"
			aria-label=${t("composer.label", { name: conversation.title.value })}
			aria-invalid=${excess > 0 ? "true" : undefined}
			aria-describedby=${excess > 0 ? "composer-excess" : undefined}
			placeholder=${t("composer.placeholder")}
			enterkeyhint=${touch.matches || !preferences.value.enterSends ? "enter" : "send"}
			value=${text}
			onInput=${(/** @type {InputEvent & { currentTarget: HTMLTextAreaElement }} */ event) => {
				write(event.currentTarget.value);
				parts.client.typing(conversation);
			}}
			onKeyDown=${handleKey}
		/>
		<button class="composer__send" type="submit" disabled=${unready} title=${t(editing ? "action.save" : "composer.send")}>
			<${Icon} name=${editing ? "check" : "send"} /><span class="visually-hidden">${t(editing ? "action.save" : "composer.send")}</span>
		</button>
	</form>`;
}
