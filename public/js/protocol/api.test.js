import assert from "node:assert/strict";
import { test } from "node:test";
import { Api, nextLink, Refused, reason, Unreachable } from "./api.js";

/**
 * @param {Response | Error} answer
 * @returns {{ api: Api, asked: { path: string, request: RequestInit }[] }}
 */
function apiThatGets(answer) {
	/** @type {{ path: string, request: RequestInit }[]} */
	const asked = [];
	const api = new Api(async (path, request) => {
		asked.push({ path: String(path), request: request ?? {} });
		if (answer instanceof Error) throw answer;
		return answer;
	});
	return { api, asked };
}

test("names are encoded into the address", async () => {
	const { api, asked } = apiThatGets(Response.json({ results: [], next: null }));
	await api.history("a+b&c=سلام", { before: null, limit: 30 });
	assert.equal(new URL(asked[0].path, "http://h").searchParams.get("target"), "a+b&c=سلام");
});

test("the next page of people is followed by its path alone", async () => {
	const headers = { Link: '<http://inside.test:99/api/v1/user/?cursor=k%3D&limit=2>; rel="next"' };
	const { api } = apiThatGets(Response.json([], { headers }));
	assert.equal((await api.people()).next, "/api/v1/user/?cursor=k%3D&limit=2");
	assert.equal(nextLink(null), null);
	assert.equal(nextLink('</x>; rel="prev"'), null);
});

test("a network failure and an answer cut short are both unreachable", async () => {
	await assert.rejects(apiThatGets(new TypeError("failed")).api.newest(), Unreachable);
	await assert.rejects(apiThatGets(new Response('{"re')).api.newest(), Unreachable);
});

test("a refusal carries its reason and how long to wait", async () => {
	const { api } = apiThatGets(
		Response.json({ detail: "Slow down." }, { status: 429, headers: { "Retry-After": "3" } }),
	);
	await assert.rejects(api.newest(), (error) => {
		assert.ok(error instanceof Refused);
		assert.equal(error.message, "Slow down.");
		assert.equal(error.retryAfter, 3000);
		assert.ok(error.temporary);
		assert.ok(!error.signedOut);
		return true;
	});
});

test("a refused write means a lost session only when reading is refused as well", async () => {
	const outgoing = { recipient: "bo", body: "text", client_id: "key" };
	for (const reads of [true, false]) {
		const api = new Api(async (_path, request) =>
			reads && request?.method !== "POST"
				? Response.json({ results: [], next: null })
				: Response.json({ detail: "No." }, { status: 403 }),
		);
		await assert.rejects(api.send(outgoing), { message: "No.", signedOut: !reads });
	}
});

test("an aborted search is an abort, not a failure", async () => {
	const gone = new AbortController();
	gone.abort();
	const { api } = apiThatGets(new TypeError("aborted"));
	await assert.rejects(api.people({ signal: gone.signal }), { name: "AbortError" });
});

test("reasons are read from every shape the server uses", () => {
	assert.equal(reason({ body: ["Write something.", "Or else."] }), "Write something. Or else.");
	assert.equal(reason({ detail: "No." }), "No.");
	assert.equal(reason(["x"]), "");
	assert.equal(reason(null), "");
});
