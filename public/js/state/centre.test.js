import assert from "node:assert/strict";
import { test } from "node:test";
import { live as livePage, Server, settle, visit } from "./server.test.js";

/**
 * @typedef {import("./centre.js").Centre} Centre
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

/** What a person can see. @param {Centre} centre */
const shown = (centre) =>
	centre.conversations.value.map((conversation) => ({
		name: conversation.name,
		last: conversation.last.value,
		unread: conversation.unread.value,
		otherRead: conversation.otherRead.value,
		messages: conversation.messages.value.slice(-20),
	}));

test("a first visit begins with the latest state and loads a conversation when it is opened", async (t) => {
	const { server, centre } = await live(t);
	for (let number = 2; number <= 50; number += 1) server.write("bo", "ann", String(number));
	const [bo] = centre.conversations.value;
	assert.equal(centre.status.value, "live");
	assert.equal(bo.unread.value, 50);
	assert.equal(bo.last.value?.body, "50");
	const again = (await visit(server)).centre;
	t.after(() => again.stop());
	server.open();
	await settle();
	again.show("bo");
	await settle();
	const opened = again.conversation("bo");
	assert.deepEqual(
		bodies(opened),
		Array.from({ length: 31 }, (_, index) => String(20 + index)),
	);
	await opened.loadOlder();
	assert.equal(opened.messages.value.length, 50);
	assert.equal(opened.hasOlder.value, false);
});

test("after an absence all is as a fresh visit would show it", async (t) => {
	const { server, centre } = await live(t);
	centre.show("bo");
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
	centre.online();
	server.open();
	await settle();
	const fresh = (await visit(server)).centre;
	t.after(() => fresh.stop());
	fresh.show("bo");
	await settle();
	assert.deepEqual(shown(centre), shown(fresh));
	assert.equal(bodies(centre.conversation("bo")).length, 338);
	assert.equal(centre.conversation("bo").messages.value[0].reactions.length, 1);
	assert.equal(bodies(centre.conversation("bo"))[20], "edited");
});

test("what is told before the answer to resume does not hide what was missed", async (t) => {
	const { server, centre } = await live(t);
	server.cut();
	server.write("bo", "ann", "2");
	server.write("bo", "ann", "3");
	server.answers = false;
	centre.online();
	server.open();
	await settle();
	server.write("bo", "ann", "4");
	const { revision, epoch } = server;
	const changes = server.changes(1);
	server.socket.tell(changes[0]);
	server.cut();
	server.answers = true;
	centre.online();
	server.open();
	await settle();
	assert.equal(centre.status.value, "live");
	assert.deepEqual([revision, epoch], [server.revision, server.epoch]);
	assert.equal(centre.conversation("bo").unread.value, 4);
	assert.deepEqual(bodies(centre.conversation("bo")), ["1", "2", "3", "4"]);
});

test("a cursor of another history leads to a new beginning", async (t) => {
	const { server, centre } = await live(t);
	centre.show("bo");
	await settle();
	server.cut();
	server.restart(new Server().backup());
	server.write("cy", "ann", "other");
	centre.online();
	server.open();
	await settle();
	assert.deepEqual(
		centre.conversations.value.map(({ name }) => name),
		["cy"],
	);
	assert.deepEqual(bodies(centre.conversation("bo")), []);
	assert.equal(centre.status.value, "live");
});

test("a hole in what is told is fetched", async (t) => {
	const { server, centre } = await live(t);
	centre.show("bo");
	await settle();
	const { socket } = server;
	server.sockets = [];
	server.write("bo", "ann", "2");
	server.sockets = [socket];
	server.write("bo", "ann", "3");
	await settle();
	assert.deepEqual(bodies(centre.conversation("bo")), ["1", "2", "3"]);
});

test("a page that is older than what happened meanwhile brings nothing back", async (t) => {
	const { server, centre } = await live(t);
	for (let number = 2; number <= 90; number += 1) server.write("bo", "ann", String(number));
	centre.show("bo");
	await settle();
	const letGo = server.holdBack();
	const older = centre.conversation("bo").loadOlder();
	await settle();
	server.hide(server.messages[9]);
	server.change(server.messages[10].id, { body: "edited" });
	await letGo();
	await older;
	await centre.conversation("bo").loadOlder();
	assert.ok(!bodies(centre.conversation("bo")).includes("10"));
	assert.ok(bodies(centre.conversation("bo")).includes("edited"));
});

test("a jump into the past leads back to the newest message", async (t) => {
	const { server, centre } = await live(t);
	for (let number = 2; number <= 900; number += 1) server.write("bo", "ann", String(number));
	centre.show("bo");
	await settle();
	const bo = centre.conversation("bo");
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

test("read is said only of what somebody looks at, and once for many", async (t) => {
	t.mock.timers.enable({ apis: ["setTimeout"] });
	const { server, centre } = await live(t);
	const { socket } = server;
	const read = () => socket.said.filter(({ type }) => type === "read");
	centre.show("bo");
	server.write("bo", "ann", "2");
	t.mock.timers.tick(1000);
	assert.deepEqual(read(), []);
	assert.equal(centre.conversation("bo").unread.value, 2);
	centre.look(true);
	server.write("bo", "ann", "3");
	server.write("bo", "ann", "4");
	assert.equal(centre.conversation("bo").unread.value, 0);
	t.mock.timers.tick(1000);
	assert.deepEqual(read(), [{ type: "read", with: "bo", seq: 4 }]);
	server.move("bo", "ann", { read: 4, delivered: 4 });
	centre.look(false);
	server.write("bo", "ann", "5");
	t.mock.timers.tick(1000);
	assert.equal(read().length, 1);
	assert.equal(centre.unreadConversations.value, 1);
});

test("delivered is said when it is kept", async (t) => {
	const { server } = await live(t);
	await settle();
	const said = server.socket.said.filter(({ type }) => type === "delivered");
	assert.deepEqual(said, [{ type: "delivered", with: "bo", seq: 1 }]);
});

test("a message sent is never out of sight and never doubled", async (t) => {
	const { server, centre } = await live(t);
	centre.show("bo");
	await settle();
	centre.send("bo", "  mine \n");
	assert.equal(centre.outbox.pending.value[0].body, "mine");
	await settle();
	assert.deepEqual(bodies(centre.conversation("bo")), ["1", "mine"]);
	assert.deepEqual(centre.outbox.pending.value, []);
	const { socket } = server;
	server.sockets = [];
	centre.send("bo", "unseen");
	await settle();
	assert.equal(centre.outbox.pending.value.length, 1);
	server.sockets = [socket];
	server.cut();
	centre.online();
	server.open();
	await settle();
	assert.deepEqual(bodies(centre.conversation("bo")), ["1", "mine", "unseen"]);
	assert.deepEqual(centre.outbox.pending.value, []);
});

test("where no socket comes about, changes are asked for", async (t) => {
	const server = new Server();
	server.write("bo", "ann", "1");
	const { centre } = await visit(server);
	t.after(() => centre.stop());
	centre.show("bo");
	await settle();
	server.write("bo", "ann", "2");
	server.cut();
	await settle();
	assert.deepEqual(bodies(centre.conversation("bo")), ["1", "2"]);
	assert.equal(centre.status.value, "connecting");
	server.down = true;
	centre.online();
	server.cut();
	await settle();
	assert.equal(centre.status.value, "offline");
});

test("a page of someone who is no longer logged in ends", async (t) => {
	const server = new Server();
	const { centre, signedOut } = await visit(server);
	t.after(() => centre.stop());
	server.socket.dispatchEvent(new Event("open"));
	server.socket.tell({ type: "hello", user: "bo", revision: 0, epoch: "first" });
	assert.equal(signedOut(), 1);
});

test("typing ends by itself or with the message", async (t) => {
	t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_800_000_000_000 });
	const { server, centre } = await live(t);
	const bo = centre.conversation("bo");
	server.socket.tell({ type: "typing", user: "bo" });
	assert.equal(bo.typing.value, true);
	t.mock.timers.tick(6000);
	assert.equal(bo.typing.value, false);
	server.socket.tell({ type: "typing", user: "bo" });
	server.write("bo", "ann", "2");
	assert.equal(bo.typing.value, false);
	centre.typing("bo");
	centre.typing("bo");
	t.mock.timers.tick(3000);
	centre.typing("bo");
	assert.equal(server.socket.said.filter(({ type }) => type === "typing").length, 2);
});

test("an answer that is older than what was told meanwhile takes nothing back", async (t) => {
	const { server, centre } = await live(t);
	const letGo = server.holdBack();
	const pinned = centre.setConversation("bo", { pinned: true });
	await settle();
	server.move("bo", "bo", { read: 1 });
	await letGo();
	await pinned;
	assert.equal(centre.conversation("bo").otherRead.value, 1);
	assert.equal(centre.conversation("bo").state.value?.pinned, true);
});
