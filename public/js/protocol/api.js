// The server's JSON API as methods. Knows HTTP; knows nothing of screens or of what is kept.

/**
 * @typedef {{ id: number, user: string, recipient: string, timestamp: string, body: string }} Message
 * @typedef {{ username: string, latest_message: string | null, timestamp: string | null }} Person
 * @typedef {{ recipient: string, body: string, client_id: string }} Outgoing
 */

const PATIENCE = 20_000;

/** No id is higher: what comes before it begins with the newest message. */
const NEWEST = Number.MAX_SAFE_INTEGER;

/** The server could not be asked, or its answer did not arrive. */
export class Unreachable extends Error {
	name = "Unreachable";
}

/** The server answered, and the answer is no. */
export class Refused extends Error {
	name = "Refused";

	/**
	 * @param {number} status
	 * @param {string} message in words for the person
	 * @param {number | null} retryAfter milliseconds
	 */
	constructor(status, message, retryAfter = null) {
		super(message);
		this.status = status;
		this.retryAfter = retryAfter;
		this.signedOut = status === 401 || status === 403;
	}

	/** Whether the same request may succeed later. */
	get temporary() {
		return this.status >= 500 || this.status === 429 || this.status === 408;
	}
}

/**
 * Error answers come as `{"detail": "…"}` or as lists of sentences by field.
 * @param {unknown} answer
 * @returns {string}
 */
export function reason(answer) {
	if (!answer || typeof answer !== "object") return "";
	const fields = Object.entries(answer)
		.filter(([, value]) => Array.isArray(value))
		.flatMap(([, sentences]) => sentences)
		.filter((sentence) => typeof sentence === "string");
	if (fields.length > 0) return fields.join(" ");
	return "detail" in answer && typeof answer.detail === "string" ? answer.detail : "";
}

/**
 * Only the path of a link is followed: behind a proxy the server may not know its own address.
 * @param {string | null} address
 * @returns {string | null}
 */
function local(address) {
	if (!address) return null;
	const url = new URL(address, "http://here.invalid");
	return url.pathname + url.search;
}

/** @param {string | null} header RFC 8288 */
export function nextLink(header) {
	const link = header?.match(/<([^>]*)>\s*;[^,]*\brel="?next"?/);
	return local(link ? link[1] : null);
}

export class Api {
	#fetch;

	/** @param {typeof fetch} fetcher */
	constructor(fetcher = (...request) => fetch(...request)) {
		this.#fetch = fetcher;
	}

	/**
	 * @param {{ search?: string, limit?: number, next?: string | null, signal?: AbortSignal }} [wanted]
	 * @returns {Promise<{ people: Person[], next: string | null }>}
	 */
	async people({ search = "", limit = 30, next = null, signal } = {}) {
		const query = new URLSearchParams({ limit: String(limit) });
		if (search) query.set("search", search);
		const response = await this.#ask(next ?? `/api/v1/user/?${query}`, { signal });
		return { people: await this.#json(response), next: nextLink(response.headers.get("Link")) };
	}

	/**
	 * One page of a conversation, newest first.
	 * @param {string} target
	 * @param {{ before: number | null, limit: number }} wanted
	 * @returns {Promise<{ messages: Message[], more: boolean }>}
	 */
	async history(target, { before, limit }) {
		const query = new URLSearchParams({
			target,
			before: String(before ?? NEWEST),
			limit: String(limit),
		});
		const page = await this.#json(await this.#ask(`/api/v1/message/?${query}`));
		return { messages: page.results, more: page.next !== null };
	}

	/**
	 * Everything of mine after one id, oldest first.
	 * @param {number} id
	 * @returns {Promise<{ messages: Message[], more: boolean }>}
	 */
	async after(id) {
		const page = await this.#json(await this.#ask(`/api/v1/message/?after=${id}&limit=100`));
		return { messages: page.results, more: page.next !== null };
	}

	/** The id of my newest message, 0 when there is none. */
	async newest() {
		const page = await this.#json(await this.#ask(`/api/v1/message/?before=${NEWEST}&limit=1`));
		return page.results.length > 0 ? page.results[0].id : 0;
	}

	/**
	 * @param {Outgoing} outgoing
	 * @returns {Promise<Message>}
	 */
	async send(outgoing) {
		try {
			const response = await this.#ask("/api/v1/message/", {
				method: "POST",
				headers: { "Content-Type": "application/json" },
				body: JSON.stringify(outgoing),
			});
			return await this.#json(response);
		} catch (error) {
			if (error instanceof Refused && error.signedOut) await this.#confirmSignedOut(error);
			throw error;
		}
	}

	/**
	 * A server that takes this page for a foreign one refuses writing alike. Logging in again would
	 * not help there, so only a refused read counts as a lost session.
	 * @param {Refused} refusal
	 */
	async #confirmSignedOut(refusal) {
		try {
			await this.newest();
			refusal.signedOut = false;
		} catch (error) {
			if (!(error instanceof Refused)) throw error;
			refusal.signedOut = error.signedOut;
		}
	}

	/**
	 * @param {string} path
	 * @param {{ method?: string, headers?: Record<string, string>, body?: string, signal?: AbortSignal | undefined }} [request]
	 */
	async #ask(path, { signal, ...request } = {}) {
		const patience = AbortSignal.timeout(PATIENCE);
		let response;
		try {
			response = await this.#fetch(path, {
				...request,
				headers: { Accept: "application/json", ...request.headers },
				credentials: "same-origin",
				signal: signal ? AbortSignal.any([signal, patience]) : patience,
			});
		} catch (cause) {
			signal?.throwIfAborted();
			throw new Unreachable("The server cannot be reached.", { cause });
		}
		if (response.ok) return response;
		const answer = await response.json().catch(() => null);
		const seconds = Number(response.headers.get("Retry-After") ?? Number.NaN);
		throw new Refused(
			response.status,
			reason(answer) || `The server answered ${response.status}.`,
			Number.isFinite(seconds) ? seconds * 1000 : null,
		);
	}

	/** @param {Response} response */
	async #json(response) {
		try {
			return await response.json();
		} catch (cause) {
			throw new Unreachable("The server's answer was cut off.", { cause });
		}
	}
}
