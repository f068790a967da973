// A side panel, which covers the screen on a phone: a title, a back button, and the content.
import { html, useLayoutEffect, useRef } from "./html.js";
import { Icon } from "./icons.js";

/**
 * @param {{
 *   title: string,
 *   closeLabel: string,
 *   close: () => void,
 *   icon?: import("./icons.js").IconName,
 *   first?: string | undefined,
 *   children?: import("../../vendor/preact.js").ComponentChildren,
 * }} properties `first`: a selector for the element focused first, instead of the back button.
 */
export function Panel({ title, closeLabel, close, icon = "back", first, children }) {
	const panel = useRef(/** @type {HTMLElement | null} */ (null));

	useLayoutEffect(() => {
		const wanted = [first, "button"].flatMap((which) =>
			which ? [...(panel.current?.querySelectorAll(which) ?? [])] : [],
		);
		/** @type {HTMLElement | undefined} */ (wanted[0])?.focus({ preventScroll: true });
	}, []);

	return html`<section class="panel" ref=${panel} tabindex="-1" aria-labelledby="panel-title">
		<header class="panel__header">
			<button class="icon-button" type="button" title=${closeLabel} onClick=${close}>
				<${Icon} name=${icon} /><span class="visually-hidden">${closeLabel}</span>
			</button>
			<h1 class="panel__title" id="panel-title">${title}</h1>
		</header>
		<div class="panel__body">${children}</div>
	</section>`;
}
