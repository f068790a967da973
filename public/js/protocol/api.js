// The server's JSON API as methods. Knows URLs; knows nothing of screens or storage.
import { body, local, nextLink, Refused, Requests } from "./request.js";

export { Refused, Unreachable } from "./request.js";

/**
 * @typedef {import("./types.js").Message} Message
 * @typedef {import("./types.js").Latest} Latest
 * @typedef {import("./types.js").Page} Page
 */

const CONVERSATIONS = "/api/v1/conversation/";
/** How much longer the page waits than the server holds a response, in seconds. */
const MARGIN = 10;

/** @param {number} id */
const conversation = (id) => `${CONVERSATIONS}${id}/`;

/** @param {Record<string, string | number | null | undefined>} parameters those without a value are omitted */
function query(parameters) {
	const given = Object.entries(parameters).filter(([, value]) => (value ?? "") !== "");
	return `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}

/**
 * The response, or null when the server says `not_found`.
 * @template T
 * @param {Promise<T>} request
 * @returns {Promise<T | null>}
 */
async function ifAny(request) {
	try {
		return await request;
	} catch (error) {
		if (error instanceof Refused && error.code === "not_found") return null;
		throw error;
	}
}

export class Api {
	/** Also used by `AccountApi`. */
	requests;

	/** @param {import("./request.js").Parts} parts */
	constructor(parts) {
		this.requests = new Requests(parts);
	}

	/**
	 * @param {{ search?: string, limit?: number, next?: string | null, signal?: AbortSignal }} [wanted]
	 * @returns {Promise<{ people: import("./types.js").Person[], next: string | null }>}
	 */
	async people({ search = "", limit = 30, next = null, signal } = {}) {
		const path = next ?? `/api/v1/user/${query({ limit, search })}`;
		const response = await this.requests.ask(path, { signal });
		return { people: await body(response), next: nextLink(response.headers.get("Link")) };
	}

	/** The API root: the cheapest request. */
	async root() {
		await this.requests.ask("/api/v1/");
	}

	/**
	 * The latest state.
	 * @returns {Promise<import("./types.js").Snapshot>}
	 */
	snapshot() {
		return this.requests.json("/api/v1/sync/");
	}

	/**
	 * A page of changes, or a snapshot when the cursor is of another history.
	 * @param {import("./types.js").Cursor} cursor
	 * @param {{ wait?: number, signal?: AbortSignal }} [held] `wait`: how long the server may wait for a change, in
	 *   seconds
	 * @returns {Promise<import("./types.js").Changes | import("./types.js").Snapshot>}
	 */
	changes({ revision, epoch }, { wait = 0, signal } = {}) {
		const path = `/api/v1/sync/${query({ since: revision, epoch, limit: 100, wait: wait || null })}`;
		return this.requests.json(path, { signal, timeout: (wait + MARGIN) * 1000 });
	}

	/**
	 * @param {string | null} next the cursor from the previous page
	 * @returns {Promise<{ conversations: Latest[], next: string | null }>}
	 */
	async conversations(next) {
		const path = `${CONVERSATIONS}${query({ limit: 100, cursor: next })}`;
		const page = await this.requests.json(path);
		return { ...page, next: page.next === null ? null : cursorOf(page.next) };
	}

	/**
	 * @param {number} id
	 * @returns {Promise<Latest | null>}
	 */
	conversation(id) {
		return ifAny(this.requests.json(conversation(id)));
	}

	/**
	 * A person, and the conversation with them if there is one; null when the user does not exist.
	 * @param {string} name in any case
	 * @returns {Promise<{ conversations: Latest[], person: import("./types.js").Person } | null>}
	 */
	conversationWith(name) {
		return ifAny(this.requests.json(`${CONVERSATIONS}${query({ with: name })}`));
	}

	/**
	 * Part of a conversation: the messages directly before or after a seq, or the newest.
	 * @param {number} id
	 * @param {{ before?: number, after?: number, limit: number }} wanted
	 * @returns {Promise<Page>}
	 */
	page(id, wanted) {
		return this.requests.json(`${conversation(id)}message/${query(wanted)}`);
	}

	/**
	 * @param {number} id
	 * @param {import("./types.js").Settings & { delivered?: number, read?: number }} settings
	 * @returns {Promise<import("./types.js").ConversationState>}
	 */
	setConversation(id, settings) {
		return this.requests.json(conversation(id), { method: "PATCH", json: settings });
	}

	/**
	 * @param {import("./types.js").Outgoing} outgoing
	 * @returns {Promise<Message>} as stored in its conversation
	 */
	send(outgoing) {
		return this.requests.json("/api/v1/message/", { method: "POST", json: outgoing });
	}

	/**
	 * @param {number} id
	 * @param {string} text
	 * @returns {Promise<Message>}
	 */
	edit(id, text) {
		return this.requests.json(`/api/v1/message/${id}/`, { method: "PATCH", json: { body: text } });
	}

	/**
	 * @param {number} id
	 * @param {"me" | "everyone"} whose
	 */
	async remove(id, whose) {
		const path = `/api/v1/message/${id}/${query({ for: whose })}`;
		await this.requests.ask(path, { method: "DELETE" });
	}

	/**
	 * @param {number} id
	 * @param {string | null} emoji
	 * @returns {Promise<Message>}
	 */
	react(id, emoji) {
		const change = emoji === null ? { method: "DELETE" } : { method: "PUT", json: { emoji } };
		return this.requests.json(`/api/v1/message/${id}/reaction/`, change);
	}

	/**
	 * @param {number} id
	 * @returns {Promise<import("./types.js").Receipt>}
	 */
	receipt(id) {
		return this.requests.json(`/api/v1/message/${id}/receipt/`);
	}

	/**
	 * @param {string} name
	 * @param {boolean} blocked
	 * @returns {Promise<import("./types.js").MeState>}
	 */
	block(name, blocked) {
		const method = blocked ? "PUT" : "DELETE";
		return this.requests.json(`/api/v1/block/${encodeURIComponent(name)}/`, { method });
	}
}

/**
 * The next page may be given by its cursor or as a URL.
 * @param {string | number} next
 */
function cursorOf(next) {
	const text = String(next);
	return new URLSearchParams(local(text)?.split("?")[1]).get("cursor") ?? text;
}
