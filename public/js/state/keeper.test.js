import assert from "node:assert/strict";
import { test } from "node:test";
import { IDBFactory } from "fake-indexeddb";
import { Depot } from "./depot.js";
import { Server, settle, visit } from "./server.test.js";

test("what was read and not said before the page was closed is said by the next", async (t) => {
	const server = new Server();
	server.moves = true;
	const factory = new IDBFactory();
	server.write("bo", "ann", "1");
	const first = await visit(server, await Depot.open("ann", "1", factory));
	server.open();
	await settle();
	first.centre.look(true);
	first.centre.show("bo");
	await settle();
	server.change(server.messages[0].id, { body: "changed" });
	await settle();
	first.centre.stop();
	assert.equal(server.conversation("bo").unread, 1);
	const { centre } = await visit(server, await Depot.open("ann", "2", factory));
	t.after(() => centre.stop());
	server.open();
	await settle();
	assert.equal(centre.conversation("bo").unread.value, 0);
	assert.equal(server.conversation("bo").unread, 0);
});
