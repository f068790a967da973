import assert from "node:assert/strict";
import { test } from "node:test";
import { Api } from "../protocol/api.js";
import { Centre } from "./centre.js";
import { Shelf } from "./shelf.js";

const settle = () => new Promise((resolve) => setImmediate(resolve));

/** A server of three requests, with ann's mailbox. */
class Mailbox {
	/** @type {import("../protocol/api.js").Message[]} */
	messages = [];
	down = false;

	/**
	 * @param {string} user
	 * @param {string} recipient
	 * @param {string} body
	 */
	add(user, recipient, body) {
		const id = this.messages.length + 1;
		const timestamp = new Date(1_800_000_000_000 + id * 1000).toISOString();
		const message = { id, user, recipient, timestamp, body };
		this.messages.push(message);
		return message;
	}

	/** @type {typeof fetch} */
	fetch = async (path, request) => {
		if (this.down) throw new TypeError("down");
		const url = new URL(String(path), "http://h");
		if (request?.method === "POST") {
			const { recipient, body } = JSON.parse(String(request.body));
			return Response.json(this.add("ann", recipient, body), { status: 201 });
		}
		if (url.pathname === "/api/v1/user/") return Response.json([]);
		const after = url.searchParams.get("after");
		const target = url.searchParams.get("target");
		const found = this.messages.filter(
			({ id, user, recipient }) =>
				(after === null || id > Number(after)) &&
				(target === null || user === target || recipient === target),
		);
		const results = after === null ? found.toReversed() : found.slice(0, 2);
		const next = after !== null && found.length > 2 ? "more" : null;
		return Response.json({ results, next });
	};
}

async function started() {
	const mailbox = new Mailbox();
	let signedOut = 0;
	const centre = new Centre({
		me: "ann",
		api: new Api(mailbox.fetch),
		shelf: new Shelf(null, "ann"),
		pageSize: 30,
		onSignedOut: () => {
			signedOut += 1;
		},
	});
	mailbox.add("bo", "ann", "before");
	await centre.catchUp();
	await settle();
	return { centre, mailbox, signedOut: () => signedOut };
}

/** @param {Centre} centre */
const bodies = (centre) => centre.timeline("bo")?.messages.value.map(({ body }) => body);

test("everything missed is fetched, in order, once", async () => {
	const { centre, mailbox } = await started();
	centre.show("bo");
	await settle();
	for (const body of ["1", "2", "3", "4", "5"]) mailbox.add("bo", "ann", body);
	centre.catchUp();
	await centre.catchUp();
	await settle();
	assert.deepEqual(bodies(centre), ["before", "1", "2", "3", "4", "5"]);
});

test("a stranger who writes appears at the top of the list, unread", async () => {
	const { centre, mailbox } = await started();
	mailbox.add("bo", "ann", "hi");
	mailbox.add("new", "ann", "hello");
	await centre.catchUp();
	await settle();
	const names = centre.people.everyone.people.value.map(({ username }) => username);
	assert.deepEqual(names, ["new", "bo"]);
	assert.equal(centre.unread.value.get("new"), 1);
	centre.show("new");
	assert.equal(centre.unread.value.has("new"), false);
});

test("what is looked at is not unread; what is hidden is", async () => {
	const { centre, mailbox } = await started();
	centre.show("bo");
	mailbox.add("bo", "ann", "seen");
	await centre.catchUp();
	await settle();
	assert.equal(centre.unread.value.size, 0);
	centre.look(false);
	mailbox.add("bo", "ann", "unseen");
	await centre.catchUp();
	await settle();
	assert.equal(centre.unread.value.get("bo"), 1);
	centre.look(true);
	assert.equal(centre.unread.value.size, 0);
});

test("a message sent appears once, whichever answer comes first", async () => {
	const { centre } = await started();
	centre.show("bo");
	await settle();
	centre.send("bo", "  mine \n");
	assert.equal(centre.outbox.pending.value[0].body, "mine");
	await centre.catchUp();
	await settle();
	assert.deepEqual(bodies(centre), ["before", "mine"]);
	assert.deepEqual(centre.outbox.pending.value, []);
});

test("an outage is said, and ends by itself", async () => {
	const { centre, mailbox } = await started();
	centre.show("bo");
	await settle();
	centre.lineChanged(true);
	await settle();
	assert.equal(centre.status.value, "live");
	mailbox.down = true;
	await centre.catchUp();
	assert.equal(centre.status.value, "offline");
	mailbox.down = false;
	mailbox.add("bo", "ann", "while away");
	centre.checkAgain();
	await settle();
	await settle();
	assert.equal(centre.status.value, "live");
	assert.deepEqual(bodies(centre), ["before", "while away"]);
	centre.stop();
});
