// Asking the server over HTTP: patience, refusals and their reasons. Knows nothing of what is asked.

const PATIENCE = 20_000;

/** Answers only to those who are logged in, and costs next to nothing. */
const AM_I_LOGGED_IN = "/api/v1/user/?limit=1";

/** The server could not be asked, or its answer did not arrive. */
export class Unreachable extends Error {
	name = "Unreachable";
}

/** The server answered, and the answer is no. */
export class Refused extends Error {
	name = "Refused";
	/** Whether the session has ended. */
	signedOut = false;
	/** What is wrong with each field, in sentences. @type {Partial<Record<string, string>>} */
	fields = {};

	/**
	 * @param {number} status
	 * @param {string} message in words for the person
	 * @param {number | null} retryAfter milliseconds
	 */
	constructor(status, message, retryAfter = null) {
		super(message);
		this.status = status;
		this.retryAfter = retryAfter;
	}

	/** Whether the same request may succeed later. */
	get temporary() {
		return this.signedOut || this.status >= 500 || this.status === 429 || this.status === 408;
	}
}

/**
 * Error answers come as `{"detail": "…"}` or as lists of sentences by field.
 * @param {unknown} answer
 * @returns {string}
 */
export function reason(answer) {
	if (!answer || typeof answer !== "object") return "";
	const sentences = Object.values(fieldsOf(answer)).filter(Boolean);
	if (sentences.length > 0) return sentences.join(" ");
	return "detail" in answer && typeof answer.detail === "string" ? answer.detail : "";
}

/** @param {object} answer @returns {Record<string, string>} */
function fieldsOf(answer) {
	const lists = Object.entries(answer).filter(([, value]) => Array.isArray(value));
	return Object.fromEntries(
		lists.map(([field, all]) => [
			field,
			all.filter((/** @type {unknown} */ one) => typeof one === "string").join(" "),
		]),
	);
}

/**
 * Only the path of a link is followed: behind a proxy the server may not know its own address.
 * @param {string | null | undefined} address
 * @returns {string | null}
 */
export function local(address) {
	if (!address) return null;
	const url = new URL(address, "http://here.invalid");
	return url.pathname + url.search;
}

/** @param {string | null} header RFC 8288 */
export function nextLink(header) {
	return local(header?.match(/<([^>]*)>\s*;[^,]*\brel="?next"?/)?.[1]);
}

/**
 * @typedef {{
 *   method?: string,
 *   json?: unknown,
 *   file?: Blob,
 *   signal?: AbortSignal | undefined,
 * }} Request `json` or `file`: the body, if there is one.
 */

export class Requests {
	#fetch;
	#onSignedOut;

	/**
	 * @param {typeof fetch} fetcher
	 * @param {() => void} onSignedOut
	 */
	constructor(fetcher, onSignedOut) {
		this.#fetch = fetcher;
		this.#onSignedOut = onSignedOut;
	}

	/**
	 * @param {string} path
	 * @param {Request} [request]
	 * @returns {Promise<Response>} an answer that is not a refusal
	 */
	async ask(path, request = {}) {
		const response = await this.#attempt(path, request);
		if (response.ok) return response;
		const refusal = await refusalOf(response);
		refusal.signedOut = await this.#signedOut(response.status);
		if (refusal.signedOut) this.#onSignedOut();
		throw refusal;
	}

	/**
	 * @param {string} path
	 * @param {Request} [request]
	 */
	async json(path, request) {
		return body(await this.ask(path, request));
	}

	/**
	 * @param {string} path
	 * @param {Request} request
	 */
	async #attempt(path, { method = "GET", json, file, signal }) {
		const patience = AbortSignal.timeout(PATIENCE);
		const body = file ?? (json === undefined ? null : JSON.stringify(json));
		const type = body === null ? {} : { "Content-Type": file?.type ?? "application/json" };
		try {
			return await this.#fetch(path, {
				method,
				body,
				headers: { Accept: "application/json", ...type },
				credentials: "same-origin",
				signal: signal ? AbortSignal.any([signal, patience]) : patience,
			});
		} catch (cause) {
			signal?.throwIfAborted();
			throw new Unreachable("The server cannot be reached.", { cause });
		}
	}

	/**
	 * 403 also says that one may not do this one thing, and a server that takes this page for a foreign one refuses all
	 * writing. Logging in again would not help there, so only a refused read counts as a lost session.
	 * @param {number} status
	 */
	async #signedOut(status) {
		if (status === 401) return true;
		if (status !== 403) return false;
		const read = await this.#attempt(AM_I_LOGGED_IN, {});
		return read.status === 401 || read.status === 403;
	}
}

/** @param {Response} response */
export async function body(response) {
	try {
		return await response.json();
	} catch (cause) {
		throw new Unreachable("The server's answer was cut off.", { cause });
	}
}

/** @param {Response} response */
async function refusalOf(response) {
	const answer = await response.json().catch(() => null);
	const seconds = Number(response.headers.get("Retry-After") ?? Number.NaN);
	const refused = new Refused(
		response.status,
		reason(answer) || `The server answered ${response.status}.`,
		Number.isFinite(seconds) ? seconds * 1000 : null,
	);
	if (answer && typeof answer === "object") refused.fields = fieldsOf(answer);
	return refused;
}
