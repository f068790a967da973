// A modal dialog. The browser keeps the focus inside and restores it on close; if the focused element is gone by then,
// the focus goes to its former container.
import { html, useLayoutEffect, useRef } from "./html.js";
import { Icon } from "./icons.js";

/**
 * @param {{
 *   title: string,
 *   closeLabel?: string,
 *   close: () => void,
 *   tall?: boolean,
 *   children?: import("../../vendor/preact.js").ComponentChildren,
 * }} properties `closeLabel`: shows a button with that name; `tall`: for a list that needs the height.
 */
export function Dialog({ title, closeLabel, close, tall = false, children }) {
	const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));

	useLayoutEffect(() => {
		const element = dialog.current;
		const around = document.activeElement?.parentElement?.closest("[tabindex]");
		element?.showModal();
		return () => {
			element?.close();
			const now = document.activeElement;
			if (now !== document.body && !element?.contains(now)) return;
			/** @type {HTMLElement | null | undefined} */ (around)?.focus({ preventScroll: true });
		};
	}, []);

	return html`<dialog
		class=${`dialog ${tall ? "dialog--tall" : ""}`}
		ref=${dialog}
		aria-labelledby="dialog-title"
		onClose=${close}
		onClick=${(/** @type {MouseEvent} */ event) => event.target === dialog.current && close()}
	>
		<div class="dialog__inside">
			<header class="dialog__header">
				<h2 id="dialog-title">${title}</h2>
				${
					closeLabel &&
					html`<button class="icon-button" type="button" title=${closeLabel} onClick=${close}>
						<${Icon} name="close" /><span class="visually-hidden">${closeLabel}</span>
					</button>`
				}
			</header>
			${children}
		</div>
	</dialog>`;
}
