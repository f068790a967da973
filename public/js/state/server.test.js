// A fake server for tests, as seen from ann's browser: its responses and sockets, controlled by the test.
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

/** Waits until everything that depends only on the fake server has happened. */
export async function settle() {
	for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

class Socket extends EventTarget {
	/** @type {Record<string, unknown>[]} */
	sent = [];
	/** Whether the handshake is complete. */
	opened = false;
	/** In-flight frames to the page, and to the server, when the connection is slow. @type {unknown[]} */
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
		this.sent.push(frame);
		this.up.push(frame);
		if (!this.server.slow) this.deliverUp();
	}

	/** Delivers the page's frames to the server. */
	deliverUp() {
		for (let frame = this.up.shift(); frame; frame = this.up.shift()) this.server.receive(frame);
	}

	/** @param {unknown} frame */
	push(frame) {
		this.down.push(frame);
		if (!this.server.slow) this.deliverDown();
	}

	/** Delivers the server's frames to the page. @param {number} most frames */
	deliverDown(most = Number.POSITIVE_INFINITY) {
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
	/** Frames wait until they are delivered. */
	slow = false;
	/** The user of the browser's session. */
	user = "ann";
	/** A proxy answers instead of the server. @type {(() => Response) | null} */
	proxy = null;
	/** @type {Socket[]} */
	sockets = [];
	/** How many sockets were opened. */
	handshakes = 0;
	/** @type {string[]} */
	requests = [];
	/** Delays responses. @type {((path: string) => Promise<void>) | null} */
	hold = null;
	/** Delays requests. @type {((path: string) => Promise<void>) | null} */
	delay = null;
	/** Waiting long polls. @type {(() => void)[]} */
	waiting = [];
	/** Whether acks from ann's page are applied. */
	moves = false;
	/** Missed events per frame. */
	batch = 40;

	/**
	 * Holds back the next response to a path with this end.
	 * @param {string} [end] of the path
	 * @returns {() => Promise<void>} releases it
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

	/** The socket of one page. @param {string} tab */
	of(tab) {
		return this.sockets.find((socket) => socket.tab === tab);
	}

	/** The id of the conversation with a person. @param {string} name */
	at(name) {
		return this.number(name);
	}

	/** @override @param {Change} change */
	emit(change) {
		for (const socket of this.sockets) if (socket.opened) socket.push(change);
		for (const wake of this.waiting.splice(0)) wake();
	}

	/** @param {Record<string, unknown>} frame */
	receive({ type, conversation, delivered, read }) {
		const name = this.nameOf(Number(conversation));
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
		this.requests.push(`${method} ${parts.join("/")}${url.search}`);
		await this.delay?.(url.pathname);
		await null;
		if (this.down) throw new TypeError("down");
		if (this.proxy) return this.proxy();
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
			const recipient = json.recipient ?? this.nameOf(json.conversation);
			return this.write("ann", recipient, json.body, json.client_id);
		}
		if (id === undefined) return this.found(query);
		const name = this.nameOf(Number(id));
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
			if (!this.people.includes(username)) return null;
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

	/** Opens a socket and sends the missed changes. */
	open(socket = this.socket) {
		const { revision, epoch } = this;
		socket.opened = true;
		socket.dispatchEvent(new Event("open"));
		socket.push({ type: "hello", user: this.user, revision, epoch });
		const since = Number(socket.query.get("since"));
		if (!this.knows(since, socket.query.get("epoch"))) {
			return socket.push({ type: "resync", revision, epoch });
		}
		/** @type {Event[]} */
		const missed = this.changes(since);
		while (missed.length > 0) socket.push(missed.splice(0, this.batch));
		socket.push({ type: "synced", revision, epoch });
	}

	cut(socket = this.socket) {
		socket?.dispatchEvent(new Event("close"));
	}
}

/**
 * Opens a page of ann's.
 * @param {Server} server
 * @param {{
 *   store?: IdbStore,
 *   pageSize?: number,
 *   storage?: Storage | null,
 *   tab?: string,
 *   broadcast?: (message: import("./client/client.js").TabMessage) => void,
 *   onLeft?: () => void,
 * }} [parts]
 */
export async function open(server, parts = {}) {
	const { pageSize = 30, storage = null, tab = "only", broadcast = () => {} } = parts;
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
					server.handshakes += 1;
					const socket = new Socket(server, address, tab);
					server.sockets = [...server.sockets.filter((other) => other.tab !== tab), socket];
					return /** @type {WebSocket} */ (/** @type {unknown} */ (socket));
				},
			),
		broadcast,
		onLeft,
	});
	await client.start();
	await settle();
	return { client, left: () => left };
}

/**
 * Opens her page that sends and stores.
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
 * Opens ann's page with a socket, until the test ends.
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
