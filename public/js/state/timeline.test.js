import assert from "node:assert/strict";
import { test } from "node:test";
import { merge, Timeline } from "./timeline.js";

/** @param {number} id */
const message = (id) => ({ id, user: "bo", recipient: "ann", timestamp: "", body: `#${id}` });

/** @param {{ id: number }[]} messages */
const ids = (messages) => messages.map(({ id }) => id);

test("messages are in order and never doubled, however they arrive", () => {
	const known = [message(3), message(5)];
	assert.deepEqual(ids(merge(known, [message(6), message(7)])), [3, 5, 6, 7]);
	assert.deepEqual(ids(merge(known, [message(4), message(5), message(9)])), [3, 4, 5, 9]);
	assert.equal(merge(known, []), known);
});

test("pages go backwards and stop at the first message", async () => {
	/** @type {(number | null)[]} */
	const asked = [];
	const timeline = new Timeline(async (before) => {
		asked.push(before);
		return before === null
			? { messages: [message(4), message(3)], more: true }
			: { messages: [message(2), message(1)], more: false };
	}, 2);
	timeline.insert([message(5)]);
	await timeline.load();
	await timeline.loadOlder();
	await timeline.loadOlder();
	assert.deepEqual(ids(timeline.messages.value), [1, 2, 3, 4, 5]);
	assert.deepEqual(asked, [null, 3]);
});

test("a failed page can be asked for again", async () => {
	let fail = true;
	const timeline = new Timeline(async () => {
		if (fail) throw new Error("no");
		return { messages: [], more: false };
	}, 2);
	await assert.rejects(timeline.load());
	assert.equal(timeline.state.value, "error");
	fail = false;
	await timeline.load();
	assert.equal(timeline.state.value, "ready");
});
