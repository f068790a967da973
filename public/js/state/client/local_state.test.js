import assert from "node:assert/strict";
import { test } from "node:test";
import { IDBFactory } from "fake-indexeddb";
import { hasGap } from "../model/conversation.js";
import { positionOf } from "../model/positions.js";
import { IdbStore } from "../persistence/idb_store.js";
import { live, Server, settle, visit } from "../server.test.js";

test("a new person's details load although a change arrives during the request", async (t) => {
	const server = new Server();
	const { client } = await live(t, server);
	const release = server.holdBack();
	server.write("cy", "ann", "hello");
	await settle();
	server.move("cy", "ann", { delivered: 1 });
	await release();
	const cy = client.person("cy");
	assert.equal(cy.title.value, "The great cy");
	assert.equal(positionOf(cy.state.value?.positions, "ann").delivered, 1);
});

test("a new person's details that a closed page did not load are loaded by the next", async (t) => {
	const server = new Server();
	const factory = new IDBFactory();
	const first = await visit(server, { store: await IdbStore.open("ann", "1", factory) });
	server.open();
	await settle();
	server.hold = () => new Promise(() => {});
	server.write("cy", "ann", "hello");
	await settle();
	first.client.stop();
	server.hold = null;
	const { client } = await visit(server, { store: await IdbStore.open("ann", "2", factory) });
	t.after(() => client.stop());
	server.open();
	await settle();
	assert.equal(client.person("cy").title.value, "The great cy");
});

test("a message sent and hidden while offline leaves no gap", async (t) => {
	const server = new Server();
	for (let number = 1; number <= 8; number += 1) server.write("bo", "ann", String(number));
	const { client } = await live(t, server);
	client.show({ person: "bo" });
	await settle();
	server.cut();
	server.hide(server.write("bo", "ann", "9"));
	client.online();
	server.open();
	await settle();
	const bo = client.person("bo");
	assert.equal(bo.state.value?.last_seq, 9);
	assert.equal(bo.window.last, 9);
	assert.equal(bo.data && hasGap(bo.data), false);
});

test("what becomes uncertain during another request is requested as well", async (t) => {
	const server = new Server();
	for (let number = 1; number <= 8; number += 1) server.write("bo", "ann", String(number));
	const { client } = await live(t, server);
	const release = server.holdBack();
	server.write("cy", "ann", "hello");
	await settle();
	server.hide(server.messages[2]);
	await settle();
	await release();
	assert.equal(client.person("bo").unread.value, 7);
});

test("what an in-flight response does not include is requested again", async (t) => {
	const server = new Server();
	const { client } = await live(t, server);
	const release = server.holdBack();
	server.write("cy", "ann", "hello");
	await settle();
	server.cut();
	server.hide(server.write("cy", "ann", "again"));
	client.online();
	server.open();
	await settle();
	await release();
	const cy = client.person("cy");
	assert.equal(cy.state.value?.last_seq, 2);
	assert.equal(cy.rank.value, server.latest("cy").place);
});
