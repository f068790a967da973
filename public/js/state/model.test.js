// The test server's data, as ann sees it: a minimal model of the real server's rules.

/**
 * @typedef {import("../protocol/types.js").Message} Message
 * @typedef {import("../protocol/types.js").Change} Change
 * @typedef {import("../protocol/types.js").ConversationState} ConversationState
 * @typedef {import("../protocol/types.js").Settings} Settings
 * @typedef {{ delivered: number, read: number }} Position
 * @typedef {{ id: string, first: number }} Epoch
 */

const UNSET = { marked_unread: false, pinned: false, archived: false, muted_until: null };

/** The data that a backup contains. */
class Data {
	revision = 0;
	/** @type {Message[]} */
	messages = [];
	/** Hidden from ann: revisions by message. @type {Map<number, number>} */
	hidden = new Map();
	/** @type {Record<string, Record<string, Position>>} */
	positions = {};
	/** @type {Record<string, Partial<ConversationState>>} */
	settings = {};
	/** @type {Record<string, number>} */
	conversationRevisions = {};
	/** @type {Epoch[]} */
	epochs = [{ id: "first", first: 0 }];
}

export class Model extends Data {
	/** Conversations per snapshot, and per page of the list. */
	listed = 30;
	/** At most this many missed messages of a conversation are sent, the newest ones. */
	most = 200;
	/** People with whom there may be no conversation yet. */
	people = ["bo", "cy", "dee", "ed", "fay"];

	get epoch() {
		return this.epochs.at(-1)?.id ?? "";
	}

	/** A backup of the current data. */
	backup() {
		return structuredClone(
			Object.fromEntries(Object.keys(new Data()).map((key) => [key, Reflect.get(this, key)])),
		);
	}

	/** Every start creates an epoch; after a restore the history since the backup is lost. @param {Record<string, unknown>} [backup] */
	restart(backup) {
		if (backup) Object.assign(this, structuredClone(backup));
		this.epochs.push({ id: `epoch ${Model.#epochs++}`, first: this.revision });
	}

	static #epochs = 0;

	/** @param {number} since @param {unknown} epoch */
	knows(since, epoch) {
		const at = this.epochs.findIndex(({ id }) => id === epoch);
		return at >= 0 && since <= (this.epochs[at + 1]?.first ?? this.revision);
	}

	/** Sends it to the listeners. @param {Change} _change */
	emit(_change) {}

	/**
	 * @param {string} user
	 * @param {string} recipient
	 * @param {string} body
	 * @param {string | null} client_id
	 */
	write(user, recipient, body, client_id = null) {
		const sent = this.messages.find((known) => client_id !== null && known.client_id === client_id);
		if (sent) return sent;
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
		this.settings[name] ??= UNSET;
		this.conversationRevisions[name] ??= id;
		this.emit({ type: "message", revision: id, message });
		return message;
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
		if (!this.hidden.has(id)) this.emit({ type: "message", revision: this.revision, message });
		return message;
	}

	/** @param {Message} message */
	hide({ id, conversation }) {
		if (this.hidden.has(id)) return;
		this.revision += 1;
		this.hidden.set(id, this.revision);
		this.emit({ type: "hidden", revision: this.revision, conversation, message: id });
	}

	/**
	 * @param {string} name
	 * @param {string} user
	 * @param {Partial<Position>} to
	 */
	move(name, user, to) {
		const before = this.positions[name][user];
		const end = this.with(name).length;
		const forward = (/** @type {number} */ from, /** @type {number | undefined} */ seq = 0) =>
			seq > from && seq <= end ? seq : from;
		const read = forward(before.read, to.read);
		const delivered = Math.max(forward(before.delivered, to.delivered), read);
		if (read === before.read && delivered === before.delivered) return;
		const clearsMark = user === "ann" && read > before.read && this.settings[name].marked_unread;
		this.#stamp(name);
		const position = { user, delivered, read };
		this.positions[name][user] = { delivered, read };
		if (clearsMark) this.settings[name] = { ...this.settings[name], marked_unread: false };
		const { revision } = this;
		this.emit({ type: "position", revision, conversation: this.number(name), position });
		if (clearsMark)
			this.emit({ type: "conversation", revision, conversation: this.conversation(name) });
	}

	/** @param {string} name @param {Settings} settings */
	set(name, { unread, ...settings }) {
		this.#stamp(name);
		const mark = unread === undefined ? {} : { marked_unread: unread };
		this.settings[name] = { ...this.settings[name], ...settings, ...mark };
		const { revision } = this;
		this.emit({ type: "conversation", revision, conversation: this.conversation(name) });
	}

	/** @param {string} name */
	#stamp(name) {
		this.revision += 1;
		this.conversationRevisions[name] = this.revision;
	}

	/** @param {string} name */
	number(name) {
		return name.length * 1000 + name.charCodeAt(0);
	}

	/** The name of the person whose conversation with ann has this id. @param {number} id */
	nameOf(id) {
		return Object.keys(this.positions).find((name) => this.number(name) === id);
	}

	/** @param {string} name */
	with(name) {
		return this.messages.filter(({ user, recipient }) => user === name || recipient === name);
	}

	/** @param {string} name */
	visible(name) {
		return this.with(name).filter(({ id }) => !this.hidden.has(id));
	}

	/** @param {string} name @returns {ConversationState} */
	conversation(name) {
		const positions = Object.entries(this.positions[name]);
		const { read } = this.positions[name].ann;
		const unread = this.visible(name).filter(
			({ seq, user, deleted }) => seq > read && user !== "ann" && !deleted,
		);
		return {
			...{
				id: this.number(name),
				kind: "direct",
				with: name,
				name: `The great ${name}`,
				about: "",
				avatar: null,
				deleted: false,
			},
			...{ last_seq: this.with(name).length, unread: unread.length, blocked: false, ...UNSET },
			...this.settings[name],
			positions: positions.map(([user, position]) => ({ user, ...position })),
			revision: this.conversationRevisions[name],
		};
	}

	/** The names of the conversations, newest first. */
	names() {
		const rank = (/** @type {string} */ name) => this.with(name).at(-1)?.id ?? 0;
		return Object.keys(this.positions).sort((one, other) => rank(other) - rank(one));
	}

	/** @param {string} name */
	latest(name) {
		const last = this.with(name).at(-1);
		const shown = last && !this.hidden.has(last.id) ? last : null;
		return { ...this.conversation(name), place: last?.id ?? 0, last_message: shown };
	}

	/** @param {number} before a message's id */
	list(before) {
		const names = this.names().filter((name) => (this.with(name).at(-1)?.id ?? 0) < before);
		const page = names.slice(0, this.listed);
		const more = names.length > page.length;
		const next = more ? String(this.with(page.at(-1) ?? "").at(-1)?.id) : null;
		return { names: page, next };
	}

	snapshot() {
		const { names, next } = this.list(Number.POSITIVE_INFINITY);
		const pinned = this.names().filter(
			(name) => this.settings[name].pinned && !names.includes(name),
		);
		const conversations = [...names, ...pinned].map((name) => this.latest(name));
		const me = { user: "ann", display_name: null, about: "", avatar: null, email: "", blocked: [] };
		const { epoch, revision } = this;
		return { me: { ...me, revision: 0 }, epoch, revision, conversations, more: next !== null };
	}

	/** @param {number} since @returns {Change[]} */
	changes(since) {
		/** @type {Change[]} */
		const changes = [];
		/** The first seq that is sent, for limited conversations. @type {Map<number, number>} */
		const limits = new Map();
		for (const [name, revision] of Object.entries(this.conversationRevisions)) {
			const conversation = this.conversation(name);
			changes.push({ type: "conversation", revision, conversation });
			const missed = this.with(name).filter(({ id }) => id > since);
			const first = missed.at(-this.most);
			if (missed.length <= this.most || !first) continue;
			limits.set(conversation.id, first.seq);
			changes.push({ type: "limited", revision: first.id, conversation, first: first.seq });
		}
		const within = (/** @type {Message} */ { conversation, seq }) =>
			seq >= (limits.get(conversation) ?? 0);
		for (const message of this.messages.filter(within)) {
			if (this.hidden.has(message.id)) continue;
			const revision = message.id > since ? message.id : message.revision;
			changes.push({ type: "message", revision, message });
		}
		for (const [id, revision] of this.hidden) {
			const message = this.messages.find((known) => known.id === id);
			if (!message || !within(message)) continue;
			const { conversation } = message;
			changes.push({ type: "hidden", revision, conversation, message: id });
		}
		const due = changes.filter(({ revision }) => revision > since);
		return due.sort((one, other) => one.revision - other.revision);
	}

	/** @param {string} name @param {URLSearchParams} query */
	page(name, query) {
		const limit = Number(query.get("limit"));
		const end = this.with(name).length;
		const within = (/** @type {number} */ seq) => Math.min(end, seq);
		const after = query.get("after");
		const before = Number(query.get("before") ?? end + 1);
		const start = within(Number(after)) + 1;
		const last = within(after ? start + limit - 1 : before - 1);
		const first = after ? start : Math.max(1, last - limit + 1);
		const messages = this.visible(name).filter(({ seq }) => seq >= first && seq <= last);
		return { messages, first, last, last_seq: end };
	}
}
