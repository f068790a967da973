// A server for tests, as seen from ann's browser: its answers and its socket, driven by hand.
import { newClientId } from "../lib/ids.js";
import { Api } from "../protocol/api.js";
import { LiveLine } from "../protocol/socket.js";
import { Centre } from "./centre.js";
import { Depot } from "./depot.js";
import { Shelf } from "./shelf.js";

/**
 * @typedef {import("../protocol/types.js").Message} Message
 * @typedef {import("../protocol/types.js").Change} Change
 */

/** Everything that waits for nothing but the server has happened. */
export async function settle() {
	for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

class Socket extends EventTarget {
	/** @type {Record<string, unknown>[]} */
	said = [];
	/** @param {Server} server */
	constructor(server) {
		super();
		this.server = server;
	}

	/** @param {string} text */
	send(text) {
		const frame = JSON.parse(text);
		this.said.push(frame);
		this.server.hear(this, frame);
	}

	/** @param {unknown} frame */
	tell(frame) {
		this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(frame) }));
	}

	close() {
		this.server.sockets = this.server.sockets.filter((socket) => socket !== this);
	}
}

export class Server {
	revision = 0;
	epoch = "first";
	down = false;
	/** Answers `resume` by itself. */
	answers = true;
	/** @type {Message[]} */
	messages = [];
	/** @type {Map<number, number>} */
	hidden = new Map();
	/** @type {Record<string, Record<string, { delivered: number, read: number }>>} */
	positions = {};
	/** @type {Record<string, number>} */
	conversationRevisions = {};
	/** @type {Socket[]} */
	sockets = [];
	/** @type {string[]} */
	asked = [];
	/** Held back answers. @type {((path: string) => Promise<void>) | null} */
	hold = null;

	get socket() {
		return this.sockets[0];
	}

	/**
	 * @param {string} user
	 * @param {string} recipient
	 * @param {string} body
	 * @param {string | null} client_id
	 */
	write(user, recipient, body, client_id = null) {
		const name = user === "ann" ? recipient : user;
		this.revision += 1;
		const id = this.revision;
		const seq = this.with(name).length + 1;
		const timestamp = new Date(1_800_000_000_000 + id * 1000).toISOString();
		const conversation = this.number(name);
		/** @type {Message} */
		const message = {
			...{ id, seq, user, recipient, timestamp, body, conversation, client_id, revision: id },
			...{ edited_at: null, deleted: false, forwarded: false, reply_to: null, reactions: [] },
		};
		this.messages.push(message);
		this.positions[name] ??= { ann: { delivered: 0, read: 0 }, [name]: { delivered: 0, read: 0 } };
		this.conversationRevisions[name] ??= id;
		return this.tell({ type: "message", revision: id, message });
	}

	/**
	 * @param {number} id
	 * @param {Partial<Message>} changes
	 */
	change(id, changes) {
		this.revision += 1;
		const at = this.messages.findIndex((message) => message.id === id);
		const message = { ...this.messages[at], ...changes, revision: this.revision };
		this.messages[at] = message;
		this.tell({ type: "message", revision: this.revision, message });
	}

	/** @param {Message} message */
	hide(message) {
		this.revision += 1;
		this.hidden.set(message.id, this.revision);
		const { conversation, id } = message;
		this.tell({ type: "hidden", revision: this.revision, conversation, message: id });
	}

	/**
	 * @param {string} name
	 * @param {string} user
	 * @param {{ delivered?: number, read?: number }} to
	 */
	move(name, user, to) {
		this.revision += 1;
		const position = { ...this.positions[name][user], ...to };
		this.positions[name][user] = position;
		this.conversationRevisions[name] = this.revision;
		const conversation = this.number(name);
		this.tell({
			type: "position",
			revision: this.revision,
			conversation,
			position: { user, ...position },
		});
	}

	/** @template {Change} T @param {T} change */
	tell(change) {
		this.socket?.tell(change);
		return change;
	}

	/** @param {string} name */
	number(name) {
		return name.length * 1000 + name.charCodeAt(0);
	}

	/** @param {string} name */
	with(name) {
		return this.messages.filter(({ user, recipient }) => user === name || recipient === name);
	}

	/** @param {string} name */
	visible(name) {
		return this.with(name).filter(({ id }) => !this.hidden.has(id));
	}

	/** @param {string} name */
	conversation(name) {
		const positions = Object.entries(this.positions[name]);
		const { read } = this.positions[name].ann;
		const unread = this.visible(name).filter(
			({ seq, user, deleted }) => seq > read && user !== "ann" && !deleted,
		);
		return {
			...{ id: this.number(name), with: name, name: null, about: "", avatar: null, deleted: false },
			...{ last_seq: this.with(name).length, unread: unread.length, marked_unread: false },
			...{ pinned: false, archived: false, muted_until: null, blocked: false },
			positions: positions.map(([user, position]) => ({ user, ...position })),
			revision: this.conversationRevisions[name],
		};
	}

	/** @param {string} name */
	latest(name) {
		const last = this.with(name).at(-1);
		const shown = last && !this.hidden.has(last.id) ? last : null;
		return { ...this.conversation(name), last_message: shown };
	}

	/** @param {number} since @returns {Change[]} */
	changes(since) {
		/** @type {Change[]} */
		const changes = [];
		for (const [name, revision] of Object.entries(this.conversationRevisions)) {
			changes.push({ type: "conversation", revision, conversation: this.conversation(name) });
		}
		for (const message of this.messages) {
			if (this.hidden.has(message.id)) continue;
			const revision = message.id > since ? message.id : message.revision;
			changes.push({ type: "message", revision, message });
		}
		for (const [message, revision] of this.hidden) {
			const conversation = this.messages.find(({ id }) => id === message)?.conversation ?? 0;
			changes.push({ type: "hidden", revision, conversation, message });
		}
		const due = changes.filter(({ revision }) => revision > since);
		return due.sort((one, other) => one.revision - other.revision);
	}

	snapshot() {
		const names = Object.keys(this.positions);
		const conversations = names.map((name) => this.latest(name));
		conversations.sort((one, other) => (other.last_message?.id ?? 0) - (one.last_message?.id ?? 0));
		const me = { user: "ann", display_name: null, about: "", avatar: null, email: "", blocked: [] };
		const { epoch, revision } = this;
		return { me: { ...me, revision: 0 }, epoch, revision, conversations, more: false };
	}

	/** @param {Socket} socket @param {Record<string, unknown>} frame */
	hear(socket, frame) {
		if (frame.type !== "resume" || !this.answers) return;
		const { epoch, revision } = this;
		if (frame.epoch !== epoch) return socket.tell({ type: "resync", revision, epoch });
		for (const change of this.changes(Number(frame.since))) socket.tell(change);
		socket.tell({ type: "synced", revision, epoch });
	}

	/** @type {typeof fetch} */
	fetch = async (path, request) => {
		const url = new URL(String(path), "http://h");
		const parts = url.pathname.split("/").slice(3, -1).map(decodeURIComponent);
		this.asked.push(`${request?.method} ${parts.join("/")}${url.search}`);
		await null;
		if (this.down) throw new TypeError("down");
		const answer = Response.json(
			this.answer(parts, url.searchParams, JSON.parse(String(request?.body ?? "{}"))),
		);
		await this.hold?.(url.pathname);
		return answer;
	};

	/** @param {string[]} path @param {URLSearchParams} query @param {Record<string, any>} json */
	answer([kind, name, part], query, json) {
		if (kind === "user") return [];
		if (kind === "sync" && !query.has("since")) return this.snapshot();
		if (kind === "sync") {
			const { epoch, revision } = this;
			return { changes: this.changes(Number(query.get("since"))), epoch, revision, next: null };
		}
		if (kind === "message")
			return this.write("ann", json.recipient, json.body, json.client_id).message;
		if (part === "message") return this.page(name, query);
		return this.latest(name);
	}

	/** @param {string} name @param {URLSearchParams} query */
	page(name, query) {
		const limit = Number(query.get("limit"));
		const end = this.with(name).length;
		const after = query.get("after");
		const last = after
			? Math.min(end, Number(after) + limit)
			: Number(query.get("before") ?? end + 1) - 1;
		const first = after ? Number(after) + 1 : Math.max(1, last - limit + 1);
		const messages = this.visible(name).filter(({ seq }) => seq >= first && seq <= last);
		return { messages, first, last, last_seq: end };
	}

	/** Lets the line come about. */
	open() {
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
 */
export async function visit(server, depot = new Depot(null, "ann", newClientId())) {
	let signedOut = 0;
	const centre = new Centre({
		me: "ann",
		api: new Api({ fetcher: server.fetch }),
		depot,
		shelf: new Shelf(null, "ann"),
		pageSize: 30,
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
