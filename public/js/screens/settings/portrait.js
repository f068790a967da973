// The user's own picture: choose, preview, upload, or remove it.
import { Avatar, pictureAddress } from "../../components/avatar.js";
import { html, useEffect, useRef, useState } from "../../components/html.js";
import { Icon } from "../../components/icons.js";
import { fitting, NoPicture, PICTURE_TYPES } from "../../lib/picture.js";
import { t } from "../../lib/texts.js";
import { Refused } from "../../protocol/request.js";
import { dialogs } from "../on_demand.js";
import { reasonOf } from "../problem.js";
import { useSaving } from "../use_saving.js";

/** @typedef {import("./settings.js").SettingsParts} SettingsParts */

/** @param {string} address */
async function fetched(address) {
	const image = new Image();
	image.src = address;
	await image.decode().catch(() => {});
}

/** The chosen file until it is uploaded, with a URL to preview it. */
function useChosen() {
	const [chosen, setChosen] = useState(
		/** @type {{ file: File, address: string } | null} */ (null),
	);
	useEffect(() => () => URL.revokeObjectURL(chosen?.address ?? ""), [chosen]);
	return {
		chosen,
		choose: (/** @type {File | null} */ file) =>
			setChosen(file && { file, address: URL.createObjectURL(file) }),
	};
}

/** @param {unknown} error */
const problem = (error) => (error instanceof NoPicture ? t(error.key) : reasonOf(error));

/** Whether the same file may be accepted later. @param {unknown} error */
const worthTrying = (error) =>
	!(error instanceof NoPicture) && !(error instanceof Refused && !error.temporary);

/** @param {SettingsParts} parts */
export function Portrait({ client, account, overlays }) {
	const { user, display_name: name, avatar } = client.me.value;
	const input = useRef(/** @type {HTMLInputElement | null} */ (null));
	const { chosen, choose } = useChosen();
	const { busy, error, save } = useSaving();
	const pending = busy || (error !== null && worthTrying(error)) ? chosen : null;

	/** @param {File} file */
	async function send(file) {
		choose(file);
		const sent = await save(async () => {
			await account.setPicture(await fitting(file));
			const tag = client.me.peek().avatar;
			if (tag) await fetched(pictureAddress(user, tag));
		});
		if (!sent) return;
		choose(null);
		overlays.say(t("picture.saved"));
	}

	const remove = () =>
		overlays.openDialog(dialogs.confirm, {
			overlays,
			title: t("picture.removeTitle"),
			meaning: t("picture.removeMeaning"),
			action: t("picture.remove"),
			run: () => account.setPicture(null),
		});

	return html`<div class="portrait" aria-busy=${busy ? "true" : "false"}>
		<span class=${`portrait__picture ${pending ? "portrait__picture--unsaved" : ""}`}>
			<${Avatar} name=${user} title=${name ?? user} picture=${avatar} />
			${
				pending &&
				html`<img
					class="portrait__chosen"
					key=${pending.address}
					src=${pending.address}
					alt=""
					onError=${(/** @type {Event & { currentTarget: HTMLElement }} */ event) => {
						event.currentTarget.hidden = true;
					}}
				/>`
			}
			${busy && html`<span class="spinner" />`}
		</span>
		<input
			type="file"
			hidden
			accept=${PICTURE_TYPES}
			ref=${input}
			onChange=${(/** @type {Event & { currentTarget: HTMLInputElement }} */ { currentTarget }) => {
				const [file] = currentTarget.files ?? [];
				currentTarget.value = "";
				if (file) send(file);
			}}
		/>
		<p class="visually-hidden" role="status">${busy && t("picture.sending")}</p>
		${
			error !== null &&
			html`<div class="portrait__problem" role="alert">
				<p class="field__error">${problem(error)}</p>
				${
					pending &&
					html`<button class="button button--quiet" type="button" onClick=${() => send(pending.file)}>${t("action.tryAgain")}</button>`
				}
			</div>`
		}
		<div class="portrait__actions">
			<button class="button button--quiet" type="button" aria-disabled=${busy ? "true" : "false"} onClick=${() => busy || input.current?.click()}>
				<${Icon} name="camera" />${t(avatar ? "picture.change" : "picture.choose")}
			</button>
			${
				avatar &&
				html`<button class="button button--quiet" type="button" aria-disabled=${busy ? "true" : "false"} onClick=${() => busy || remove()}>${t("picture.remove")}</button>`
			}
		</div>
	</div>`;
}
