// Builds the page: reads what the server wrote into it, makes the parts and ties them together.

import { html, render } from "./components/html.js";
import { browserStorage } from "./lib/browser_storage.js";
import { newClientId } from "./lib/ids.js";
import { lead } from "./lib/leading.js";
import { Place } from "./lib/place.js";
import { keepShell } from "./lib/shell.js";
import { loadTexts } from "./lib/texts.js";
import { Api } from "./protocol/api.js";
import { LiveLine, liveAddress } from "./protocol/socket.js";
import { App } from "./screens/app.js";
import { Desks } from "./screens/conversation/desk.js";
import { Centre } from "./state/centre.js";
import { Depot } from "./state/depot.js";
import { Shelf } from "./state/shelf.js";

/** @param {string} name */
function fromServer(name) {
	const element = document.querySelector(`meta[name="chinwag-${name}"]`);
	return element?.getAttribute("content") ?? "";
}

await loadTexts();

const me = fromServer("me");
const shelf = new Shelf(browserStorage(), me);
shelf.evictOthers();

const life = new AbortController();
const { signal } = life;

function signedOut() {
	life.abort();
	location.assign(`/login/?next=${encodeURIComponent(location.pathname)}`);
}

/** The other pages of this browser that show the same person's messages. */
const pages = new BroadcastChannel(`chinwag/${me}`);

const centre = new Centre({
	me,
	api: new Api({ onSignedOut: signedOut }),
	depot: await Depot.open(me, newClientId()),
	shelf,
	pageSize: Number(fromServer("messages-to-load")) || 30,
	line: (listener) => new LiveLine(liveAddress(location), listener),
	tell: (word) => pages.postMessage(word),
	onSignedOut: signedOut,
});
// The channel stays open: what is kept on the way out is told as well.
signal.addEventListener("abort", () => centre.stop());
pages.addEventListener("message", ({ data }) => centre.heard(data), { signal });

const place = new Place(window, (name) => centre.show(name), signal);

/** Visible is not looked at: the window may be behind another one. */
const look = () => centre.look(document.visibilityState === "visible" && document.hasFocus());
window.addEventListener("online", () => centre.online(), { signal });
window.addEventListener("offline", () => centre.offline(), { signal });
window.addEventListener("focus", look, { signal });
window.addEventListener("blur", look, { signal });
document.addEventListener("visibilitychange", look, { signal });

const desks = new Desks(centre);
await centre.start();
centre.people.search("");
centre.show(place.name);
look();
lead(`chinwag/${me}`, () => centre.lead(), signal);

const root = document.querySelector("#app");
if (root) {
	root.replaceChildren();
	const mark = document.querySelector('link[rel="icon"]')?.getAttribute("href") ?? "";
	const leave = async () => {
		await centre.forget();
		life.abort();
		shelf.clear();
	};
	render(
		html`<${App} centre=${centre} place=${place} desks=${desks} mark=${mark} leave=${leave} />`,
		root,
	);
}

// Keeping the page must not compete with showing it.
const idle = window.requestIdleCallback ?? setTimeout;
if (document.readyState === "complete") idle(keepShell);
else window.addEventListener("load", () => idle(keepShell), { signal });
