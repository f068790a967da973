import assert from "node:assert/strict";
import { test } from "node:test";
import { IDBFactory } from "fake-indexeddb";
import { Refused, Unreachable } from "../../protocol/api.js";
import { IdbStore } from "../persistence/idb_store.js";
import { LocalStorageStore } from "../persistence/local_storage_store.js";
import { MemoryStorage } from "../persistence/memory_storage.test.js";
import { settle } from "../server.test.js";
import { Outbox } from "./outbox.js";

/**
 * @typedef {import("../../protocol/types.js").Outgoing} Outgoing
 * @typedef {{ outgoing: Outgoing, answer: () => void, fail: (error: Error) => void }} Request
 */

/** @param {string} recipient */
const to = (recipient) => ({ conversation: null, recipient });

/** Ann's browser, with any number of pages; the test answers their requests. */
class Browser {
	factory = new IDBFactory();
	storage = new MemoryStorage();
	/** @type {Request[]} */
	requests = [];
	/** @type {Outbox[]} */
	pages = [];
	async page({ owner = "ann", keeps = true } = {}) {
		const writer = String(this.pages.length);
		const store = keeps
			? await IdbStore.open(owner, writer, this.factory)
			: new IdbStore(null, owner, writer);
		const box = new Outbox({
			send: (outgoing) =>
				new Promise((answer, fail) => {
					this.requests.push({ outgoing, answer, fail });
				}),
			store,
			storage: new LocalStorageStore(this.storage, owner),
			broadcast: () => {
				for (const page of this.pages) if (page !== box) page.read();
			},
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
		this.requests[index].answer();
		await settle();
	}

	/** @param {number} index @param {Error} error */
	async fail(index, error) {
		this.requests[index].fail(error);
		await settle();
	}
}

test("messages to one person are sent one at a time, in order", async () => {
	const browser = new Browser();
	const box = await browser.leader();
	box.add(to("bo"), "one");
	box.add(to("bo"), "two");
	box.add(to("zed"), "other");
	assert.deepEqual(browser.sent, ["one", "other"]);
	await browser.accept(0);
	assert.deepEqual(browser.sent, ["one", "other", "two"]);
	await browser.accept(1);
	await browser.accept(2);
	assert.deepEqual(box.pending.value, []);
});

test("a reply and a forwarded message name the original", async () => {
	const browser = new Browser();
	const box = await browser.leader();
	const message = /** @type {import("../../protocol/types.js").Message} */ ({
		id: 7,
		user: "bo",
		body: "Tea?",
	});
	box.add(to("bo"), "Yes", { replyTo: message });
	box.add(to("zed"), "Tea?", { forward: message });
	const [{ outgoing: answer }, { outgoing: forwarded }] = browser.requests;
	assert.equal(answer.reply_to, 7);
	assert.deepEqual(
		{ ...forwarded, client_id: "" },
		{ recipient: "zed", client_id: "", forward: 7 },
	);
});

test("a failed send is retried with the same key, and nothing overtakes it", async (t) => {
	t.mock.timers.enable({ apis: ["setTimeout"] });
	const browser = new Browser();
	const box = await browser.leader();
	box.add(to("bo"), "one");
	box.add(to("bo"), "two");
	await browser.fail(0, new Unreachable());
	assert.equal(browser.requests.length, 1);
	t.mock.timers.tick(500);
	assert.equal(browser.requests[1].outgoing.client_id, browser.requests[0].outgoing.client_id);
	await browser.accept(1);
	await browser.accept(2);
	assert.deepEqual(browser.sent, ["one", "one", "two"]);
});

test("Retry-After is respected, unless retryNow is called", async (t) => {
	t.mock.timers.enable({ apis: ["setTimeout"] });
	const browser = new Browser();
	const box = await browser.leader();
	box.add(to("bo"), "one");
	await browser.fail(0, new Refused("busy", "Busy.", 9000));
	t.mock.timers.tick(8999);
	assert.equal(browser.requests.length, 1);
	t.mock.timers.tick(1);
	assert.equal(browser.requests.length, 2);
	await browser.fail(1, new Refused("busy", "Busy.", 9000));
	box.retryNow();
	assert.equal(browser.requests.length, 3);
	box.stop();
});

test("a permanently refused message stays, with the reason, and does not block the next", async () => {
	const browser = new Browser();
	const box = await browser.leader();
	box.add(to("bo"), "one");
	box.add(to("bo"), "two");
	await browser.fail(0, new Refused("invalid", "Too rude."));
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

test("a key already used for another message is replaced before the retry", async () => {
	const browser = new Browser();
	const box = await browser.leader();
	box.add(to("bo"), "one");
	await browser.fail(0, new Refused("client_id_reused", "Key reused."));
	box.tryAgain(box.pending.value[0].client_id);
	const [first, second] = browser.requests;
	assert.equal(second.outgoing.body, "one");
	assert.notEqual(second.outgoing.client_id, first.outgoing.client_id);
});

test("unsent messages survive closing the page and are sent once, in order, by the next", async () => {
	const browser = new Browser();
	const first = await browser.page();
	first.add(to("bo"), "one");
	first.add(to("bo"), "two");
	await settle();
	browser.pages = [];
	const second = await browser.leader();
	assert.equal(second.pending.value.length, 2);
	await browser.accept(0);
	await browser.accept(1);
	assert.deepEqual(browser.sent, ["one", "two"]);
	assert.deepEqual((await browser.page()).pending.value, []);
});

test("a page closed before the database stored its entries loses nothing", async () => {
	const browser = new Browser();
	const first = await browser.page();
	first.add(to("bo"), "one");
	first.add(to("bo"), "two");
	// The page dies here: its transaction was not committed, and it does not remove anything from the storage any more.
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

test("of two pages one sends, and both show what is pending and what failed", async () => {
	const browser = new Browser();
	const leader = await browser.leader();
	const other = await browser.page();
	other.add(to("bo"), "written elsewhere");
	await settle();
	assert.deepEqual(browser.sent, ["written elsewhere"]);
	assert.equal(leader.pending.value.length, 1);
	await browser.fail(0, new Refused("invalid", "No."));
	assert.equal(other.pending.value[0].problem, "No.");
	other.forget(other.pending.value[0].client_id);
	await settle();
	assert.deepEqual(leader.pending.value, []);
});

test("a browser without storage sends from every page", async () => {
	const browser = new Browser();
	const box = await browser.page({ keeps: false });
	box.add(to("bo"), "one");
	box.add(to("bo"), "two");
	await settle();
	await browser.accept(0);
	await browser.accept(1);
	assert.deepEqual(browser.sent, ["one", "two"]);
});

test("what the server accepted but never reported is sent again, with the same key", async () => {
	const browser = new Browser();
	const box = await browser.leader();
	box.add(to("bo"), "one");
	box.add(to("bo"), "two");
	await browser.accept(0);
	await browser.accept(1);
	assert.deepEqual(box.pending.value, []);
	const [{ client_id }, { client_id: lost }] = browser.requests.map(({ outgoing }) => outgoing);
	box.arrived(/** @type {import("../../protocol/types.js").Message} */ ({ id: 1, client_id }));
	box.caughtUp();
	assert.deepEqual(browser.sent, ["one", "two", "two"]);
	assert.equal(browser.requests[2].outgoing.client_id, lost);
	await browser.accept(2);
	assert.deepEqual(box.pending.value, []);
});

test("entries of an earlier version are sent, and unreadable ones are skipped", async () => {
	const browser = new Browser();
	browser.storage.setItem("chinwag/ann/unsent/k1", JSON.stringify({ client_id: "k1", body: 7 }));
	const old = { client_id: "k2", recipient: "bo", body: "old", at: 5, state: "waiting", status: 0 };
	browser.storage.setItem("chinwag/ann/unsent/k2", JSON.stringify({ ...old, reply_to: null }));
	const store = await IdbStore.open("ann", "x", browser.factory);
	const kept = { ...old, client_id: "k3", body: "kept", at: 4 };
	await store.put(/** @type {import("../types.js").Entry} */ (/** @type {unknown} */ (kept)));
	await store.put(/** @type {any} */ ({ client_id: "k4", recipient: {}, body: "damaged" }));
	const box = await browser.leader();
	await settle();
	assert.deepEqual(
		box.pending.value.map(({ body, recipient }) => [body, recipient]),
		[
			["kept", "bo"],
			["old", "bo"],
		],
	);
	assert.equal(browser.storage.length, 0);
	await browser.accept(0);
	await browser.accept(1);
	assert.deepEqual(browser.sent, ["kept", "old"]);
});

test("a message of a lost session waits for the same user's next session only", async () => {
	const browser = new Browser();
	const box = await browser.leader();
	box.add(to("bo"), "one");
	await browser.fail(0, new Refused("signed_out", "Log in."));
	assert.equal(box.pending.value.length, 1);
	assert.equal((await browser.page()).pending.value.length, 1);
	assert.equal((await browser.page({ owner: "zed" })).pending.value.length, 0);
	assert.equal((await browser.page()).pending.value.length, 1);
});
