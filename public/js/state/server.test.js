// A server for tests, as seen from ann's browser: its answers and its socket, driven by hand.
import { newClientId } from "../lib/ids.js";
import { Api } from "../protocol/api.js";
import { LiveLine } from "../protocol/socket.js";
import { Centre } from "./centre.js";
import { Depot } from "./depot.js";
import { Model } from "./model.test.js";
import { Shelf } from "./shelf.js";

/**
 * @typedef {import("../protocol/types.js").Change} Change
 */

/** Everything that waits for nothing but the server has happened. */
export async function settle() {
	for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

class Socket extends EventTarget {
	/** @type {Record<string, unknown>[]} */
	said = [];
	/** Whether the handshake is over. */
	linked = false;
	/** @param {Server} server */
	constructor(server) {
		super();
		this.server = server;
	}

	/** Frames on their way to the page, and to the server, when the line is slow. @type {unknown[]} */
	down = [];
	/** @type {Record<string, unknown>[]} */
	up = [];

	/** @param {string} text */
	send(text) {
		const frame = JSON.parse(text);
		this.said.push(frame);
		this.up.push(frame);
		if (!this.server.slow) this.hear();
	}

	/** What was said reaches the server. */
	hear() {
		for (let frame = this.up.shift(); frame; frame = this.up.shift()) this.server.hear(this, frame);
	}

	/** @param {unknown} frame */
	tell(frame) {
		this.down.push(frame);
		if (!this.server.slow) this.arrive();
	}

	/** What was told reaches the page. @param {number} most frames */
	arrive(most = Number.POSITIVE_INFINITY) {
		for (let count = 0; count < most && this.down.length > 0; count += 1) {
			const data = JSON.stringify(this.down.shift());
			this.dispatchEvent(new MessageEvent("message", { data }));
		}
	}

	close() {
		this.server.sockets = this.server.sockets.filter((socket) => socket !== this);
	}
}

export class Server extends Model {
	down = false;
	/** Frames wait until they are let through. */
	slow = false;
	/** Answers `resume` by itself. */
	answers = true;
	/** @type {Socket[]} */
	sockets = [];
	/** @type {string[]} */
	asked = [];
	/** Held back answers. @type {((path: string) => Promise<void>) | null} */
	hold = null;
	/** Requests on their way to the server. @type {((path: string) => Promise<void>) | null} */
	delay = null;

	/**
	 * Holds back the next answer to a request for such a path.
	 * @param {string} [end] of the path
	 * @returns {() => Promise<void>} lets it go
	 */
	holdBack(end = "") {
		/** @type {() => void} */
		let release = () => {};
		/** @type {Promise<void>} */
		const held = new Promise((resolve) => (release = resolve));
		this.hold = (path) => {
			if (!path.endsWith(end)) return Promise.resolve();
			this.hold = null;
			return held;
		};
		return () => {
			release();
			return settle();
		};
	}

	get socket() {
		return this.sockets[0];
	}

	/** @override @param {Change} change */
	tell(change) {
		this.socket?.tell(change);
	}

	/** @param {Socket} socket @param {Record<string, unknown>} frame */
	hear(socket, frame) {
		const { with: name, seq, type } = frame;
		if ((type === "read" || type === "delivered") && typeof name === "string" && this.moves) {
			this.move(name, "ann", { [type]: Number(seq) });
		}
		if (type !== "resume" || !this.answers) return;
		const { epoch, revision } = this;
		if (!this.knows(Number(frame.since), frame.epoch)) {
			return socket.tell({ type: "resync", revision, epoch });
		}
		for (const change of this.changes(Number(frame.since))) socket.tell(change);
		socket.tell({ type: "synced", revision, epoch });
	}

	/** Whether what ann's page says of its places is heard. */
	moves = false;

	/** @type {typeof fetch} */
	fetch = async (path, request) => {
		const url = new URL(String(path), "http://h");
		const parts = url.pathname.split("/").slice(3, -1).map(decodeURIComponent);
		this.asked.push(`${request?.method} ${parts.join("/")}${url.search}`);
		await this.delay?.(url.pathname);
		await null;
		if (this.down) throw new TypeError("down");
		const json = JSON.parse(String(request?.body ?? "{}"));
		const answer = this.answer(parts, url.searchParams, json, request?.method ?? "GET");
		const response = Response.json(answer, { status: answer === null ? 404 : 200 });
		await this.hold?.(url.pathname);
		return response;
	};

	/** @param {string[]} path @param {URLSearchParams} query @param {Record<string, any>} json @param {string} method */
	answer([kind, name, part], query, json, method) {
		if (kind === "user") return [];
		if (kind === "sync") return this.sync(query);
		if (kind === "message") {
			if (method === "PATCH") return this.change(Number(name), { body: json.body });
			return this.write("ann", json.recipient, json.body, json.client_id);
		}
		if (name === undefined) {
			const { names, next } = this.list(Number(query.get("cursor") ?? Number.POSITIVE_INFINITY));
			return { conversations: names.map((one) => this.latest(one)), next };
		}
		if (!this.positions[name]) return null;
		if (part === "message") return this.page(name, query);
		if (method !== "PATCH") return this.latest(name);
		const { read, delivered, ...settings } = json;
		this.move(name, "ann", { read, delivered });
		if (Object.keys(settings).length > 0) this.set(name, settings);
		return this.conversation(name);
	}

	/** @param {URLSearchParams} query */
	sync(query) {
		const since = Number(query.get("since"));
		if (!query.has("since") || !this.knows(since, query.get("epoch"))) return this.snapshot();
		const { epoch, revision } = this;
		return { changes: this.changes(since), epoch, revision, next: null };
	}

	/** Lets the line come about. */
	open() {
		this.socket.linked = true;
		this.socket.dispatchEvent(new Event("open"));
		const { revision, epoch } = this;
		this.socket.tell({ type: "hello", user: "ann", revision, epoch });
	}

	cut() {
		this.socket?.dispatchEvent(new Event("close"));
	}
}

/**
 * Ann's page.
 * @param {Server} server
 * @param {Depot} depot
 * @param {number} pageSize
 */
export async function visit(server, depot = new Depot(null, "ann", newClientId()), pageSize = 30) {
	let signedOut = 0;
	const centre = new Centre({
		me: "ann",
		api: new Api({ fetcher: server.fetch }),
		depot,
		shelf: new Shelf(null, "ann"),
		pageSize,
		line: (listener) =>
			new LiveLine("ws://h/ws", listener, () => {
				const socket = new Socket(server);
				server.sockets = [socket];
				return /** @type {WebSocket} */ (/** @type {unknown} */ (socket));
			}),
		tell: () => {},
		onSignedOut: () => {
			signedOut += 1;
		},
	});
	await centre.start();
	centre.lead();
	return { centre, signedOut: () => signedOut };
}

/**
 * Ann's page with a line, as long as a test goes on.
 * @param {import("node:test").TestContext} t
 * @param {Server} server
 */
export async function live(t, server) {
	const page = await visit(server);
	t.after(() => page.centre.stop());
	server.open();
	await settle();
	return page;
}
