// What the client loads and shows: conversations and their messages.
import assert from "node:assert/strict";
import { test } from "node:test";
import { live as livePage, Server, settle, visit } from "../server.test.js";

/**
 * @typedef {import("./client.js").ChatClient} ChatClient
 * @typedef {import("./conversation.js").Conversation} Conversation
 */

/** @param {import("node:test").TestContext} t */
async function live(t) {
	const server = new Server();
	server.write("bo", "ann", "1");
	return { server, ...(await livePage(t, server)) };
}

/** @param {Conversation} conversation */
const bodies = (conversation) => conversation.messages.value.map(({ body }) => body);

/** What the page shows. @param {ChatClient} client */
const shown = (client) =>
	client.conversations.value.map((conversation) => ({
		name: conversation.name,
		last: conversation.last.value,
		unread: conversation.unread.value,
		otherRead: conversation.otherRead.value,
		messages: conversation.messages.value.slice(-20),
	}));

test("a first visit starts from the latest state and loads a conversation when it is opened", async (t) => {
	const { server, client } = await live(t);
	for (let number = 2; number <= 50; number += 1) server.write("bo", "ann", String(number));
	const [bo] = client.conversations.value;
	assert.equal(client.status.value, "ws");
	assert.equal(bo.unread.value, 50);
	assert.equal(bo.last.value?.body, "50");
	const again = (await visit(server)).client;
	t.after(() => again.stop());
	server.open();
	await settle();
	again.show({ person: "bo" });
	await settle();
	const opened = again.person("bo");
	assert.deepEqual(
		bodies(opened),
		Array.from({ length: 31 }, (_, index) => String(20 + index)),
	);
	await opened.loadOlder();
	assert.equal(opened.messages.value.length, 50);
	assert.equal(opened.hasOlder.value, false);
});

test("after being offline the page shows what a fresh one would", async (t) => {
	const { server, client } = await live(t);
	client.show({ person: "bo" });
	const first = server.messages[0];
	for (let number = 2; number <= 40; number += 1) server.write("bo", "ann", String(number));
	await settle();
	server.cut();
	for (let number = 41; number <= 340; number += 1) server.write("bo", "ann", String(number));
	server.write("cy", "ann", "I am new");
	server.change(server.messages[20].id, { body: "edited" });
	server.change(server.messages[330].id, { body: "", deleted: true });
	server.change(first.id, { reactions: [{ user: "bo", emoji: "👍" }] });
	server.hide(server.messages[100]);
	server.hide(server.messages[335]);
	server.move("bo", "bo", { read: 3, delivered: 5 });
	client.online();
	server.open();
	await settle();
	const fresh = (await visit(server)).client;
	t.after(() => fresh.stop());
	fresh.show({ person: "bo" });
	await settle();
	assert.deepEqual(shown(client), shown(fresh));
	const bo = client.person("bo");
	await bo.loadAround(1);
	assert.equal(bodies(bo).length, 338);
	assert.equal(bo.messages.value[0].reactions.length, 1);
	assert.equal(bodies(bo)[20], "edited");
});

test("a cursor of another history causes a resync", async (t) => {
	t.mock.timers.enable({ apis: ["setTimeout"] });
	const { server, client } = await live(t);
	client.show({ person: "bo" });
	await settle();
	server.cut();
	server.restart(new Server().backup());
	server.write("cy", "ann", "other");
	client.online();
	server.open();
	await settle();
	t.mock.timers.tick(1000);
	server.open();
	await settle();
	assert.deepEqual(
		client.conversations.value.map(({ name }) => name),
		["cy"],
	);
	assert.deepEqual(bodies(client.person("bo")), []);
	assert.equal(client.status.value, "ws");
});

test("missing messages are fetched", async (t) => {
	const { server, client } = await live(t);
	client.show({ person: "bo" });
	await settle();
	const { socket } = server;
	server.sockets = [];
	server.write("bo", "ann", "2");
	server.sockets = [socket];
	server.write("bo", "ann", "3");
	await settle();
	assert.deepEqual(bodies(client.person("bo")), ["1", "2", "3"]);
});

test("a page older than changes that arrived meanwhile does not undo them", async (t) => {
	const { server, client } = await live(t);
	for (let number = 2; number <= 90; number += 1) server.write("bo", "ann", String(number));
	client.show({ person: "bo" });
	await settle();
	const release = server.holdBack();
	const older = client.person("bo").loadOlder();
	await settle();
	server.hide(server.messages[9]);
	server.change(server.messages[10].id, { body: "edited" });
	await release();
	await older;
	await client.person("bo").loadOlder();
	assert.ok(!bodies(client.person("bo")).includes("10"));
	assert.ok(bodies(client.person("bo")).includes("edited"));
});

test("after a jump into the past the newest messages can be loaded again", async (t) => {
	const { server, client } = await live(t);
	for (let number = 2; number <= 900; number += 1) server.write("bo", "ann", String(number));
	client.show({ person: "bo" });
	await settle();
	const bo = client.person("bo");
	await bo.loadAround(100);
	assert.ok(bodies(bo).includes("100"));
	assert.equal(bo.hasNewer.value, true);
	server.write("bo", "ann", "901");
	assert.equal(bo.last.value?.body, "901");
	assert.ok(!bodies(bo).includes("901"));
	await bo.loadNewer();
	assert.equal(bo.messages.value.at(-1)?.seq, 145);
	await bo.load();
	assert.equal(bo.hasNewer.value, false);
	assert.equal(bodies(bo).at(-1), "901");
});

test("a response older than changes that arrived meanwhile does not undo them", async (t) => {
	const { server, client } = await live(t);
	const release = server.holdBack();
	const pinned = client.actions.setConversation(client.person("bo"), { pinned: true });
	await settle();
	server.move("bo", "bo", { read: 1 });
	await release();
	await pinned;
	assert.equal(client.person("bo").otherRead.value, 1);
	assert.equal(client.person("bo").state.value?.pinned, true);
});

test("a sent message never disappears and never appears twice", async (t) => {
	const { server, client } = await live(t);
	client.show({ person: "bo" });
	await settle();
	client.send(client.person("bo"), "  mine \n");
	assert.equal(client.outbox.pending.value[0].body, "mine");
	await settle();
	assert.deepEqual(bodies(client.person("bo")), ["1", "mine"]);
	assert.deepEqual(client.outbox.pending.value, []);
	const { socket } = server;
	server.sockets = [];
	client.send(client.person("bo"), "unseen");
	await settle();
	assert.deepEqual(bodies(client.person("bo")), ["1", "mine", "unseen"]);
	assert.deepEqual(client.outbox.pending.value, []);
	server.sockets = [socket];
	server.cut();
	client.online();
	server.open();
	await settle();
	assert.deepEqual(bodies(client.person("bo")), ["1", "mine", "unseen"]);
	assert.deepEqual(client.outbox.pending.value, []);
});

test("the first message creates the conversation, and its draft moves over", async (t) => {
	const { server, client } = await live(t);
	client.show({ person: "cy" });
	await settle();
	const cy = client.person("cy");
	assert.equal(cy.key, "p/cy");
	assert.equal(cy.title.value, "The great cy");
	client.drafts.write("p/cy", "half a thought");
	server.down = true;
	client.send(cy, "hello");
	client.drafts.write("p/cy", "half a thought");
	await settle();
	assert.equal(client.pending(cy).length, 1);
	server.down = false;
	client.outbox.retryNow();
	await settle();
	assert.equal(cy.id, server.at("cy"));
	assert.equal(cy.key, `c/${server.at("cy")}`);
	assert.equal(client.open.value, cy);
	assert.equal(client.conversation(server.at("cy")), cy);
	assert.equal(client.drafts.of(cy.key), "half a thought");
	assert.deepEqual(client.pending(cy), []);
	assert.deepEqual(bodies(cy), ["hello"]);
});

test("a conversation started in another tab is the one that is open here", async (t) => {
	const { server, client } = await live(t);
	client.show({ id: server.at("cy") });
	await settle();
	assert.equal(client.open.value?.loading.value, "missing");
	const known = client.person("cy");
	server.write("cy", "ann", "hello");
	await settle();
	assert.equal(client.person("cy"), client.open.value);
	assert.notEqual(client.person("cy"), known);
	assert.deepEqual(bodies(client.person("cy")), ["hello"]);
});

test("a person is found by another form of their name, an unknown name is missing", async (t) => {
	const { client } = await live(t);
	client.show({ person: "BO" });
	await settle();
	assert.equal(client.open.value, client.person("bo"));
	client.show({ person: "nobody" });
	await settle();
	assert.equal(client.open.value?.loading.value, "missing");
});
