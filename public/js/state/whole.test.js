// Property test: after any events in any order, an idle page shows what a fresh one would.
import assert from "node:assert/strict";
import { test } from "node:test";
import { IDBFactory } from "fake-indexeddb";
import fc from "fast-check";
import { newClientId } from "../lib/ids.js";
import { IdbStore } from "./persistence/idb_store.js";
import { MemoryStorage } from "./persistence/memory_storage.test.js";
import { open, Server, settle } from "./server.test.js";

/** @typedef {import("./client/client.js").ChatClient} ChatClient */

const RUNS = Number(process.env.RUNS ?? 150);
/** A failure prints its seed, with which the same run can be repeated. */
const replay = process.env.SEED ? { seed: Number(process.env.SEED) } : {};
const NAMES = ["bo", "cy", "dee", "ed"];

/** Ann's browser with two pages, a server, and sockets and requests that are slow or fail. */
class World {
	server = new Server();
	factory = new IDBFactory();
	storage = new MemoryStorage();
	/** In-flight requests and responses. @type {((fails: boolean) => void)[]} */
	inFlight = [];
	/** @type {Record<string, unknown> | undefined} */
	backup;
	/** Whether a restored backup may have lost messages. */
	restored = false;
	/** Keys of the messages ann has sent, in order, by recipient. @type {Map<string, string[]>} */
	sent = new Map();
	/** The pages, the leader first. @type {{ tab: string, client: ChatClient }[]} */
	pages = [];
	#tabs = 0;

	static async begin() {
		const world = new World();
		const { server } = world;
		server.listed = 2;
		server.most = 5;
		server.batch = 3;
		server.moves = true;
		for (let number = 1; number <= 8; number += 1) server.write("bo", "ann", String(number));
		await world.visit();
		server.slow = true;
		const travel = () =>
			/** @type {Promise<void>} */ (
				new Promise((resolve, reject) => {
					world.inFlight.push((fails) => (fails ? reject(new TypeError("lost")) : resolve()));
				})
			);
		server.delay = travel;
		server.hold = travel;
		return world;
	}

	/** The visible page. */
	get client() {
		return this.pages[0].client;
	}

	async visit() {
		while (this.pages.length < 2) {
			this.#tabs += 1;
			const tab = `tab ${this.#tabs}`;
			const { client } = await open(this.server, {
				store: await IdbStore.open("ann", newClientId(), this.factory),
				storage: this.storage,
				pageSize: 3,
				tab,
				broadcast: (message) => {
					for (const page of this.pages)
						if (page.tab !== tab) page.client.receive(structuredClone(message));
				},
				onLeft: () => this.close(tab),
			});
			this.pages.push({ tab, client });
		}
		this.client.lead();
	}

	/** @param {string} tab */
	close(tab) {
		for (const page of this.pages) if (page.tab === tab) page.client.stop();
		this.pages = this.pages.filter((page) => page.tab !== tab);
		this.server.sockets = this.server.sockets.filter((socket) => socket.tab !== tab);
		if (this.pages.length > 0) this.client.lead();
	}

	/** Another user logs in in this browser, then ann again. */
	async otherPerson() {
		const { server } = this;
		server.user = "zed";
		for (const socket of [...server.sockets]) server.cut(socket);
		for (const { client } of [...this.pages]) client.online();
		for (const socket of [...server.sockets]) server.open(socket);
		const zed = await IdbStore.open("zed", newClientId(), this.factory);
		assert.equal(await zed.load(), null);
		assert.deepEqual(await zed.entries(), []);
		for (const { tab } of [...this.pages]) this.close(tab);
		server.user = "ann";
		await this.visit();
	}

	/** Removes all faults and delivers everything. @param {(ms: number) => void} tick */
	async heal(tick) {
		const { server } = this;
		server.slow = false;
		server.delay = null;
		server.hold = null;
		for (const finish of this.inFlight.splice(0)) finish(false);
		server.sockets = [];
		await settle();
		await this.visit();
		for (const { client } of this.pages) client.online();
		await settle();
		// Twice, because the history may be lost, and then a resync follows.
		for (let times = 0; times < 2; times += 1) {
			for (const socket of [...server.sockets]) if (!socket.opened) server.open(socket);
			await settle();
			tick(1_000);
			await settle();
		}
	}
}

/** One step of a run. */
class Step {
	/** @param {string} what @param {(world: World, tick: (ms: number) => void) => unknown} happen */
	constructor(what, happen) {
		this.what = what;
		this.happen = happen;
	}
	toString() {
		return this.what;
	}
}

/** @param {ConstructorParameters<typeof Step>} parts */
const does = (...parts) => new Step(...parts);

/** @param {number} n @param {{ length: number }} of */
const at = (n, of) => n % of.length;

const name = fc.constantFrom(...NAMES);
const n = fc.nat(200);

/** What others do, or ann on another device. */
const elsewhere = fc.oneof(
	fc
		.record({ to: name, mine: fc.boolean(), count: fc.constantFrom(1, 1, 1, 4, 12) })
		.map(({ to, mine, count }) =>
			does(`${count} ${mine ? "to" : "from"} ${to}`, ({ server }) => {
				for (let one = 0; one < count; one += 1) {
					mine ? server.write("ann", to, "mine") : server.write(to, "ann", "theirs");
				}
			}),
		),
	fc.tuple(n, fc.constantFrom("edit", "erase", "hide", "react")).map(([k, how]) =>
		does(`${how} ${k}`, ({ server }) => {
			if (server.messages.length === 0) return;
			const message = server.messages[at(k, server.messages)];
			if (how === "hide") server.hide(message);
			else if (how === "edit") server.change(message.id, { body: `edited ${server.revision}` });
			else if (how === "erase") server.change(message.id, { body: "", deleted: true });
			else server.change(message.id, { reactions: [{ user: "bo", emoji: "👍" }] });
		}),
	),
	fc
		.tuple(name, fc.boolean(), fc.constantFrom("read", "delivered"), n)
		.map(([who, mine, what, k]) =>
			does(`${mine ? "ann" : who} ${what} with ${who} ${k}`, ({ server }) => {
				if (!server.positions[who]) return;
				const seq = 1 + at(k, server.with(who));
				server.move(who, mine ? "ann" : who, { [what]: seq });
			}),
		),
	fc
		.tuple(name, fc.constantFrom("unread", "pinned", "archived"), fc.boolean())
		.map(([who, what, on]) =>
			does(
				`${who} ${what} ${on}`,
				({ server }) => server.positions[who] && server.set(who, { [what]: on }),
			),
		),
);

/** What ann does on this page. */
const here = fc.oneof(
	fc
		.option(name)
		.map((who) =>
			does(`show ${who}`, ({ client }) => client.show(who === null ? null : { person: who })),
		),
	fc.boolean().map((looks) => does(`active ${looks}`, ({ client }) => client.setActive(looks))),
	name.map((who) =>
		does(`send ${who}`, (world) => {
			for (const { client } of world.pages) {
				client.send(client.person(who), "sent");
				const key = client.outbox.pending.peek().at(-1)?.client_id ?? "";
				world.sent.set(who, [...(world.sent.get(who) ?? []), key]);
			}
		}),
	),
	fc
		.tuple(fc.constantFrom("older", "newer", "around", "load", "more", "unread"), n)
		.map(([what, k]) =>
			does(`${what} ${k}`, ({ client, server }) => {
				if (what === "more") return void client.loadMoreConversations();
				const conversation = client.open.peek();
				if (!conversation) return;
				const { name: open } = conversation;
				if (what === "older") conversation.loadOlder();
				else if (what === "newer") conversation.loadNewer();
				else if (what === "load") conversation.load();
				else if (what === "unread")
					conversation.id &&
						client.actions.setConversation(conversation, { unread: true }).catch(() => {});
				else if (server.with(open).length > 0)
					conversation.loadAround(1 + at(k, server.with(open)));
			}),
		),
);

/** Network events. */
const way = fc.oneof(
	fc
		.tuple(n, fc.nat(3))
		.map(([k, count]) =>
			does(`arrive ${k} ${count}`, ({ server }) => some(k, server)?.deliverDown(count)),
		),
	n.map((k) => does(`heard ${k}`, ({ server }) => some(k, server)?.deliverUp())),
	fc
		.tuple(n, fc.constantFrom(false, false, false, true))
		.map(([k, fails]) =>
			does(
				`answer ${k} ${fails}`,
				(world) =>
					world.inFlight.length > 0 && world.inFlight.splice(at(k, world.inFlight), 1)[0](fails),
			),
		),
	n.map((k) =>
		does(`open ${k}`, ({ server }) => {
			const socket = some(k, server);
			if (socket && !socket.opened) server.open(socket);
		}),
	),
	// A socket that was not open fails, and changes are polled.
	n.map((k) => does(`cut ${k}`, ({ server }) => server.cut(some(k, server)))),
	fc.constant(
		does("frozen", ({ server }) => {
			server.sockets = [];
		}),
	),
	fc.constant(
		does("online", ({ pages }) => {
			for (const { client } of pages) client.online();
		}),
	),
	fc.constantFrom(300, 6000, 30_000).map((ms) => does(`wait ${ms}`, (_, tick) => tick(ms))),
);

/** @param {number} k @param {Server} server */
const some = (k, { sockets }) => sockets[k % Math.max(1, sockets.length)];

const rarely = fc.oneof(
	fc.constant(
		does("back up", (world) => {
			world.backup ??= world.server.backup();
		}),
	),
	fc.boolean().map((restored) =>
		does(restored ? "restore" : "restart", (world) => {
			for (const socket of [...world.server.sockets]) world.server.cut(socket);
			world.server.restart(restored ? world.backup : undefined);
			world.restored ||= restored && world.backup !== undefined;
		}),
	),
	fc.nat(2).map((count) =>
		does(`close ${count} and open`, async (world) => {
			for (const { tab } of world.pages.slice(0, count)) world.close(tab);
			await settle();
			await world.visit();
		}),
	),
	fc.constant(does("another person", (world) => world.otherPerson())),
);

const steps = fc.array(
	fc.tuple(
		fc.oneof(
			{ arbitrary: elsewhere, weight: 6 },
			{ arbitrary: here, weight: 4 },
			{ arbitrary: way, weight: 9 },
			{ arbitrary: rarely, weight: 1 },
		),
		fc.constantFrom(0, 1, 5),
	),
	{ maxLength: 60, size: "max" },
);

/** @param {ChatClient} client @param {Server} server */
function compare(client, server) {
	assert.equal(client.status.value, "ws");
	assert.deepEqual(
		client.conversations.value.map(({ name }) => name),
		server.names(),
		"the list",
	);
	for (const who of server.names()) {
		const conversation = client.person(who);
		const { revision: _, unread, ...truth } = server.conversation(who);
		const { revision: __, unread: ___, ...state } = conversation.state.value ?? {};
		assert.deepEqual(state, truth, `state of ${who}`);
		assert.equal(conversation.unread.value, unread, `unread of ${who}`);
		const { first, last } = conversation.window;
		const visible = server.visible(who);
		assert.deepEqual(
			conversation.messages.value,
			visible.filter(({ seq }) => seq >= first && seq <= last),
			`messages of ${who}`,
		);
		if (client.open.value === conversation && conversation.data?.following) {
			assert.equal(last, truth.last_seq, `end of ${who}`);
		}
		const newest = conversation.last.value;
		if (newest || !server.hidden.has(server.with(who).at(-1)?.id ?? 0)) {
			assert.deepEqual(newest, visible.at(-1), `last of ${who}`);
		}
	}
}

/** Checks what a page shows, and what each conversation shows when it is opened. @param {World} world @param {ChatClient} client @param {(ms: number) => void} tick */
async function check({ server }, client, tick) {
	while (client.moreConversations.value) await client.loadMoreConversations();
	await settle();
	compare(client, server);
	for (const who of server.names()) {
		client.show({ person: who });
		await settle();
		tick(1_000);
		await settle();
		compare(client, server);
	}
	assert.deepEqual(client.outbox.pending.value, [], "outbox");
}

test("once idle, a page shows what a fresh one would", async (t) => {
	t.mock.timers.enable({ apis: ["setTimeout"] });
	const tick = (/** @type {number} */ ms) => t.mock.timers.tick(ms);
	await fc.assert(
		fc.asyncProperty(steps, async (run) => {
			const world = await World.begin();
			try {
				for (const [step, turns] of run) {
					await step.happen(world, tick);
					for (let turn = 0; turn < turns; turn += 1) {
						await new Promise((resolve) => setImmediate(resolve));
					}
				}
				await world.heal(tick);
				tick(40_000);
				await settle();
				for (const { client } of world.pages) await check(world, client, tick);
				for (const [who, keys] of world.restored ? [] : world.sent) {
					const arrived = world.server.with(who).map(({ client_id }) => client_id);
					assert.deepEqual(arrived.filter(Boolean).sort(), keys.toSorted(), `sent to ${who}`);
				}
			} finally {
				for (const { tab } of world.pages) world.close(tab);
			}
		}),
		{ numRuns: RUNS, includeErrorInReport: true, ...replay },
	);
});
