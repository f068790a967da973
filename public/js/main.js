// Builds the page: reads what the server wrote into it, makes the parts and ties them together.

import { html, render } from "./components/html.js";
import { browserStorage } from "./lib/browser_storage.js";
import { Place } from "./lib/place.js";
import { loadTexts } from "./lib/texts.js";
import { Api } from "./protocol/api.js";
import { LiveLine } from "./protocol/socket.js";
import { App } from "./screens/app.js";
import { Centre } from "./state/centre.js";
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

const centre = new Centre({
	me,
	api: new Api(),
	shelf,
	pageSize: Number(fromServer("messages-to-load")) || 30,
	onSignedOut: signedOut,
});

const address = `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/ws`;
const line = new LiveLine(address, {
	onState: (state) => centre.lineChanged(state === "open"),
	onEvent: () => centre.catchUp(),
	onFailure: () => centre.catchUp(),
});
signal.addEventListener("abort", () => {
	line.stop();
	centre.stop();
});

const place = new Place(window, (name) => centre.show(name), signal);

window.addEventListener("offline", () => centre.wentOffline(), { signal });
window.addEventListener(
	"online",
	() => {
		line.renew();
		centre.checkAgain();
	},
	{ signal },
);
window.addEventListener(
	"storage",
	({ key, newValue }) => newValue ?? centre.outbox.goneElsewhere(key),
	{
		signal,
	},
);
document.addEventListener(
	"visibilitychange",
	() => {
		const visible = document.visibilityState === "visible";
		centre.look(visible);
		if (!visible) return;
		line.hurry();
		centre.checkAgain();
	},
	{ signal },
);

centre.look(document.visibilityState === "visible");
centre.show(place.name);
centre.outbox.hurry();
line.start();
centre.catchUp();

const root = document.querySelector("#app");
if (root) {
	root.replaceChildren();
	const mark = document.querySelector('link[rel="icon"]')?.getAttribute("href") ?? "";
	const leave = () => {
		life.abort();
		shelf.clear();
	};
	render(html`<${App} centre=${centre} place=${place} mark=${mark} leave=${leave} />`, root);
}
