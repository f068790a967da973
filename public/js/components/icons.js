// The page's icons, drawn on one 24-unit grid.
import { html } from "./html.js";

const paths = {
	archive: "M4 5h16v4H4zM5.5 9v10h13V9M10 13h4",
	back: "M15 5l-7 7 7 7",
	bell: "M6 16.5h12L16.5 14v-3.5a4.5 4.5 0 0 0-9 0V14zM10.5 19.5h3",
	block: "M12 4a8 8 0 1 1 0 16a8 8 0 0 1 0-16zM6.5 6.5l11 11",
	camera: "M4 8h3l1.5-2.5h7L17 8h3v11H4zM12 10a3 3 0 1 1 0 6a3 3 0 0 1 0-6z",
	chats: "M4 5h13v9H9l-5 4zM20 9v9l-3-2h-6",
	check: "M5 12.5l4.5 4.5L19 7.5",
	clock: "M12 4a8 8 0 1 1 0 16a8 8 0 0 1 0-16zM12 8v4.5l3 1.8",
	close: "M6 6l12 12M18 6L6 18",
	copy: "M9 9h10v11H9zM15 9V4H5v11h4",
	device: "M12 15H3.5M5 15V5.5h14V9M15 11.5h5.5v8H15z",
	down: "M6 9l6 6 6-6",
	edit: "M4 20l1-4.5L16 4.5l3.5 3.5L8.5 19zM13.5 7l3.5 3.5",
	failed: "M12 4a8 8 0 1 1 0 16a8 8 0 0 1 0-16zM12 8v5M12 16v.2",
	forward: "M14 6l6 6-6 6M20 12H9a5 5 0 0 0-5 5v1",
	info: "M12 4a8 8 0 1 1 0 16a8 8 0 0 1 0-16zM12 11v5M12 8v.2",
	key: "M7.5 8.5a3.5 3.5 0 1 1 0 7a3.5 3.5 0 0 1 0-7zM11 12h9.5v3M16.5 12v2.5",
	keyboard: "M3 7h18v10H3zM7 10.5h.1M11 10.5h.1M15 10.5h.1M17 13.5h.1M7 13.5h.1M10 13.5h4",
	leave: "M10 4H6a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h4M15 8l4 4-4 4M9 12h10",
	lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
	look: "M12 4a8 8 0 1 1 0 16a8 8 0 0 1 0-16zM12 4v16M12 8h6.9M12 12h8M12 16h6.9",
	more: "M12 5.5v.1M12 12v.1M12 18.5v.1",
	mute: "M6 16.5h10M8 16.5V11a4 4 0 0 1 6.5-3M18 16.5l-1.5-2V12M10.5 19.5h3M5 5l14 14",
	next: "M9 5l7 7-7 7",
	pin: "M9 4h6l-1 6 3 3.5H7L10 10zM12 13.5V20",
	plain: "M5 6h14M5 12h14M5 18h8",
	plus: "M12 5v14M5 12h14",
	reply: "M10 6l-6 6 6 6M4 12h11a5 5 0 0 1 5 5v1",
	search: "M10.5 4a6.5 6.5 0 1 1 0 13a6.5 6.5 0 0 1 0-13zM15.5 15.5L20 20",
	send: "M4 12h13M11 5.5l7 6.5-7 6.5",
	settings:
		"M12 9a3 3 0 1 1 0 6a3 3 0 0 1 0-6zM12 3.5v3M12 17.5v3M3.5 12h3M17.5 12h3M6 6l2.1 2.1M15.9 15.9L18 18M18 6l-2.1 2.1M8.1 15.9L6 18",
	smile: "M12 4a8 8 0 1 1 0 16a8 8 0 0 1 0-16zM8.5 14a4 4 0 0 0 7 0M9.2 9.7v.1M14.8 9.7v.1",
	trash: "M5 7h14M9.5 7V4.5h5V7M6.5 7l1 13h9l1-13M10 11v5.5M14 11v5.5",
	unread: "M4 6h10M4 12h16M4 18h16M19 4a2 2 0 1 1 0 4a2 2 0 0 1 0-4z",
};

/** @typedef {keyof typeof paths} IconName */

/** @param {{ name: IconName }} properties */
export function Icon({ name }) {
	return html`<svg class=${`icon icon--${name}`} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
		<path d=${paths[name]} />
	</svg>`;
}
