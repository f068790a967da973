// Tests of the model alone: plain data in, plain data out.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Model } from "../model.test.js";
import { apply, applyAll } from "./apply.js";
import { unreadOf } from "./conversation.js";
import { nothingYet } from "./state.js";

/** @typedef {import("../../protocol/types.js").Change} Change */

/** @template T @param {T} value @returns {T} */
function frozen(value) {
	if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
	Object.freeze(value);
	for (const inner of value instanceof Map ? value.values() : Object.values(value)) frozen(inner);
	return value;
}

/** A server and the state of ann's page. */
function begin() {
	const server = new Model();
	server.write("bo", "ann", "1");
	/** @type {Change[]} */
	const changes = [];
	server.emit = (change) => void changes.push(structuredClone(change));
	const snapshot = /** @type {import("../../protocol/types.js").Snapshot} */ (
		/** @type {unknown} */ (server.snapshot())
	);
	const { state } = apply(nothingYet("ann"), { type: "snapshot", snapshot });
	return { server, changes, state, id: server.number("bo") };
}

test("state is never mutated, only replaced", () => {
	const { server, changes, state } = begin();
	server.write("bo", "ann", "2");
	server.write("ann", "cy", "hello");
	server.move("bo", "bo", { read: 1 });
	server.hide(server.messages[0]);
	const before = structuredClone(state);
	const after = applyAll(frozen(state), frozen(changes)).state;
	assert.deepEqual(state, before);
	assert.notEqual(after.conversations, state.conversations);
	assert.equal(after.conversations.size, 2);
});

test("replaying changes from any point makes no difference", () => {
	const deeds = fc.array(
		fc.tuple(fc.constantFrom("write", "edit", "erase", "hide", "read", "pin"), fc.nat(20)),
		{ maxLength: 20 },
	);
	fc.assert(
		fc.property(deeds, fc.nat(20), (steps, at) => {
			const { server, changes, state } = begin();
			for (const [deed, k] of steps) {
				const message = server.messages[k % server.messages.length];
				if (deed === "write") server.write(k % 2 ? "bo" : "ann", k % 2 ? "ann" : "bo", "text");
				else if (deed === "edit") server.change(message.id, { body: `edited ${k}` });
				else if (deed === "erase") server.change(message.id, { body: "", deleted: true });
				else if (deed === "hide") server.hide(message);
				else if (deed === "read") server.move("bo", k % 2 ? "bo" : "ann", { read: k });
				else server.set("bo", { pinned: k % 2 === 0 });
			}
			const once = applyAll(state, changes).state;
			const again = changes.slice(at % (changes.length + 1));
			const twice = applyAll(once, again);
			assert.deepEqual(twice.news, []);
			const shown = (/** @type {typeof once} */ { conversations }) =>
				[...conversations.values()].map(({ state: known, window, last }) => [
					{ ...known, unread: 0 },
					window,
					last,
				]);
			assert.deepEqual(shown(twice.state), shown(once));
		}),
	);
});

test("a limited conversation restarts its window, and what follows is news", () => {
	const { server, state, id } = begin();
	const since = server.revision;
	server.most = 3;
	for (let number = 2; number <= 9; number += 1) server.write("bo", "ann", String(number));
	const { state: after, news } = applyAll(state, server.changes(since));
	const data = after.conversations.get(id);
	assert.deepEqual(
		data?.window.items.map(({ body }) => body),
		["7", "8", "9"],
	);
	assert.deepEqual([data?.window.first, data?.window.last], [7, 9]);
	assert.deepEqual(
		news.map(({ body }) => body),
		["7", "8", "9"],
	);
	assert.equal(data && unreadOf(data, "ann"), 9);
});

test("in an unknown limited conversation, what follows is news as well", () => {
	const { server, state } = begin();
	const since = server.revision;
	server.most = 2;
	for (let number = 1; number <= 4; number += 1) server.write("cy", "ann", String(number));
	const limited = server.changes(since).filter(({ type }) => type !== "conversation");
	const { state: after, news } = applyAll(state, limited);
	assert.equal(after.conversations.get(server.number("cy"))?.state.last_seq, 4);
	assert.equal(news.length, 2);
});

test("a response that arrives before earlier changes leaves the unread count uncertain", () => {
	const { server, changes, state, id } = begin();
	server.write("bo", "ann", "not reported yet");
	const mine = server.write("ann", "bo", "mine", "key");
	const answered = applyAll(state, [{ type: "answer", message: mine }]);
	assert.deepEqual(answered.news, []);
	assert.deepEqual(answered.mine, []);
	assert.ok(answered.state.unknown.has(id));
	const after = applyAll(answered.state, changes);
	assert.equal(after.news.length, 1);
	assert.equal(after.mine.length, 1);
});

test("the first message to a person creates a conversation, whose state is requested", () => {
	const { server, state } = begin();
	const message = server.write("ann", "cy", "hello", "key");
	const { state: after } = apply(state, { type: "answer", message });
	const data = after.conversations.get(server.number("cy"));
	assert.equal(data?.state.with, "cy");
	assert.ok(after.unknown.has(server.number("cy")));
	assert.equal(apply(after, { type: "asked" }).state.unknown.size, 0);
});
