import assert from "node:assert/strict";
import { test } from "node:test";
import { Place } from "./place.js";

/** A browser's history of one page. @param {string} hash */
function browser(hash) {
	/** @type {{ hash: string, state: unknown }[]} */
	const entries = [{ hash, state: null }];
	let at = 0;
	const view = new EventTarget();
	/** @param {unknown} state @param {string} address */
	const entry = (state, address) => ({ state, hash: address.startsWith("#") ? address : "" });
	const history = {
		get state() {
			return entries[at].state;
		},
		/** @param {any} state @param {string} _ @param {string} address */
		pushState(state, _, address) {
			entries.splice(at + 1, entries.length, entry(state, address));
			at += 1;
		},
		/** @param {any} state @param {string} _ @param {string} address */
		replaceState(state, _, address) {
			entries[at] = entry(state, address);
		},
		back() {
			at -= 1;
			view.dispatchEvent(new Event("popstate"));
		},
	};
	const location = {
		pathname: "/",
		search: "",
		get hash() {
			return entries[at].hash;
		},
	};
	/** @type {(string | null)[]} */
	const told = [];
	const page = /** @type {Window} */ (
		/** @type {unknown} */ (Object.assign(view, { history, location }))
	);
	const place = new Place(page, (name) => told.push(name), new AbortController().signal);
	return { place, told, history, where: () => location.hash };
}

test("one step back leads from a part of a panel to the panel, the conversation and the list", () => {
	const { place, told, history, where } = browser("");
	place.open("bo");
	place.openPanel("settings");
	place.openPanel("settings/privacy");
	assert.equal(where(), "#bo/settings/privacy");
	assert.equal(place.name, "bo");
	place.closePanel();
	assert.equal(place.panel.value, "settings");
	history.back();
	assert.equal(place.panel.value, "");
	assert.equal(where(), "#bo");
	place.close();
	assert.equal(where(), "");
	assert.deepEqual(told, ["bo", null], "a panel is no other conversation");
});

test("who comes straight to a panel gets to what is behind it as well", () => {
	const { place, told, where } = browser("#a%2Fb/settings/privacy");
	assert.equal(place.name, "a/b");
	assert.equal(place.panel.value, "settings/privacy");
	place.closePanel();
	assert.equal(where(), "#a%2Fb/settings");
	place.closePanel();
	assert.equal(where(), "#a%2Fb");
	assert.deepEqual(told, []);
});

test("another conversation, or none, has no panel of the one before", () => {
	const { place, where } = browser("#bo/profile");
	place.open("zed");
	assert.equal(where(), "#zed");
	assert.equal(place.panel.value, "");
	place.openPanel("profile");
	place.close();
	assert.equal(where(), "");
	assert.equal(place.panel.value, "");
});

test("panels are opened without a conversation too, and what cannot be read names none", () => {
	const { place, where } = browser("#%");
	assert.equal(place.name, null);
	place.close();
	place.openPanel("settings");
	assert.equal(where(), "#/settings");
	assert.equal(place.name, null);
	place.closePanel();
	assert.equal(where(), "");
});
