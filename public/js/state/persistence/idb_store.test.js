import assert from "node:assert/strict";
import { test } from "node:test";
import { IDBFactory } from "fake-indexeddb";
import { answer, OPEN_TIMEOUT, openDatabase, transact } from "../../lib/database.js";
import { Server, settle, visit } from "../server.test.js";
import { IdbStore } from "./idb_store.js";

/** @param {import("../client/client.js").ChatClient} client @param {string} name */
const bodies = (client, name) => client.person(name).messages.value.map(({ body }) => body);

/** @param {import("../client/client.js").ChatClient} client */
const list = (client) =>
	client.conversations.value.map(({ name, unread, last }) => [
		name,
		unread.value,
		last.value?.body,
	]);

async function browser(factory = new IDBFactory()) {
	const server = new Server();
	for (let number = 1; number <= 50; number += 1) server.write("bo", "ann", String(number));
	server.write("ann", "cy", "Hello");
	let pages = 0;
	const page = async () => {
		pages += 1;
		const { client } = await visit(server, {
			store: await IdbStore.open("ann", String(pages), factory),
		});
		return client;
	};
	return { factory, server, page };
}

test("the last state shows at once, offline, and catches up from its cursor", async (t) => {
	const { server, page } = await browser();
	const first = await page();
	server.open();
	await settle();
	first.show({ person: "bo" });
	await settle();
	const before = list(first);
	first.stop();
	server.down = true;
	server.cut();
	const second = await page();
	t.after(() => second.stop());
	assert.deepEqual(list(second), before);
	assert.deepEqual(bodies(second, "bo"), bodies(first, "bo").slice(-30));
	server.down = false;
	server.sockets = [];
	server.write("bo", "ann", "51");
	server.change(server.messages[48].id, { body: "edited" });
	server.requests = [];
	second.online();
	server.open();
	await settle();
	assert.deepEqual(bodies(second, "bo").slice(-3), ["edited", "50", "51"]);
	assert.deepEqual(server.requests, []);
});

test("delivered is acknowledged only after the message is stored", async (t) => {
	const { factory, server, page } = await browser();
	const client = await page();
	t.after(() => client.stop());
	server.open();
	await settle();
	const open = factory.open("chinwag");
	await settle();
	const transaction = open.result.transaction("conversations", "readwrite");
	let held = true;
	const hold = () => {
		const request = transaction.objectStore("conversations").count();
		request.onsuccess = () => held && hold();
	};
	hold();
	server.write("bo", "ann", "51");
	await settle();
	const delivered = () => server.socket.sent.filter(({ delivered }) => delivered === 51).length;
	assert.deepEqual(bodies(client, "bo").at(-1), "51");
	assert.equal(delivered(), 0);
	held = false;
	await new Promise((resolve) => setTimeout(resolve, 150));
	assert.equal(delivered(), 1);
});

test("pages without a common lock both store, and never overwrite a newer state", async (t) => {
	const { factory, server, page } = await browser();
	const behind = await page();
	const ahead = await page();
	t.after(() => behind.stop());
	t.after(() => ahead.stop());
	server.open();
	await settle();
	server.write("bo", "ann", "51");
	server.write("cy", "ann", "52");
	await settle();
	behind.actions.setConversation(behind.person("bo"), { pinned: true });
	await settle();
	const kept = await (await IdbStore.open("ann", "reader", factory)).load();
	assert.equal(kept?.cursor.revision, server.revision);
	const last = kept?.conversations.map(({ last }) => last?.body).sort();
	assert.deepEqual(last, ["51", "52"]);
});

test("another user's log-in deletes the stored state, and an old page restores nothing", async (t) => {
	const { factory, server, page } = await browser();
	const old = await page();
	t.after(() => old.stop());
	server.open();
	await settle();
	const zed = await IdbStore.open("zed", "zed's", factory);
	assert.equal(await zed.load(), null);
	server.write("bo", "ann", "secret");
	old.send(old.person("bo"), "mine");
	await settle();
	assert.equal(await zed.load(), null);
	assert.deepEqual(await zed.entries(), []);
});

test("logging out deletes everything", async () => {
	const { factory, server, page } = await browser();
	const client = await page();
	server.open();
	await settle();
	await client.forget();
	server.write("bo", "ann", "late");
	await settle();
	const store = await IdbStore.open("ann", "next", factory);
	assert.equal(await store.load(), null);
});

/** Stores data as an earlier version did: keyed by the other person's name, and entries without an owner. @param {IDBFactory} factory */
async function keptBefore(factory) {
	const { server, page } = await browser(factory);
	const client = await page();
	server.open();
	await settle();
	client.stop();
	server.cut();
	const database = await openDatabase("chinwag", [], factory);
	assert.ok(database);
	await transact(database, ["once", "conversations", "outbox"], "readwrite", async (stores) => {
		const kept = await answer(stores("conversations").getAll());
		stores("conversations").clear();
		for (const { newsFrom: _, ...one } of kept) {
			const { kind: __, ...state } = one.state;
			stores("conversations").put({ ...one, state, name: state.with }, state.with);
		}
		const entry = { client_id: "k1", recipient: "bo", body: "unsent", at: 5, state: "waiting" };
		stores("outbox").put({ ...entry, reply_to: null, forward: null, problem: "", status: 0 }, "k1");
	});
	database.close();
	return { server, page };
}

test("data of an earlier version is loaded, and its unsent messages are sent", async (t) => {
	const factory = new IDBFactory();
	const { server, page } = await keptBefore(factory);
	server.down = true;
	const client = await page();
	t.after(() => client.stop());
	assert.deepEqual(list(client), [
		["cy", 0, "Hello"],
		["bo", 50, "50"],
	]);
	assert.equal(client.person("bo").key, `c/${server.at("bo")}`);
	assert.deepEqual(
		client.pending(client.person("bo")).map(({ body }) => body),
		["unsent"],
	);
	server.down = false;
	server.sockets = [];
	client.online();
	server.open();
	await settle();
	assert.deepEqual(bodies(client, "bo").slice(-1), ["unsent"]);
	assert.deepEqual(client.outbox.pending.value, []);
});

test("unsent messages of an earlier version stay for their user while another uses the browser", async () => {
	const factory = new IDBFactory();
	await keptBefore(factory);
	const zed = await IdbStore.open("zed", "z", factory);
	assert.deepEqual(await zed.entries(), []);
	const ann = await IdbStore.open("ann", "a", factory);
	assert.equal((await ann.entries()).length, 1);
	assert.equal(await ann.load(), null);
});

test("unreadable data is skipped, and the rest is loaded", async (t) => {
	const factory = new IDBFactory();
	const { server, page } = await browser(factory);
	const first = await page();
	server.open();
	await settle();
	first.stop();
	const database = await openDatabase("chinwag", [], factory);
	assert.ok(database);
	await transact(database, ["conversations"], "readwrite", async (stores) => {
		for (const [key, damaged] of [
			[1, null],
			[2, 7],
			[3, { state: {} }],
		]) {
			stores("conversations").put(damaged, /** @type {number} */ (key));
		}
		const bo = await answer(stores("conversations").get(server.at("bo")));
		stores("conversations").put(
			{ ...bo, window: { first: 1, last: 2, items: [{}] } },
			server.at("bo"),
		);
	});
	server.down = true;
	const client = await page();
	t.after(() => client.stop());
	assert.deepEqual(list(client), [["cy", 0, "Hello"]]);
	assert.equal(client.moreConversations.value, true);
	await transact(database, ["once"], "readwrite", async (stores) => {
		stores("once").put({ cursor: "damaged" }, "state");
	});
	database.close();
	assert.equal(await (await IdbStore.open("ann", "x", factory)).load(), null);
});

test("a database that does not answer times out", async (t) => {
	t.mock.timers.enable({ apis: ["setTimeout"] });
	const request = new EventTarget();
	const silent = /** @type {IDBFactory} */ (/** @type {unknown} */ ({ open: () => request }));
	const opened = IdbStore.open("ann", "1", silent);
	t.mock.timers.tick(OPEN_TIMEOUT);
	const store = await opened;
	assert.equal(store.keeps, false);
	assert.equal(await store.load(), null);
	assert.deepEqual(await store.entries(), []);
});
