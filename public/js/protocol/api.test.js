import assert from "node:assert/strict";
import { test } from "node:test";
import { Api, Refused, Unreachable } from "./api.js";
import { nextLink, reason } from "./request.js";

/**
 * @param {Response | Error} answer
 * @returns {{ api: Api, asked: { path: string, request: RequestInit }[] }}
 */
function apiThatGets(answer) {
	/** @type {{ path: string, request: RequestInit }[]} */
	const asked = [];
	const api = new Api({
		fetcher: async (path, request) => {
			asked.push({ path: String(path), request: request ?? {} });
			if (answer instanceof Error) throw answer;
			return answer;
		},
	});
	return { api, asked };
}

test("names are encoded into the address", async () => {
	const { api, asked } = apiThatGets(
		Response.json({ messages: [], first: 1, last: 0, last_seq: 0 }),
	);
	await api.page("a/b?c=سلام", { before: 7, limit: 30 });
	const { pathname, search } = new URL(asked[0].path, "http://h");
	assert.equal(decodeURIComponent(pathname.split("/")[4]), "a/b?c=سلام");
	assert.equal(search, "?before=7&limit=30");
});

test("what does not exist is nothing, and no failure", async () => {
	const gone = () => apiThatGets(Response.json({ detail: "Not found." }, { status: 404 })).api;
	assert.equal(await gone().conversation("bo"), null);
	await assert.rejects(gone().receipt(7), Refused);
});

test("the next page of conversations is named by its cursor", async () => {
	for (const next of ["17", 17, "http://inside/api/v1/conversation/?cursor=17&limit=30"]) {
		const { api } = apiThatGets(Response.json({ conversations: [], next }));
		assert.equal((await api.conversations(null)).next, "17");
	}
});

test("the next page of people is followed by its path alone", async () => {
	const headers = { Link: '<http://inside.test:99/api/v1/user/?cursor=k%3D&limit=2>; rel="next"' };
	const { api } = apiThatGets(Response.json([], { headers }));
	assert.equal((await api.people()).next, "/api/v1/user/?cursor=k%3D&limit=2");
	assert.equal(nextLink(null), null);
	assert.equal(nextLink('</x>; rel="prev"'), null);
});

test("a network failure and an answer cut short are both unreachable", async () => {
	await assert.rejects(apiThatGets(new TypeError("failed")).api.snapshot(), Unreachable);
	await assert.rejects(apiThatGets(new Response('{"re')).api.snapshot(), Unreachable);
});

test("a refusal carries its reason and how long to wait", async () => {
	const { api } = apiThatGets(
		Response.json({ detail: "Slow down." }, { status: 429, headers: { "Retry-After": "3" } }),
	);
	await assert.rejects(api.snapshot(), (error) => {
		assert.ok(error instanceof Refused);
		assert.equal(error.message, "Slow down.");
		assert.equal(error.retryAfter, 3000);
		assert.ok(error.temporary);
		assert.ok(!error.signedOut);
		return true;
	});
});

test("a refusal means a lost session only when reading is refused as well", async () => {
	for (const reads of [true, false]) {
		let ended = 0;
		const api = new Api({
			fetcher: async (path) =>
				reads && String(path).includes("/user/")
					? Response.json([])
					: Response.json({ detail: "No." }, { status: 403 }),
			onSignedOut: () => {
				ended += 1;
			},
		});
		const sent = api.send({ recipient: "bo", body: "text", client_id: "key" });
		await assert.rejects(sent, { message: "No.", signedOut: !reads, temporary: !reads });
		assert.equal(ended, reads ? 0 : 1);
	}
});

test("a refusal says of each field what is wrong with it", async () => {
	const answer = { current: ["No."], new: ["Too short.", "Too plain."] };
	const { api } = apiThatGets(Response.json(answer, { status: 400 }));
	await assert.rejects(api.requests.ask("/"), {
		fields: { current: "No.", new: "Too short. Too plain." },
		message: "No. Too short. Too plain.",
	});
});

test("a file is sent as it is, under its own media type", async () => {
	const { api, asked } = apiThatGets(Response.json({}));
	const file = new Blob(["x"], { type: "image/png" });
	await api.requests.json("/", { method: "PUT", file });
	assert.equal(asked[0].request.body, file);
	assert.equal(new Headers(asked[0].request.headers).get("Content-Type"), "image/png");
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
