import assert from "node:assert/strict";
import { test } from "node:test";
import { live, Server, settle } from "../server.test.js";

/** @param {import("../client/client.js").ChatClient} client */
const names = (client) => client.conversations.value.map(({ name }) => name);

/** A page that has loaded two of four conversations. @param {import("node:test").TestContext} t */
async function listed(t) {
	const server = new Server();
	server.listed = 1;
	for (const name of ["ed", "dee", "cy", "bo"]) server.write(name, "ann", "hello");
	const { client } = await live(t, server);
	await client.loadMoreConversations();
	assert.deepEqual(names(client), ["bo", "cy"]);
	return { server, client };
}

/** @param {import("../client/client.js").ChatClient} client */
async function loadAll(client) {
	while (client.moreConversations.value) await client.loadMoreConversations();
	return names(client);
}

test("a page requested before a resync is requested again after it", async (t) => {
	const { server, client } = await listed(t);
	const backup = server.backup();
	server.write("bo", "ann", "lost");
	const release = server.holdBack("/conversation/");
	const loading = client.loadMoreConversations();
	await settle();
	server.cut();
	server.restart(backup);
	for (const name of ["dee", "cy", "bo"]) server.write(name, "ann", "again");
	client.online();
	server.open();
	await settle();
	assert.deepEqual(names(client), ["bo"]);
	await release();
	await loading;
	assert.deepEqual(await loadAll(client), ["bo", "cy", "dee", "ed"]);
});

test("conversations missing further up, noticed during a request, are loaded after it", async (t) => {
	const { server, client } = await listed(t);
	await client.loadMoreConversations();
	const release = server.holdBack("/conversation/");
	const loading = client.loadMoreConversations();
	await settle();
	server.cut();
	server.hide(server.write("fay", "ann", "hello"));
	client.online();
	server.open();
	await settle();
	await release();
	await loading;
	assert.deepEqual(await loadAll(client), ["fay", "bo", "cy", "dee", "ed"]);
});
