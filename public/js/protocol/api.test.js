import assert from "node:assert/strict";
import { test } from "node:test";
import { Api, Refused, Unreachable } from "./api.js";
import { nextLink } from "./request.js";

/** A response of the server itself. @param {Response} response */
function own(response) {
	response.headers.set("Chinwag-Version", "1");
	return response;
}

/** @param {unknown} answer @param {ResponseInit} [init] */
const json = (answer, init) => own(Response.json(answer, init));

/** @param {number} status @param {string} code @param {object} [more] @param {ResponseInit} [init] */
const problem = (status, code, more = {}, init = {}) =>
	json({ code, ...more }, { status, ...init });

/**
 * @param {Response | Error} answer
 * @returns {{ api: Api, requests: { path: string, request: RequestInit }[] }}
 */
function apiThatGets(answer) {
	/** @type {{ path: string, request: RequestInit }[]} */
	const requests = [];
	const api = new Api({
		user: "ann",
		fetcher: async (path, request) => {
			requests.push({ path: String(path), request: request ?? {} });
			if (answer instanceof Error) throw answer;
			return answer;
		},
	});
	return { api, requests };
}

test("every request names its user, and names are URL-encoded", async () => {
	const { api, requests } = apiThatGets(json({ conversations: [], person: {}, next: null }));
	await api.conversationWith("a/b?c=سلام");
	const { pathname, searchParams } = new URL(requests[0].path, "http://h");
	assert.equal(pathname, "/api/v1/conversation/");
	assert.equal(searchParams.get("with"), "a/b?c=سلام");
	assert.equal(new Headers(requests[0].request.headers).get("Chinwag-User"), "ann");
	const leila = new Api({ user: "لیلا", fetcher: async (_, request) => json(request?.headers) });
	const headers = await leila.requests.json("/");
	assert.equal(decodeURIComponent(headers["Chinwag-User"]), "لیلا");
});

test("a page of messages is requested by the conversation's id", async () => {
	const { api, requests } = apiThatGets(json({ messages: [], first: 1, last: 0, last_seq: 0 }));
	await api.page(5, { before: 7, limit: 30 });
	assert.equal(requests[0].path, "/api/v1/conversation/5/message/?before=7&limit=30");
});

test("a lookup of something that does not exist gives null, not an error", async () => {
	const gone = () => apiThatGets(problem(404, "not_found")).api;
	assert.equal(await gone().conversation(5), null);
	assert.equal(await gone().conversationWith("bo"), null);
	await assert.rejects(gone().receipt(7), Refused);
});

test("a response from a proxy counts as unreachable, whatever its status", async () => {
	const login = "<html>Log in to this network</html>";
	for (const status of [200, 401, 403, 404, 409, 413, 502, 511]) {
		let refused = 0;
		const api = new Api({
			user: "ann",
			fetcher: async () => new Response(login, { status }),
			onRefused: () => {
				refused += 1;
			},
		});
		await assert.rejects(api.snapshot(), Unreachable, String(status));
		await assert.rejects(api.conversation(5), Unreachable, String(status));
		assert.equal(refused, 0);
	}
	const cut = new Api({
		user: "ann",
		fetcher: async () => own(new Response(login, { status: 403 })),
	});
	await assert.rejects(cut.snapshot(), Unreachable);
});

test("each response reports the server's version", async () => {
	/** @type {string[]} */
	const versions = [];
	const api = new Api({
		user: "ann",
		fetcher: async () => problem(503, "busy"),
		onVersion: (version) => versions.push(version),
	});
	await assert.rejects(api.snapshot(), Refused);
	assert.deepEqual(versions, ["1"]);
});

test("the next page of conversations is named by its cursor", async () => {
	for (const next of ["17", 17, "http://inside/api/v1/conversation/?cursor=17&limit=30"]) {
		const { api } = apiThatGets(json({ conversations: [], next }));
		assert.equal((await api.conversations(null)).next, "17");
	}
});

test("the next page of people is followed by its path alone", async () => {
	const headers = { Link: '<http://inside.test:99/api/v1/user/?cursor=k%3D&limit=2>; rel="next"' };
	const { api } = apiThatGets(json([], { headers }));
	assert.equal((await api.people()).next, "/api/v1/user/?cursor=k%3D&limit=2");
	assert.equal(nextLink(null), null);
	assert.equal(nextLink('</x>; rel="prev"'), null);
});

test("a network failure and a truncated response are both unreachable", async () => {
	await assert.rejects(apiThatGets(new TypeError("failed")).api.snapshot(), Unreachable);
	await assert.rejects(apiThatGets(own(new Response('{"re'))).api.snapshot(), Unreachable);
});

test("a refusal has its code, its reason and how long to wait", async () => {
	const answer = problem(
		429,
		"too_many_requests",
		{ detail: "Slow down." },
		{
			headers: { "Retry-After": "3" },
		},
	);
	await assert.rejects(apiThatGets(answer).api.snapshot(), (error) => {
		assert.ok(error instanceof Refused);
		assert.equal(error.code, "too_many_requests");
		assert.equal(error.message, "Slow down.");
		assert.equal(error.retryAfter, 3000);
		assert.ok(error.temporary);
		assert.ok(!error.signedOut);
		return true;
	});
});

test("only the server's problem code decides whether the session is still this user's", async () => {
	for (const [status, code, signedOut, otherPerson] of /** @type {const} */ ([
		[403, "cross_site", false, false],
		[403, "signed_out", true, false],
		[401, "signed_out", true, false],
		[409, "other_person", false, true],
		[403, "blocked", false, false],
	])) {
		/** @type {Refused[]} */
		const refusals = [];
		const api = new Api({
			user: "ann",
			fetcher: async () => problem(status, code),
			onRefused: (refused) => refusals.push(refused),
		});
		const sent = api.send({ recipient: "bo", body: "text", client_id: "key" });
		await assert.rejects(sent, {
			code,
			signedOut,
			otherPerson,
			temporary: signedOut || otherPerson,
		});
		assert.equal(refusals.length, 1);
	}
});

test("a refusal has the errors of each field", async () => {
	const errors = {
		current: [{ code: "wrong_password", detail: "No." }],
		new: [
			{ code: "too_short", detail: "Too short." },
			{ code: "common", detail: "Too plain." },
		],
	};
	const { api } = apiThatGets(
		problem(400, "invalid", { detail: "Some fields are wrong.", errors }),
	);
	await assert.rejects(api.requests.ask("/"), {
		fields: { current: "No.", new: "Too short. Too plain." },
		message: "No. Too short. Too plain.",
	});
});

test("a file is sent unchanged, with its own media type", async () => {
	const { api, requests } = apiThatGets(json({}));
	const file = new Blob(["x"], { type: "image/png" });
	await api.requests.json("/", { method: "PUT", file });
	assert.equal(requests[0].request.body, file);
	assert.equal(new Headers(requests[0].request.headers).get("Content-Type"), "image/png");
});

test("an aborted search rejects with AbortError, not as unreachable", async () => {
	const gone = new AbortController();
	gone.abort();
	const { api } = apiThatGets(new TypeError("aborted"));
	await assert.rejects(api.people({ signal: gone.signal }), { name: "AbortError" });
});
