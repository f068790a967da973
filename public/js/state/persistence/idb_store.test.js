import assert from "node:assert/strict";
import { test } from "node:test";
import { IDBFactory } from "fake-indexeddb";
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

async function browser() {
	const factory = new IDBFactory();
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

test("the last state shows at once, without a server, and catches up from its cursor", async (t) => {
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
	server.asked = [];
	second.online();
	server.open();
	await settle();
	assert.deepEqual(bodies(second, "bo").slice(-3), ["edited", "50", "51"]);
	assert.deepEqual(server.asked, []);
});

test("delivered is said only after what came is kept", async (t) => {
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
	const delivered = () => server.socket.said.filter(({ delivered }) => delivered === 51).length;
	assert.deepEqual(bodies(client, "bo").at(-1), "51");
	assert.equal(delivered(), 0);
	held = false;
	await new Promise((resolve) => setTimeout(resolve, 150));
	assert.equal(delivered(), 1);
});

test("pages without a common lock take turns in keeping, and never go back", async (t) => {
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

test("another person's log-in removes what was kept, and an old page puts nothing back", async (t) => {
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

test("logging out leaves nothing", async () => {
	const { factory, server, page } = await browser();
	const client = await page();
	server.open();
	await settle();
	await client.forget();
	server.write("bo", "ann", "late");
	await settle();
	const depot = await IdbStore.open("ann", "next", factory);
	assert.equal(await depot.load(), null);
});
