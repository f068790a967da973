import assert from "node:assert/strict";
import { test } from "node:test";
import { Place } from "./place.js";

/** A fake browser history. @param {string} hash */
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
	/** @type {(import("./place.js").Target | null)[]} */
	const changes = [];
	const page = /** @type {Window} */ (
		/** @type {unknown} */ (Object.assign(view, { history, location }))
	);
	const place = new Place(page, (target) => changes.push(target), new AbortController().signal);
	return { place, changes, history, where: () => location.hash };
}

test("going back leads from a subpanel to its panel, the conversation and the list", () => {
	const { place, changes, history, where } = browser("");
	place.open("c/5");
	place.openPanel("settings");
	place.openPanel("settings/privacy");
	assert.equal(where(), "#/c/5/settings/privacy");
	assert.equal(place.key, "c/5");
	place.closePanel();
	assert.equal(place.panel.value, "settings");
	history.back();
	assert.equal(place.panel.value, "");
	assert.equal(where(), "#/c/5");
	place.close();
	assert.equal(where(), "");
	assert.deepEqual(changes, [{ id: 5 }, null], "a panel does not change the conversation");
});

test("a panel opened directly by its URL closes to what is behind it", () => {
	const { place, changes, where } = browser("#/p/a%2Fb/settings/privacy");
	assert.equal(place.key, "p/a/b");
	assert.equal(place.panel.value, "settings/privacy");
	place.closePanel();
	assert.equal(where(), "#/p/a%2Fb/settings");
	place.closePanel();
	assert.equal(where(), "#/p/a%2Fb");
	assert.deepEqual(changes, []);
});

test("switching or closing the conversation closes its panel", () => {
	const { place, where } = browser("#/p/bo/profile");
	place.open("c/7");
	assert.equal(where(), "#/c/7");
	assert.equal(place.panel.value, "");
	place.openPanel("profile");
	place.close();
	assert.equal(where(), "");
	assert.equal(place.panel.value, "");
});

test("a panel can be open without a conversation, and an unreadable fragment names none", () => {
	const { place, where } = browser("#%");
	assert.equal(place.key, null);
	place.close();
	place.openPanel("settings");
	assert.equal(where(), "#/settings");
	assert.equal(place.key, null);
	place.closePanel();
	assert.equal(where(), "");
});

test("fragments of an earlier version lead to the same places, and a new key replaces them", () => {
	for (const [hash, key, panel] of [
		["#bo", "p/bo", ""],
		["#b%C3%B6/profile", "p/bö", "profile"],
		["#bo/settings/privacy", "p/bo", "settings/privacy"],
		["#/settings/privacy", null, "settings/privacy"],
		["#/c/5x", null, ""],
		["#/c/", null, ""],
		["#/p/%", null, ""],
	]) {
		const { place } = browser(/** @type {string} */ (hash));
		assert.deepEqual([place.key, place.panel.value], [key, panel], String(hash));
	}
	const { place, changes, where, history } = browser("#bo/profile");
	place.rename("c/5");
	assert.equal(where(), "#/c/5/profile");
	assert.deepEqual(changes, []);
	history.pushState(null, "", "#/c/6");
	place.rename("c/6");
	assert.equal(place.key, "c/6");
});
