import assert from "node:assert/strict";
import { test } from "node:test";
import { IDBFactory } from "fake-indexeddb";
import { Refused, Unreachable } from "../protocol/api.js";
import { Depot } from "./depot.js";
import { MemoryStorage } from "./memory_storage.test.js";
import { Outbox } from "./outbox.js";
import { settle } from "./server.test.js";
import { Shelf } from "./shelf.js";

/**
 * @typedef {import("../protocol/types.js").Outgoing} Outgoing
 * @typedef {{ outgoing: Outgoing, answer: (message: { id: number }) => void, fail: (error: Error) => void }} Request
 */

/** Ann's browser, with as many pages as are opened; what they send is answered by hand. */
class Browser {
	factory = new IDBFactory();
	storage = new MemoryStorage();
	/** @type {Request[]} */
	requests = [];
	/** @type {Outbox[]} */
	pages = [];
	/** Messages up to this id are known to the pages. */
	known = 0;

	async page({ owner = "ann", keeps = true } = {}) {
		const writer = String(this.pages.length);
		const depot = keeps
			? await Depot.open(owner, writer, this.factory)
			: new Depot(null, owner, writer);
		const box = new Outbox({
			send: (outgoing) =>
				new Promise((answer, fail) => {
					this.requests.push({ outgoing, answer, fail });
				}),
			depot,
			shelf: new Shelf(this.storage, owner),
			tell: () => {
				for (const page of this.pages) if (page !== box) page.read();
			},
			isKnown: (id) => id <= this.known,
		});
		this.pages.push(box);
		await box.begin();
		return box;
	}

	async leader() {
		const box = await this.page();
		await box.lead();
		return box;
	}

	get sent() {
		return this.requests.map(({ outgoing }) => outgoing.body);
	}

	/** @param {number} index */
	async accept(index) {
		this.known = index + 1;
		this.requests[index].answer({ id: index + 1 });
		await settle();
	}

	/** @param {number} index @param {Error} error */
	async fail(index, error) {
		this.requests[index].fail(error);
		await settle();
	}
}

test("messages to one person go one at a time, in the order they were written", async () => {
	const browser = new Browser();
	const box = await browser.leader();
	box.add("bo", "one");
	box.add("bo", "two");
	box.add("zed", "other");
	assert.deepEqual(browser.sent, ["one", "other"]);
	await browser.accept(0);
	assert.deepEqual(browser.sent, ["one", "other", "two"]);
	await browser.accept(1);
	await browser.accept(2);
	assert.deepEqual(box.pending.value, []);
});

test("an answer and a forwarded message name what they are about", async () => {
	const browser = new Browser();
	const box = await browser.leader();
	const message = /** @type {import("../protocol/types.js").Message} */ ({
		id: 7,
		user: "bo",
		body: "Tea?",
	});
	box.add("bo", "Yes", { replyTo: message });
	box.add("zed", "Tea?", { forward: message });
	const [{ outgoing: answer }, { outgoing: forwarded }] = browser.requests;
	assert.equal(answer.reply_to, 7);
	assert.deepEqual(
		{ ...forwarded, client_id: "" },
		{ recipient: "zed", client_id: "", forward: 7 },
	);
});

test("a failed send is tried again under the same key, and nothing overtakes it", async (t) => {
	t.mock.timers.enable({ apis: ["setTimeout"] });
	const browser = new Browser();
	const box = await browser.leader();
	box.add("bo", "one");
	box.add("bo", "two");
	await browser.fail(0, new Unreachable());
	assert.equal(browser.requests.length, 1);
	t.mock.timers.tick(500);
	assert.equal(browser.requests[1].outgoing.client_id, browser.requests[0].outgoing.client_id);
	await browser.accept(1);
	await browser.accept(2);
	assert.deepEqual(browser.sent, ["one", "one", "two"]);
});

test("a busy server is given the time it asks for, unless there is new hope", async (t) => {
	t.mock.timers.enable({ apis: ["setTimeout"] });
	const browser = new Browser();
	const box = await browser.leader();
	box.add("bo", "one");
	await browser.fail(0, new Refused(503, "Busy.", 9000));
	t.mock.timers.tick(8999);
	assert.equal(browser.requests.length, 1);
	t.mock.timers.tick(1);
	assert.equal(browser.requests.length, 2);
	await browser.fail(1, new Refused(503, "Busy.", 9000));
	box.hurry();
	assert.equal(browser.requests.length, 3);
	box.stop();
});

test("what the server refuses for good stays, with the reason, and lets the next go", async () => {
	const browser = new Browser();
	const box = await browser.leader();
	box.add("bo", "one");
	box.add("bo", "two");
	await browser.fail(0, new Refused(400, "Too rude."));
	assert.equal(browser.requests[1].outgoing.body, "two");
	await browser.accept(1);
	const [failed] = box.pending.value;
	assert.equal(failed.state, "failed");
	assert.equal(failed.problem, "Too rude.");
	box.tryAgain(failed.client_id);
	assert.equal(browser.requests[2].outgoing.client_id, failed.client_id);
	await browser.accept(2);
	assert.deepEqual(box.pending.value, []);
});

test("a key that means another message is replaced before trying again", async () => {
	const browser = new Browser();
	const box = await browser.leader();
	box.add("bo", "one");
	await browser.fail(0, new Refused(422, "Key reused."));
	box.tryAgain(box.pending.value[0].client_id);
	const [first, second] = browser.requests;
	assert.equal(second.outgoing.body, "one");
	assert.notEqual(second.outgoing.client_id, first.outgoing.client_id);
});

test("unsent messages survive the page and are sent once, in order, by the next", async () => {
	const browser = new Browser();
	const first = await browser.page();
	first.add("bo", "one");
	first.add("bo", "two");
	await settle();
	browser.pages = [];
	const second = await browser.leader();
	assert.equal(second.pending.value.length, 2);
	await browser.accept(0);
	await browser.accept(1);
	assert.deepEqual(browser.sent, ["one", "two"]);
	assert.deepEqual((await browser.page()).pending.value, []);
});

test("a page closed before the database has what was written loses nothing", async () => {
	const browser = new Browser();
	const first = await browser.page();
	first.add("bo", "one");
	first.add("bo", "two");
	// The page dies here: of its transaction nothing was done, and it takes nothing off the shelf any more.
	const left = new MemoryStorage();
	for (let index = 0; index < browser.storage.length; index += 1) {
		const key = browser.storage.key(index) ?? "";
		left.setItem(key, browser.storage.getItem(key) ?? "");
	}
	Object.assign(browser, { pages: [], storage: left, factory: new IDBFactory() });
	const second = await browser.leader();
	await browser.accept(0);
	await browser.accept(1);
	assert.deepEqual(browser.sent, ["one", "two"]);
	assert.deepEqual(second.pending.value, []);
	assert.deepEqual((await browser.page()).pending.value, []);
	assert.equal(browser.storage.length, 0);
});

test("of two pages one sends, and both show what waits and what failed", async () => {
	const browser = new Browser();
	const leader = await browser.leader();
	const other = await browser.page();
	other.add("bo", "written elsewhere");
	await settle();
	assert.deepEqual(browser.sent, ["written elsewhere"]);
	assert.equal(leader.pending.value.length, 1);
	await browser.fail(0, new Refused(400, "No."));
	assert.equal(other.pending.value[0].problem, "No.");
	other.forget(other.pending.value[0].client_id);
	await settle();
	assert.deepEqual(leader.pending.value, []);
});

test("a browser that keeps nothing sends from every page", async () => {
	const browser = new Browser();
	const box = await browser.page({ keeps: false });
	box.add("bo", "one");
	box.add("bo", "two");
	await settle();
	await browser.accept(0);
	await browser.accept(1);
	assert.deepEqual(browser.sent, ["one", "two"]);
});

test("what was sent stays in sight until the message itself has come", async () => {
	const browser = new Browser();
	const box = await browser.leader();
	box.add("bo", "one");
	await settle();
	browser.requests[0].answer({ id: 9 });
	await settle();
	assert.equal(box.pending.value.length, 1);
	assert.deepEqual((await browser.page()).pending.value, []);
	const [{ client_id }] = box.pending.value;
	box.arrived(/** @type {import("../protocol/types.js").Message} */ ({ id: 9, client_id }));
	assert.deepEqual(box.pending.value, []);
	assert.equal(browser.requests.length, 1);
});

test("a lost session keeps the message for the next one, and for nobody else", async () => {
	const browser = new Browser();
	const box = await browser.leader();
	box.add("bo", "one");
	const refusal = new Refused(403, "Log in.");
	refusal.signedOut = true;
	await browser.fail(0, refusal);
	assert.equal(box.pending.value.length, 1);
	assert.equal((await browser.page()).pending.value.length, 1);
	assert.equal((await browser.page({ owner: "zed" })).pending.value.length, 0);
	assert.equal((await browser.page()).pending.value.length, 0);
});
