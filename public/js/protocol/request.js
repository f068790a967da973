// HTTP requests to the server: user header, timeout, check that our server answered, refusals and their reasons. Knows
// nothing about individual endpoints.

const TIMEOUT = 20_000;
/** A header that every response of our server has; a response without it comes from a proxy. */
const VERSION = "Chinwag-Version";
/** Refusals after which the same request may succeed later. @type {Set<import("./types.js").ProblemCode>} */
const TEMPORARY = new Set([
	"signed_out",
	"other_person",
	"timeout",
	"too_many_requests",
	"busy",
	"internal",
]);

/** The server could not be reached, or its response did not arrive. */
export class Unreachable extends Error {
	name = "Unreachable";
}

/** The server refused the request. */
export class Refused extends Error {
	name = "Refused";
	/** The error messages by field. @type {Partial<Record<string, string>>} */
	fields = {};

	/**
	 * @param {import("./types.js").ProblemCode} code for programs
	 * @param {string} [message] for the user
	 * @param {number | null} [retryAfter] milliseconds
	 */
	constructor(code, message = "", retryAfter = null) {
		super(message || code);
		this.code = code;
		this.retryAfter = retryAfter;
	}

	/** Whether the session has ended. */
	get signedOut() {
		return this.code === "signed_out";
	}

	/** Whether the session is another user's. */
	get otherPerson() {
		return this.code === "other_person";
	}

	/** Whether the same request may succeed later. */
	get temporary() {
		return TEMPORARY.has(this.code);
	}
}

/**
 * Only the path of a link is followed: behind a proxy the server may not know its own origin.
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
 *   timeout?: number,
 * }} Request `json` or `file`: the body, if there is one.
 *
 * @typedef {{
 *   user: string,
 *   fetcher?: typeof fetch,
 *   onRefused?: (refused: Refused) => void,
 *   onVersion?: (version: string) => void,
 * }} Parts `user`: who makes the requests. The server refuses them in another user's session.
 */

export class Requests {
	#user;
	#fetch;
	#onRefused;
	#onVersion;

	/** @param {Parts} parts */
	constructor({
		user,
		fetcher = (...request) => fetch(...request),
		onRefused = () => {},
		onVersion = () => {},
	}) {
		this.#user = encodeURIComponent(user);
		this.#fetch = fetcher;
		this.#onRefused = onRefused;
		this.#onVersion = onVersion;
	}

	/**
	 * @param {string} path
	 * @param {Request} [request]
	 * @returns {Promise<Response>} a successful response
	 */
	async ask(path, request = {}) {
		const response = await this.#attempt(path, request);
		const version = response.headers.get(VERSION);
		if (version === null) throw new Unreachable("Something else than the server answered.");
		this.#onVersion(version);
		if (response.ok) return response;
		const refused = await refusalOf(response);
		this.#onRefused(refused);
		throw refused;
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
	async #attempt(path, { method = "GET", json, file, signal, timeout = TIMEOUT }) {
		const late = AbortSignal.timeout(timeout);
		const body = file ?? (json === undefined ? null : JSON.stringify(json));
		const type = body === null ? {} : { "Content-Type": file?.type ?? "application/json" };
		try {
			return await this.#fetch(path, {
				method,
				body,
				headers: {
					Accept: "application/problem+json, application/json",
					"Chinwag-User": this.#user,
					...type,
				},
				credentials: "same-origin",
				signal: signal ? AbortSignal.any([signal, late]) : late,
			});
		} catch (cause) {
			signal?.throwIfAborted();
			throw new Unreachable("The server cannot be reached.", { cause });
		}
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

/** A problem response may be truncated too. @param {Response} response */
async function refusalOf(response) {
	/** @type {Partial<import("./types.js").Problem> | null} */
	const problem = await body(response);
	if (typeof problem?.code !== "string") throw new Unreachable("The answer cannot be read.");
	const seconds = Number(response.headers.get("Retry-After") ?? Number.NaN);
	const retryAfter = Number.isFinite(seconds) ? seconds * 1000 : null;
	const fields = Object.entries(problem.errors ?? {}).map(([field, errors]) => [
		field,
		errors.map(({ detail }) => detail).join(" "),
	]);
	const sentence = fields.map(([, sentence]) => sentence).join(" ") || problem.detail;
	const refused = new Refused(problem.code, sentence, retryAfter);
	refused.fields = Object.fromEntries(fields);
	return refused;
}
