import assert from "node:assert/strict";
import { test } from "node:test";
import { IDBFactory } from "fake-indexeddb";
import { Depot } from "./depot.js";
import { Server, settle, visit } from "./server.test.js";

test("who a newcomer is becomes known although something happens while one asks", async (t) => {
	const server = new Server();
	const { centre } = await visit(server);
	t.after(() => centre.stop());
	server.open();
	await settle();
	/** @type {() => void} */
	let release = () => {};
	server.hold = () => new Promise((resolve) => (release = () => resolve()));
	server.write("cy", "ann", "hello");
	await settle();
	server.move("cy", "ann", { delivered: 1 });
	release();
	await settle();
	const cy = centre.conversation("cy");
	assert.equal(cy.title.value, "The great cy");
	assert.equal(cy.delivered, 1);
});

test("a page closed before it knows who a newcomer is leaves that to the next", async (t) => {
	const server = new Server();
	const factory = new IDBFactory();
	const first = await visit(server, await Depot.open("ann", "1", factory));
	server.open();
	await settle();
	server.hold = () => new Promise(() => {});
	server.write("cy", "ann", "hello");
	await settle();
	first.centre.stop();
	server.hold = null;
	const { centre } = await visit(server, await Depot.open("ann", "2", factory));
	t.after(() => centre.stop());
	server.open();
	await settle();
	assert.equal(centre.conversation("cy").title.value, "The great cy");
});
