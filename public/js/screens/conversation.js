// One open conversation: whose it is, what was said, and where one writes.
import { Badge } from "../components/badge.js";
import { Composer } from "../components/composer.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icons.js";
import { Messages } from "./messages.js";

/** @param {import("./app.js").Parts & { name: string }} properties */
export function Conversation({ name, ...parts }) {
	return html`<section class="conversation" aria-labelledby="conversation-name">
		<header class="conversation__header">
			<button class="icon-button conversation__back" type="button" title="Back" onClick=${() => parts.place.close()}>
				<${Icon} name="back" /><span class="visually-hidden">Back to the list</span>
			</button>
			<${Badge} name=${name} />
			<h2 class="conversation__name" id="conversation-name"><bdi>${name}</bdi></h2>
		</header>
		<${Messages} name=${name} ...${parts} />
		<${Composer} name=${name} ...${parts} />
	</section>`;
}
