// How the client keeps in touch with the server: sockets and polling, acknowledgements, news, typing, and whose session it is.
import assert from "node:assert/strict";
import { test } from "node:test";
import { live as livePage, Server, settle, visit } from "../server.test.js";

/** @param {import("node:test").TestContext} t */
async function live(t) {
	const server = new Server();
	server.write("bo", "ann", "1");
	return { server, ...(await livePage(t, server)) };
}

/** @param {import("./conversation.js").Conversation} conversation */
const bodies = (conversation) => conversation.messages.value.map(({ body }) => body);

/** @param {import("node:test").TestContext} t */
const timed = (t) => t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_800_000_000_000 });

test("only messages the user looks at are acknowledged as read, several at once", async (t) => {
	t.mock.timers.enable({ apis: ["setTimeout"] });
	const { server, client } = await live(t);
	const { socket } = server;
	const read = () => socket.sent.filter(({ type, read }) => type === "ack" && read);
	client.show({ person: "bo" });
	server.write("bo", "ann", "2");
	t.mock.timers.tick(1000);
	assert.deepEqual(read(), []);
	assert.equal(client.person("bo").unread.value, 2);
	client.setActive(true);
	server.write("bo", "ann", "3");
	server.write("bo", "ann", "4");
	assert.equal(client.person("bo").unread.value, 0);
	t.mock.timers.tick(1000);
	assert.deepEqual(read(), [{ type: "ack", conversation: server.at("bo"), read: 4 }]);
	server.move("bo", "ann", { read: 4, delivered: 4 });
	client.setActive(false);
	server.write("bo", "ann", "5");
	t.mock.timers.tick(1000);
	assert.equal(read().length, 1);
	assert.equal(client.unreadConversations.value, 1);
});

test("a mark as unread is sent with what was read before, which would take it back later", async (t) => {
	t.mock.timers.enable({ apis: ["setTimeout"] });
	const { server, client } = await live(t);
	client.show({ person: "bo" });
	client.setActive(true);
	client.show(null);
	await client.actions.setConversation(client.person("bo"), { unread: true });
	const { positions, marked_unread } = server.conversation("bo");
	assert.deepEqual([positions[0].read, marked_unread], [1, true]);
	t.mock.timers.tick(2000);
	const later = server.socket.sent.filter(({ type, read }) => type === "ack" && read);
	assert.deepEqual(later, []);
});

test("delivered is acknowledged when the message is stored", async (t) => {
	t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_800_000_000_000 });
	const { server } = await live(t);
	await settle();
	t.mock.timers.tick(100);
	const acks = server.socket.sent.filter(({ type }) => type === "ack");
	assert.deepEqual(acks, [{ type: "ack", conversation: server.at("bo"), delivered: 1 }]);
});

test("acknowledgements are sent at most once a second per conversation", async (t) => {
	timed(t);
	const { server, client } = await live(t);
	server.moves = true;
	client.setActive(true);
	client.show({ person: "bo" });
	for (let tenths = 0; tenths < 50; tenths += 1) {
		server.write("bo", "ann", String(tenths));
		await settle();
		t.mock.timers.tick(100);
	}
	t.mock.timers.tick(1_000);
	const acks = server.socket.sent.filter(({ type }) => type === "ack");
	assert.ok(acks.length >= 5 && acks.length <= 7, String(acks.length));
	assert.equal(server.positions.bo.ann.read, 51);
});

test("a first visit opens one socket, also when the user looks at the page meanwhile", async (t) => {
	const server = new Server();
	const release = server.holdBack("/sync/");
	const { client } = await visit(server);
	t.after(() => client.stop());
	client.setActive(true);
	await release();
	assert.equal(server.handshakes, 1);
});

test("without a socket, changes are polled", async (t) => {
	const server = new Server();
	server.write("bo", "ann", "1");
	const { client } = await visit(server);
	t.after(() => client.stop());
	client.show({ person: "bo" });
	await settle();
	server.write("bo", "ann", "2");
	server.cut();
	await settle();
	assert.deepEqual(bodies(client.person("bo")), ["1", "2"]);
	assert.equal(client.status.value, "http");
	server.down = true;
	client.online();
	server.cut();
	await settle();
	assert.equal(client.status.value, "offline");
});

test("a socket has a second to open before polling starts, and is tried again meanwhile", async (t) => {
	timed(t);
	const server = new Server();
	server.write("bo", "ann", "1");
	const { client } = await visit(server);
	t.after(() => client.stop());
	assert.equal(client.status.value, "connecting");
	t.mock.timers.tick(999);
	await settle();
	assert.equal(client.status.value, "connecting");
	t.mock.timers.tick(1);
	await settle();
	assert.equal(client.status.value, "http");
	server.write("bo", "ann", "2");
	await settle();
	assert.deepEqual(bodies(client.person("bo")), ["1", "2"]);
	server.open();
	await settle();
	assert.equal(client.status.value, "ws");
	server.write("bo", "ann", "3");
	assert.deepEqual(bodies(client.person("bo")), ["1", "2", "3"]);
	const polls = server.requests.filter((path) => path.includes("wait=25")).length;
	t.mock.timers.tick(60_000);
	await settle();
	assert.equal(server.requests.filter((path) => path.includes("wait=25")).length, polls);
});

test("messages received by polling are acknowledged by requests", async (t) => {
	timed(t);
	const server = new Server();
	server.write("bo", "ann", "1");
	const { client } = await visit(server);
	t.after(() => client.stop());
	server.cut();
	await settle();
	client.setActive(true);
	client.show({ person: "bo" });
	await settle();
	t.mock.timers.tick(100);
	await settle();
	assert.equal(server.positions.bo.ann.read, 1);
});

test("news missed while offline is reported once, without what was read elsewhere", async (t) => {
	timed(t);
	for (const count of [1, 99, 100, 101, 200, 450]) {
		const { server, client } = await live(t);
		/** @type {number[]} */
		const news = [];
		client.news.subscribe((fresh) => fresh.length > 0 && news.push(fresh.length));
		server.cut();
		for (let number = 0; number < count; number += 1) server.write("bo", "ann", String(number));
		client.online();
		server.open();
		await settle();
		assert.deepEqual(news, [Math.min(count, server.most)], String(count));
		server.cut();
		server.write("bo", "ann", "read on a phone");
		server.move("bo", "ann", { read: server.with("bo").length });
		client.online();
		server.open();
		await settle();
		assert.equal(news.length, 1);
	}
});

test("news by polling is reported in the same way", async (t) => {
	timed(t);
	const { server, client } = await live(t);
	/** @type {number[]} */
	const news = [];
	client.news.subscribe((fresh) => fresh.length > 0 && news.push(fresh.length));
	for (let number = 0; number < 150; number += 1) {
		server.sockets = [];
		server.write("bo", "ann", String(number));
	}
	client.online();
	server.cut();
	await settle();
	assert.equal(client.status.value, "http");
	assert.deepEqual(news, [150]);
	server.write("bo", "ann", "held back until there was something");
	await settle();
	assert.deepEqual(news, [150, 1]);
});

test("typing ends after a timeout or with the message", async (t) => {
	t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_800_000_000_000 });
	const { server, client } = await live(t);
	const bo = client.person("bo");
	server.socket.push({ type: "typing", conversation: server.at("bo"), user: "bo" });
	assert.equal(bo.typing.value, true);
	t.mock.timers.tick(6000);
	assert.equal(bo.typing.value, false);
	server.socket.push({ type: "typing", conversation: server.at("bo"), user: "bo" });
	server.write("bo", "ann", "2");
	assert.equal(bo.typing.value, false);
	client.typing(bo);
	client.typing(bo);
	t.mock.timers.tick(3000);
	client.typing(bo);
	assert.equal(server.socket.sent.filter(({ type }) => type === "typing").length, 2);
});

test("a page whose user is no longer logged in ends", async (t) => {
	const server = new Server();
	const { client, left } = await visit(server);
	t.after(() => client.stop());
	server.socket.dispatchEvent(new Event("open"));
	server.socket.push({ type: "hello", user: "bo", revision: 0, epoch: "first" });
	assert.equal(left(), 1);
});

test("when another user logs in, nothing is done or shown for them", async (t) => {
	for (const socket of [true, false]) {
		const { server, client, left } = await live(t);
		client.show({ person: "bo" });
		await settle();
		const before = server.revision;
		const message = server.write("ann", "bo", "mine");
		if (!socket) server.cut();
		server.user = "zed";
		client.send(client.person("bo"), "not theirs");
		const bo = client.person("bo");
		for (const doing of [
			client.actions.edit(message, "changed"),
			client.actions.react(message, "👍"),
			client.actions.remove(message, "everyone"),
			client.actions.setConversation(bo, { pinned: true }),
			client.actions.block("bo", true),
			client.actions.details(message),
		]) {
			await assert.rejects(doing, { code: "other_person" });
		}
		await settle();
		assert.ok(left() > 0);
		assert.equal(server.revision, before + 1);
		assert.equal(client.outbox.pending.value.length, 1);
		assert.deepEqual(bodies(bo), ["1", "mine"]);
	}
});

test("responses from a proxy change nothing", async (t) => {
	timed(t);
	for (const status of [200, 401, 403, 404, 413, 502, 511]) {
		const { server, client, left } = await live(t);
		client.show({ person: "bo" });
		await settle();
		server.proxy = () => new Response("<html>", { status });
		server.cut();
		server.sockets = [];
		client.send(client.person("bo"), "waits");
		client.person("bo").load();
		t.mock.timers.tick(1_000);
		await settle();
		assert.equal(left(), 0, String(status));
		assert.equal(client.status.value, "offline");
		assert.deepEqual(bodies(client.person("bo")), ["1"]);
		assert.equal(client.outbox.pending.value[0].state, "waiting");
		server.proxy = null;
		client.online();
		server.open();
		await settle();
		assert.deepEqual(bodies(client.person("bo")), ["1", "waits"]);
	}
});
