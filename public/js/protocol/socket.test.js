import assert from "node:assert/strict";
import { test } from "node:test";
import { ReconnectingSocket } from "./socket.js";

class FakeSocket extends EventTarget {
	closed = false;
	/** @type {unknown[]} */
	sent = [];
	/** @param {string} text */
	send(text) {
		this.sent.push(JSON.parse(text));
	}
	close() {
		this.closed = true;
	}
	open() {
		this.dispatchEvent(new Event("open"));
	}
	/** @param {string} data */
	deliver(data) {
		this.dispatchEvent(new MessageEvent("message", { data }));
	}
	cut() {
		this.dispatchEvent(new Event("close"));
	}
}

/** @param {import("node:test").TestContext} t */
function begin(t) {
	t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
	/** @type {FakeSocket[]} */
	const sockets = [];
	/** @type {string[]} */
	const log = [];
	const live = new ReconnectingSocket(
		() => "ws://h/ws",
		{
			onEvents: (events) => log.push(...events.map(({ type }) => type)),
			onDown: (opened) => log.push(opened ? "lost" : "failed"),
		},
		() => {
			const socket = new FakeSocket();
			sockets.push(socket);
			return /** @type {WebSocket} */ (/** @type {unknown} */ (socket));
		},
	);
	return { live, sockets, log, tick: (/** @type {number} */ ms) => t.mock.timers.tick(ms) };
}

test("a lost socket reconnects, with a longer wait each time", (t) => {
	const { live, sockets, log, tick } = begin(t);
	live.start();
	sockets[0].open();
	sockets[0].deliver('{"type":"message"}');
	tick(10_001);
	sockets[0].cut();
	assert.deepEqual(log, ["message", "lost"]);
	tick(500);
	assert.equal(sockets.length, 2);
	sockets[1].cut();
	assert.equal(log.at(-1), "failed");
	tick(499);
	assert.equal(sockets.length, 2);
	tick(501);
	assert.equal(sockets.length, 3);
	live.stop();
});

test("sockets that close at once are not reopened without backoff", (t) => {
	const { live, sockets, tick } = begin(t);
	live.start();
	for (let tries = 0; tries < 5; tries += 1) {
		sockets[tries].open();
		sockets[tries].cut();
		tick(500 * 2 ** tries);
	}
	tick(3_999);
	assert.equal(sockets.length, 6);
	live.stop();
});

test("an unanswered handshake times out", (t) => {
	const { live, sockets, log, tick } = begin(t);
	live.start();
	tick(15_000);
	assert.ok(sockets[0].closed);
	assert.deepEqual(log, ["failed"]);
	sockets[0].open();
	assert.equal(live.send({ type: "ping" }), false);
	live.stop();
});

test("a silent socket is pinged, and dropped without an answer within 25 seconds", (t) => {
	const { live, sockets, log, tick } = begin(t);
	live.start();
	sockets[0].open();
	tick(15_000);
	assert.deepEqual(sockets[0].sent, [{ type: "ping" }]);
	tick(9_999);
	sockets[0].deliver('{"type":"pong"}');
	tick(15_000);
	tick(9_999);
	assert.deepEqual(log, []);
	tick(1);
	assert.deepEqual(log, ["lost"]);
	live.stop();
});

test("while the user looks, the socket has three seconds to answer a ping", (t) => {
	const { live, sockets, log, tick } = begin(t);
	live.start();
	sockets[0].open();
	live.check();
	tick(2_999);
	sockets[0].deliver("not a frame");
	tick(3_000);
	assert.deepEqual(log, []);
	live.check();
	tick(3_000);
	assert.deepEqual(log, ["lost"]);
	live.check();
	assert.equal(sockets.length, 2);
	live.stop();
});

test("retryNow skips the backoff and never opens a second socket", (t) => {
	const { live, sockets, tick } = begin(t);
	live.start();
	live.retryNow();
	assert.equal(sockets.length, 1);
	sockets[0].cut();
	live.retryNow();
	assert.equal(sockets.length, 2);
	tick(2000);
	assert.equal(sockets.length, 2);
	live.stop();
	assert.ok(sockets[1].closed);
});

test("renew replaces a socket that only looks open", (t) => {
	const { live, sockets, log } = begin(t);
	live.start();
	sockets[0].open();
	live.renew();
	assert.ok(sockets[0].closed);
	sockets[0].cut();
	sockets[1].open();
	assert.equal(sockets.length, 2);
	assert.deepEqual(log, []);
	assert.equal(live.send({ type: "ping" }), true);
	live.stop();
});

test("a frame has one event or several, and each try gets a new URL", (t) => {
	t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
	/** @type {string[]} */
	const log = [];
	/** @type {string[]} */
	const addresses = [];
	/** @type {FakeSocket[]} */
	const sockets = [];
	const live = new ReconnectingSocket(
		() => `ws://h/ws?since=${sockets.length}`,
		{ onEvents: (events) => log.push(events.map(({ type }) => type).join()), onDown: () => {} },
		(address) => {
			addresses.push(address);
			sockets.push(new FakeSocket());
			return /** @type {WebSocket} */ (/** @type {unknown} */ (sockets.at(-1)));
		},
	);
	live.start();
	sockets[0].open();
	sockets[0].deliver('{"type":"hello"}');
	sockets[0].deliver('[{"type":"message"},{"type":"synced"},7,null]');
	sockets[0].deliver('[{"type":"pong"}]');
	assert.deepEqual(log, ["hello", "message,synced"]);
	live.renew();
	assert.deepEqual(addresses, ["ws://h/ws?since=0", "ws://h/ws?since=1"]);
	live.stop();
});
