// A server for tests, as seen from ann's browser: its answers and its socket, driven by hand.
import { newClientId } from "../lib/ids.js";
import { Api } from "../protocol/api.js";
import { ReconnectingSocket } from "../protocol/socket.js";
import { ChatClient } from "./client/client.js";
import { Model } from "./model.test.js";
import { IdbStore } from "./persistence/idb_store.js";
import { LocalStorageStore } from "./persistence/local_storage_store.js";

/**
 * @typedef {import("../protocol/types.js").Change} Change
 * @typedef {import("../protocol/types.js").Event} Event
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
	/** Frames on their way to the page, and to the server, when the way is slow. @type {unknown[]} */
	down = [];
	/** @type {Record<string, unknown>[]} */
	up = [];

	/** @param {Server} server @param {string} address @param {string} tab */
	constructor(server, address, tab) {
		super();
		this.server = server;
		this.tab = tab;
		this.query = new URL(address).searchParams;
	}

	/** @param {string} text */
	send(text) {
		const frame = JSON.parse(text);
		this.said.push(frame);
		this.up.push(frame);
		if (!this.server.slow) this.hear();
	}

	/** What was said reaches the server. */
	hear() {
		for (let frame = this.up.shift(); frame; frame = this.up.shift()) this.server.hear(frame);
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

/** @param {number} status @param {string} code */
const problem = (status, code) => Response.json({ status, code, detail: code }, { status });

export class Server extends Model {
	down = false;
	/** Frames wait until they are let through. */
	slow = false;
	/** Whose session the browser has. */
	user = "ann";
	/** What stands between answers in the server's place. @type {(() => Response) | null} */
	foreign = null;
	/** @type {Socket[]} */
	sockets = [];
	/** @type {string[]} */
	asked = [];
	/** Held back answers. @type {((path: string) => Promise<void>) | null} */
	hold = null;
	/** Requests on their way to the server. @type {((path: string) => Promise<void>) | null} */
	delay = null;
	/** Long polls that wait for something to happen. @type {(() => void)[]} */
	waiting = [];
	/** Whether what ann's page says of its positions is heard. */
	moves = false;
	/** Events in a frame of those that were missed. */
	batch = 40;

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

	/** The socket of one of several pages. @param {string} tab */
	of(tab) {
		return this.sockets.find((socket) => socket.tab === tab);
	}

	/** Conversations by their number. @param {string} name */
	at(name) {
		return this.number(name);
	}

	/** @override @param {Change} change */
	tell(change) {
		for (const socket of this.sockets) if (socket.linked) socket.tell(change);
		for (const wake of this.waiting.splice(0)) wake();
	}

	/** @param {Record<string, unknown>} frame */
	hear({ type, conversation, delivered, read }) {
		const name = this.named(Number(conversation));
		if (type !== "ack" || !name || !this.moves) return;
		/** @type {{ delivered?: number, read?: number }} */
		const to = {};
		if (typeof delivered === "number") to.delivered = delivered;
		if (typeof read === "number") to.read = read;
		this.move(name, "ann", to);
	}

	/** @type {typeof fetch} */
	fetch = async (path, request) => {
		const url = new URL(String(path), "http://h");
		const parts = url.pathname.split("/").slice(3, -1).map(decodeURIComponent);
		const method = request?.method ?? "GET";
		this.asked.push(`${method} ${parts.join("/")}${url.search}`);
		await this.delay?.(url.pathname);
		await null;
		if (this.down) throw new TypeError("down");
		if (this.foreign) return this.foreign();
		const response = await this.#answer(parts, url.searchParams, request);
		response.headers.set("Chinwag-Version", "1");
		await this.hold?.(url.pathname);
		return response;
	};

	/** @param {string[]} parts @param {URLSearchParams} query @param {RequestInit} [request] */
	async #answer(parts, query, request) {
		const user = decodeURIComponent(new Headers(request?.headers).get("Chinwag-User") ?? "");
		if (!this.user) return problem(403, "signed_out");
		if (user !== this.user) return problem(409, "other_person");
		if (parts[0] === "sync") await this.#hasChanges(query, request?.signal ?? null);
		const json = JSON.parse(String(request?.body ?? "{}"));
		const answer = this.answer(parts, query, json, request?.method ?? "GET");
		return answer === null ? problem(404, "not_found") : Response.json(answer);
	}

	/** @param {URLSearchParams} query @param {AbortSignal | null} signal */
	async #hasChanges(query, signal) {
		const due = !this.knows(Number(query.get("since")), query.get("epoch"));
		if (!query.has("wait") || due || this.changes(Number(query.get("since"))).length > 0) return;
		await new Promise((resolve, reject) => {
			this.waiting.push(() => resolve(undefined));
			signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
		});
	}

	/** @param {string[]} path @param {URLSearchParams} query @param {Record<string, any>} json @param {string} method */
	answer([kind, id, part], query, json, method) {
		if (kind === "user") return [];
		if (kind === "sync") return this.sync(query);
		if (kind === "message") {
			if (method === "PATCH") return this.change(Number(id), { body: json.body });
			const recipient = json.recipient ?? this.named(json.conversation);
			return this.write("ann", recipient, json.body, json.client_id);
		}
		if (id === undefined) return this.found(query);
		const name = this.named(Number(id));
		if (!name) return null;
		if (part === "message") return this.page(name, query);
		if (method !== "PATCH") return this.latest(name);
		const { read, delivered, ...settings } = json;
		this.move(name, "ann", { read, delivered });
		if (Object.keys(settings).length > 0) this.set(name, settings);
		return this.conversation(name);
	}

	/** @param {URLSearchParams} query */
	found(query) {
		if (query.has("with")) {
			const username = query.get("with")?.toLowerCase() ?? "";
			if (!this.strangers.includes(username)) return null;
			const person = {
				username,
				latest_message: null,
				timestamp: null,
				name: `The great ${username}`,
			};
			const known = this.positions[username] ? [this.latest(username)] : [];
			return { conversations: known, person, next: null };
		}
		const { names, next } = this.list(Number(query.get("cursor") ?? Number.POSITIVE_INFINITY));
		return { conversations: names.map((one) => this.latest(one)), next };
	}

	/** @param {URLSearchParams} query */
	sync(query) {
		const since = Number(query.get("since"));
		if (!query.has("since") || !this.knows(since, query.get("epoch"))) return this.snapshot();
		const { epoch, revision } = this;
		return { changes: this.changes(since), epoch, revision, next: null };
	}

	/** Lets a socket come about, which tells what was missed. */
	open(socket = this.socket) {
		const { revision, epoch } = this;
		socket.linked = true;
		socket.dispatchEvent(new Event("open"));
		socket.tell({ type: "hello", user: this.user, revision, epoch });
		const since = Number(socket.query.get("since"));
		if (!this.knows(since, socket.query.get("epoch"))) {
			return socket.tell({ type: "resync", revision, epoch });
		}
		/** @type {Event[]} */
		const missed = this.changes(since);
		while (missed.length > 0) socket.tell(missed.splice(0, this.batch));
		socket.tell({ type: "synced", revision, epoch });
	}

	cut(socket = this.socket) {
		socket?.dispatchEvent(new Event("close"));
	}
}

/**
 * A page of ann's.
 * @param {Server} server
 * @param {{
 *   store?: IdbStore,
 *   pageSize?: number,
 *   storage?: Storage | null,
 *   tab?: string,
 *   tell?: (word: import("./client/client.js").Word) => void,
 *   onLeft?: () => void,
 * }} [parts]
 */
export async function open(server, parts = {}) {
	const { pageSize = 30, storage = null, tab = "only", tell = () => {} } = parts;
	let left = 0;
	const onLeft = () => {
		left += 1;
		parts.onLeft?.();
	};
	const client = new ChatClient({
		me: "ann",
		api: new Api({
			user: "ann",
			fetcher: server.fetch,
			onRefused: ({ signedOut, otherPerson }) => (signedOut || otherPerson) && onLeft(),
		}),
		store: parts.store ?? new IdbStore(null, "ann", newClientId()),
		storage: new LocalStorageStore(storage, "ann"),
		pageSize,
		socket: (listener, query) =>
			new ReconnectingSocket(
				() => `ws://h/ws${query()}`,
				listener,
				(address) => {
					const socket = new Socket(server, address, tab);
					server.sockets = [...server.sockets.filter((other) => other.tab !== tab), socket];
					return /** @type {WebSocket} */ (/** @type {unknown} */ (socket));
				},
			),
		tell,
		onLeft,
	});
	await client.start();
	await settle();
	return { client, left: () => left };
}

/**
 * The page of hers that sends and keeps.
 * @param {Server} server
 * @param {Parameters<typeof open>[1]} [parts]
 */
export async function visit(server, parts) {
	const page = await open(server, parts);
	page.client.lead();
	await settle();
	return page;
}

/**
 * Ann's page with a socket, as long as a test goes on.
 * @param {import("node:test").TestContext} t
 * @param {Server} server
 */
export async function live(t, server) {
	const page = await visit(server);
	t.after(() => page.client.stop());
	server.open();
	await settle();
	return page;
}
