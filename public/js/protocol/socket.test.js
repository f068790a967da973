import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { LiveLine } from "./socket.js";

class FakeSocket extends EventTarget {
	closed = false;
	close() {
		this.closed = true;
	}
}

function line() {
	/** @type {FakeSocket[]} */
	const sockets = [];
	/** @type {string[]} */
	const told = [];
	const live = new LiveLine(
		"ws://h/ws",
		{
			onState: (state) => told.push(state),
			onEvent: () => told.push("event"),
			onFailure: () => told.push("failure"),
		},
		() => {
			const socket = new FakeSocket();
			sockets.push(socket);
			return /** @type {WebSocket} */ (/** @type {unknown} */ (socket));
		},
	);
	return { live, sockets, told };
}

test("a lost line comes back by itself, later each time", (t) => {
	t.after(() => mock.timers.reset());
	mock.timers.enable({ apis: ["setTimeout"] });
	const { live, sockets, told } = line();
	live.start();
	sockets[0].dispatchEvent(new Event("open"));
	sockets[0].dispatchEvent(new Event("message"));
	sockets[0].dispatchEvent(new Event("close"));
	assert.deepEqual(told, ["connecting", "open", "event", "closed"]);
	mock.timers.tick(1000);
	assert.equal(sockets.length, 2);
	sockets[1].dispatchEvent(new Event("close"));
	assert.equal(told.at(-1), "failure");
	mock.timers.tick(900);
	assert.equal(sockets.length, 2);
	mock.timers.tick(1100);
	assert.equal(sockets.length, 3);
	live.stop();
});

test("a handshake without an answer is given up", (t) => {
	t.after(() => mock.timers.reset());
	mock.timers.enable({ apis: ["setTimeout"] });
	const { live, sockets, told } = line();
	live.start();
	mock.timers.tick(15_000);
	assert.ok(sockets[0].closed);
	assert.equal(told.at(-1), "failure");
	sockets[0].dispatchEvent(new Event("open"));
	assert.equal(told.at(-1), "failure");
	live.stop();
});

test("hurry skips the pause and never opens a second line", (t) => {
	t.after(() => mock.timers.reset());
	mock.timers.enable({ apis: ["setTimeout"] });
	const { live, sockets } = line();
	live.start();
	live.hurry();
	assert.equal(sockets.length, 1);
	sockets[0].dispatchEvent(new Event("close"));
	live.hurry();
	assert.equal(sockets.length, 2);
	mock.timers.tick(2000);
	assert.equal(sockets.length, 2);
	live.stop();
	assert.ok(sockets[1].closed);
});

test("renew replaces a line that only looks open", () => {
	const { live, sockets, told } = line();
	live.start();
	sockets[0].dispatchEvent(new Event("open"));
	live.renew();
	assert.ok(sockets[0].closed);
	sockets[0].dispatchEvent(new Event("close"));
	sockets[1].dispatchEvent(new Event("open"));
	assert.equal(sockets.length, 2);
	assert.equal(told.at(-1), "open");
	live.stop();
});
