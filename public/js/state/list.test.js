import assert from "node:assert/strict";
import { test } from "node:test";
import { live, Server, settle } from "./server.test.js";

/** @param {import("./centre.js").Centre} centre */
const names = (centre) => centre.conversations.value.map(({ name }) => name);

/** A page that has loaded two of four conversations. @param {import("node:test").TestContext} t */
async function listed(t) {
	const server = new Server();
	server.listed = 1;
	for (const name of ["ed", "dee", "cy", "bo"]) server.write(name, "ann", "hello");
	const { centre } = await live(t, server);
	await centre.loadMoreConversations();
	assert.deepEqual(names(centre), ["bo", "cy"]);
	return { server, centre };
}

/** @param {import("./centre.js").Centre} centre */
async function loadAll(centre) {
	while (centre.moreConversations.value) await centre.loadMoreConversations();
	return names(centre);
}

test("a page asked for before a new beginning is asked for anew, from there", async (t) => {
	const { server, centre } = await listed(t);
	const backup = server.backup();
	server.write("bo", "ann", "lost");
	const letGo = server.holdBack("/conversation/");
	const loading = centre.loadMoreConversations();
	await settle();
	server.cut();
	server.restart(backup);
	for (const name of ["dee", "cy", "bo"]) server.write(name, "ann", "again");
	centre.online();
	server.open();
	await settle();
	assert.deepEqual(names(centre), ["bo"]);
	await letGo();
	await loading;
	assert.deepEqual(await loadAll(centre), ["bo", "cy", "dee", "ed"]);
});

test("what is found to be missing further up while a page is on its way is looked for after it", async (t) => {
	const { server, centre } = await listed(t);
	await centre.loadMoreConversations();
	const letGo = server.holdBack("/conversation/");
	const loading = centre.loadMoreConversations();
	await settle();
	server.cut();
	server.hide(server.write("fay", "ann", "hello"));
	centre.online();
	server.open();
	await settle();
	await letGo();
	await loading;
	assert.deepEqual(await loadAll(centre), ["fay", "bo", "cy", "dee", "ed"]);
});
