import assert from "node:assert/strict";
import { test } from "node:test";
import { IDBFactory } from "fake-indexeddb";
import { Server, settle, visit } from "../server.test.js";
import { IdbStore } from "./idb_store.js";

test("a read position that a closed page did not send is sent by the next", async (t) => {
	const server = new Server();
	server.moves = true;
	const factory = new IDBFactory();
	server.write("bo", "ann", "1");
	const first = await visit(server, { store: await IdbStore.open("ann", "1", factory) });
	server.open();
	await settle();
	first.client.setActive(true);
	first.client.show({ person: "bo" });
	await settle();
	server.change(server.messages[0].id, { body: "changed" });
	await settle();
	first.client.stop();
	assert.equal(server.conversation("bo").unread, 1);
	const { client } = await visit(server, { store: await IdbStore.open("ann", "2", factory) });
	t.after(() => client.stop());
	server.open();
	await settle();
	await new Promise((resolve) => setTimeout(resolve, 150));
	assert.equal(client.person("bo").unread.value, 0);
	assert.equal(server.conversation("bo").unread, 0);
});
