// Whatever happens on the way, and in whatever order: once all is quiet, a page shows what a fresh one would.
import assert from "node:assert/strict";
import { test } from "node:test";
import { IDBFactory } from "fake-indexeddb";
import fc from "fast-check";
import { newClientId } from "../lib/ids.js";
import { Depot } from "./depot.js";
import { Server, settle, visit } from "./server.test.js";

/** @typedef {import("./centre.js").Centre} Centre */

const RUNS = Number(process.env.RUNS ?? 150);
/** A failure tells its seed; with it the same story is told again. */
const replay = process.env.SEED ? { seed: Number(process.env.SEED) } : {};
const NAMES = ["bo", "cy", "dee", "ed"];

/** One browser of ann's, a server that lives on, and a line and requests that are slow, fail and break. */
class World {
	server = new Server();
	factory = new IDBFactory();
	/** Requests and answers on their way. @type {((fails: boolean) => void)[]} */
	way = [];
	/** @type {Record<string, unknown> | undefined} */
	backup;
	/** Keys of what ann has sent, in their order, by recipient. @type {Map<string, string[]>} */
	sent = new Map();
	/** @type {Centre} */
	centre = /** @type {Centre} */ (/** @type {unknown} */ (null));

	static async begin() {
		const world = new World();
		const { server } = world;
		server.listed = 2;
		server.moves = true;
		for (let number = 1; number <= 8; number += 1) server.write("bo", "ann", String(number));
		await world.visit();
		server.slow = true;
		const travel = () =>
			/** @type {Promise<void>} */ (
				new Promise((resolve, reject) => {
					world.way.push((fails) => (fails ? reject(new TypeError("lost")) : resolve()));
				})
			);
		server.delay = travel;
		server.hold = travel;
		return world;
	}

	async visit() {
		const depot = await Depot.open("ann", newClientId(), this.factory);
		({ centre: this.centre } = await visit(this.server, depot, 3));
	}

	/** @param {string} name */
	with(name) {
		return this.server.with(name);
	}

	/** All is well again, and everything has come. */
	async heal() {
		const { server } = this;
		server.slow = false;
		server.delay = null;
		server.hold = null;
		for (const arrive of this.way.splice(0)) arrive(false);
		server.sockets = [];
		await settle();
		this.centre.online();
		server.open();
		await settle();
	}
}

/** Something that happens. */
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

/** What others do, or ann elsewhere. */
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

/** What ann does at this page. */
const here = fc.oneof(
	fc.option(name).map((who) => does(`show ${who}`, ({ centre }) => centre.show(who))),
	fc.boolean().map((looks) => does(`look ${looks}`, ({ centre }) => centre.look(looks))),
	name.map((who) =>
		does(`send ${who}`, (world) => {
			const { outbox } = world.centre;
			world.centre.send(who, "sent");
			const key = outbox.pending.peek().at(-1)?.client_id ?? "";
			world.sent.set(who, [...(world.sent.get(who) ?? []), key]);
		}),
	),
	fc
		.tuple(fc.constantFrom("older", "newer", "around", "load", "more", "aside"), n)
		.map(([what, k]) =>
			does(`${what} ${k}`, ({ centre, server }) => {
				if (what === "more") return void centre.loadMoreConversations();
				const open = centre.open.peek();
				if (open === null) return;
				const conversation = centre.conversation(open);
				if (what === "older") conversation.loadOlder();
				else if (what === "newer") conversation.loadNewer();
				else if (what === "load") conversation.load();
				else if (what === "aside") centre.setConversation(open, { unread: true }).catch(() => {});
				else if (server.with(open).length > 0)
					conversation.loadAround(1 + at(k, server.with(open)));
			}),
		),
);

/** What happens on the way. */
const way = fc.oneof(
	fc.nat(6).map((count) => does(`arrive ${count}`, ({ server }) => server.socket?.arrive(count))),
	fc.constant(does("heard", ({ server }) => server.socket?.hear())),
	fc
		.tuple(n, fc.constantFrom(false, false, false, true))
		.map(([k, fails]) =>
			does(
				`answer ${k} ${fails}`,
				(world) => world.way.length > 0 && world.way.splice(at(k, world.way), 1)[0](fails),
			),
		),
	fc.constant(
		does("open", ({ server }) => server.socket && !server.socket.linked && server.open()),
	),
	fc.constant(does("cut", ({ server }) => server.cut())),
	fc.constant(
		does("frozen", ({ server }) => {
			server.sockets = [];
		}),
	),
	fc.constant(does("online", ({ centre }) => centre.online())),
	fc.constantFrom(300, 6000, 30_000).map((ms) => does(`wait ${ms}`, (_, tick) => tick(ms))),
);

const rarely = fc.oneof(
	fc.constant(
		does("back up", (world) => {
			world.backup ??= world.server.backup();
		}),
	),
	fc.boolean().map((restored) =>
		does(restored ? "restore" : "restart", (world) => {
			world.server.cut();
			world.server.restart(restored ? world.backup : undefined);
		}),
	),
	fc.constant(
		does("close and open", async (world) => {
			world.centre.stop();
			await settle();
			await world.visit();
		}),
	),
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

/** @param {World} world */
function compare({ centre, server }) {
	assert.equal(centre.status.value, "live");
	assert.deepEqual(
		centre.conversations.value.map(({ name }) => name),
		server.names(),
		"the list",
	);
	for (const who of server.names()) {
		const conversation = centre.conversation(who);
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
		if (conversation.watched && conversation.following.value) {
			assert.equal(last, truth.last_seq, `end of ${who}`);
		}
		const newest = conversation.last.value;
		if (newest || !server.hidden.has(server.with(who).at(-1)?.id ?? 0)) {
			assert.deepEqual(newest, visible.at(-1), `last of ${who}`);
		}
	}
}

test("once all is quiet, a page shows what a fresh one would", async (t) => {
	t.mock.timers.enable({ apis: ["setTimeout"] });
	const tick = (/** @type {number} */ ms) => t.mock.timers.tick(ms);
	await fc.assert(
		fc.asyncProperty(steps, async (story) => {
			const world = await World.begin();
			try {
				for (const [step, turns] of story) {
					await step.happen(world, tick);
					for (let turn = 0; turn < turns; turn += 1) {
						await new Promise((resolve) => setImmediate(resolve));
					}
				}
				await world.heal();
				tick(40_000);
				await settle();
				while (world.centre.moreConversations.value) await world.centre.loadMoreConversations();
				await settle();
				compare(world);
				for (const who of world.server.names()) {
					world.centre.show(who);
					await settle();
					tick(300);
					await settle();
					compare(world);
				}
				assert.deepEqual(world.centre.outbox.pending.value, [], "outbox");
			} finally {
				world.centre.stop();
			}
		}),
		{ numRuns: RUNS, includeErrorInReport: true, ...replay },
	);
});
