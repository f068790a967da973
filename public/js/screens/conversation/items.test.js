import assert from "node:assert/strict";
import { test } from "node:test";
import { byDay, itemsOf, keyOf } from "./items.js";

/**
 * @param {number} seq
 * @param {string} user
 * @param {string} day
 * @returns {import("../../state/types.js").Message}
 */
function message(seq, user, day = "2026-11-24") {
	return {
		id: seq * 10,
		seq,
		user,
		recipient: "bo",
		timestamp: `${day}T12:00:00Z`,
		body: `text ${seq}`,
		conversation: 1,
		revision: seq * 10,
		client_id: user === "ann" ? `k${seq}` : null,
		edited_at: null,
		deleted: false,
		forwarded: false,
		reply_to: null,
		reactions: [],
	};
}

/** @type {import("../../state/types.js").Entry} */
const entry = {
	client_id: "k9",
	conversation: 1,
	recipient: "bo",
	body: "on its way",
	reply_to: null,
	forward: null,
	at: Date.parse("2026-11-24T13:00:00Z"),
	state: "waiting",
	problem: "",
	code: "",
};

test("a sent message keeps the key it had while pending", () => {
	const items = itemsOf([message(1, "bo")], [entry], "ann");
	assert.equal(items.at(1).key, "ck9");
	assert.equal(keyOf(message(9, "ann"), "ann"), "ck9");
	assert.equal(items.indexOf("ck9"), 1);
	assert.equal(items.indexOf("m10"), 0);
	assert.equal(items.indexOf("gone"), -1);
});

test("messages are grouped by day, and within a day by person", () => {
	const messages = [
		message(1, "bo", "2026-11-23"),
		message(2, "bo"),
		message(3, "bo"),
		message(4, "ann"),
	];
	const days = byDay(itemsOf(messages, [entry], "ann"), [0, 5], null);
	assert.deepEqual(
		days.map((day) => day.map(({ first }) => first)),
		[[true], [true, false, true, false]],
	);
});

test("the divider appears once, and not in a part that starts after it", () => {
	const items = itemsOf([message(1, "bo"), message(2, "bo"), message(3, "bo")], [], "ann");
	const divided = (/** @type {[number, number]} */ part) =>
		byDay(items, part, 2)
			.flat()
			.map((shown) => shown.divided);
	assert.deepEqual(divided([0, 3]), [false, true, false]);
	assert.deepEqual(divided([2, 3]), [false]);
	assert.deepEqual(byDay(items, [0, 3], 1).flat()[0].divided, true);
});
