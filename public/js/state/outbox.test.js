import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Refused, Unreachable } from "../protocol/api.js";
import { MemoryStorage } from "./memory_storage.test.js";
import { Outbox } from "./outbox.js";
import { Shelf } from "./shelf.js";

/** Lets every promise that can settle do so. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** @param {{ storage?: MemoryStorage }} [parts] */
function outbox({ storage = new MemoryStorage() } = {}) {
	/** @type {{ outgoing: import("../protocol/api.js").Outgoing, answer: (message: import("../protocol/api.js").Message) => void, fail: (error: Error) => void }[]} */
	const requests = [];
	/** @type {string[]} */
	const sent = [];
	let signedOut = 0;
	const box = new Outbox({
		send: (outgoing) =>
			new Promise((answer, fail) => {
				requests.push({ outgoing, answer, fail });
			}),
		shelf: new Shelf(storage, "ann"),
		onSent: (message) => sent.push(message.body),
		onSignedOut: () => {
			signedOut += 1;
		},
	});
	/** @param {number} index */
	const stored = (index) => {
		const { recipient, body } = requests[index].outgoing;
		return { id: index + 1, user: "ann", recipient, timestamp: "", body };
	};
	return {
		box,
		requests,
		sent,
		stored,
		storage,
		/** @param {number} index */
		accept: (index) => {
			requests[index].answer(stored(index));
			return settle();
		},
		/**
		 * @param {number} index
		 * @param {Error} error
		 */
		fail: (index, error) => {
			requests[index].fail(error);
			return settle();
		},
		signedOut: () => signedOut,
	};
}

test("messages to one person go one at a time, in the order they were written", async () => {
	const { box, requests, sent, accept } = outbox();
	box.add("bo", "one");
	box.add("bo", "two");
	box.add("zed", "other");
	assert.deepEqual(
		requests.map(({ outgoing }) => outgoing.body),
		["one", "other"],
	);
	await accept(0);
	assert.equal(requests[2].outgoing.body, "two");
	await accept(2);
	await accept(1);
	assert.deepEqual(sent, ["one", "two", "other"]);
	assert.deepEqual(box.pending.value, []);
});

test("a network failure is retried under the same key and nothing overtakes it", async (t) => {
	t.after(() => mock.timers.reset());
	mock.timers.enable({ apis: ["setTimeout"] });
	const { box, requests, fail, accept, sent } = outbox();
	box.add("bo", "one");
	box.add("bo", "two");
	await fail(0, new Unreachable());
	assert.equal(requests.length, 1);
	mock.timers.tick(1000);
	assert.equal(requests[1].outgoing.client_id, requests[0].outgoing.client_id);
	await accept(1);
	await accept(2);
	assert.deepEqual(sent, ["one", "two"]);
});

test("a busy server is given the time it asks for, unless there is new hope", async (t) => {
	t.after(() => mock.timers.reset());
	mock.timers.enable({ apis: ["setTimeout"] });
	const { box, requests, fail } = outbox();
	box.add("bo", "one");
	await fail(0, new Refused(503, "Busy.", 9000));
	mock.timers.tick(8999);
	assert.equal(requests.length, 1);
	mock.timers.tick(1);
	assert.equal(requests.length, 2);
	await fail(1, new Refused(503, "Busy.", 9000));
	box.hurry();
	assert.equal(requests.length, 3);
	box.stop();
});

test("what the server refuses for good stays, with the reason, and lets the next go", async () => {
	const { box, requests, fail, accept } = outbox();
	box.add("bo", "one");
	box.add("bo", "two");
	await fail(0, new Refused(400, "Too rude."));
	assert.equal(requests[1].outgoing.body, "two");
	await accept(1);
	const [failed] = box.pending.value;
	assert.equal(failed.state, "failed");
	assert.equal(failed.problem, "Too rude.");
	box.tryAgain(failed.client_id);
	assert.equal(requests[2].outgoing.client_id, failed.client_id);
	await accept(2);
	assert.deepEqual(box.pending.value, []);
});

test("a key that means another message is replaced before trying again", async () => {
	const { box, requests, fail } = outbox();
	box.add("bo", "one");
	await fail(0, new Refused(422, "Key reused."));
	box.tryAgain(box.pending.value[0].client_id);
	assert.equal(requests[1].outgoing.body, "one");
	assert.notEqual(requests[1].outgoing.client_id, requests[0].outgoing.client_id);
});

test("unsent messages survive the page and are sent once by the next", async () => {
	const first = outbox();
	first.box.add("bo", "one");
	first.box.add("bo", "two");
	const second = outbox({ storage: first.storage });
	assert.equal(second.box.pending.value.length, 2);
	second.box.hurry();
	assert.equal(second.requests[0].outgoing.client_id, first.requests[0].outgoing.client_id);
	await second.accept(0);
	await second.accept(1);
	assert.equal(first.storage.length, 0);
});

test("a message seen on the live line first is not shown twice", async () => {
	const { box, stored, accept, fail } = outbox();
	box.add("bo", "same");
	box.add("bo", "same");
	box.arrived(stored(0));
	assert.equal(box.pending.value.length, 1);
	await accept(0);
	assert.equal(box.pending.value.length, 1);
	await fail(1, new Refused(400, "No."));
	assert.equal(box.pending.value[0].state, "failed");
});

test("a lost session keeps the message for the next one", async () => {
	const { box, fail, signedOut, storage } = outbox();
	box.add("bo", "one");
	await fail(0, new Refused(403, "Log in."));
	assert.equal(signedOut(), 1);
	assert.equal(box.pending.value.length, 1);
	assert.equal(storage.length, 1);
});
