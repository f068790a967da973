// A client generated from the OpenAPI document, as other people might write one: it sends, reads,
// syncs and gets a problem.
import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { components, paths } from "./chinwag.js";

const url = process.argv[2] ?? "";
const password = "correct horse battery";

/** Makes an account; gives a client that is logged in. */
async function signUp(name: string) {
  const email = `${name}@example.test`;
  const form = new URLSearchParams({ username: name, email, password1: password, password2: password });
  const answer = await fetch(`${url}/signup/`, { method: "POST", body: form, redirect: "manual" });
  const cookie = answer.headers.get("set-cookie")?.split(";")[0];
  assert.ok(cookie, `${name} has an account`);
  const headers = { Cookie: cookie, "Chinwag-User": name, Accept: "application/problem+json, application/json" };
  return createClient<paths>({ baseUrl: url, headers });
}

const [al, bo] = [await signUp("ts_al"), await signUp("ts_bo")];

const first = await al.POST("/api/v1/message/", { body: { recipient: "ts_bo", body: "Tea?", client_id: "ts-1" } });
assert.equal(first.response.status, 201);
const message: components["schemas"]["MessageState"] | undefined = first.data;
assert.equal(message?.recipient, "ts_bo");
const id = message.conversation;

const answer = await bo.POST("/api/v1/message/", { body: { conversation: id, body: "Yes.", reply_to: message.id } });
assert.equal(answer.data?.reply_to?.body, "Tea?");

const range = await al.GET("/api/v1/conversation/{id}/message/", { params: { path: { id }, query: { limit: 10 } } });
assert.deepEqual(range.data?.messages.map((one) => one.body), ["Tea?", "Yes."]);

const found = await al.GET("/api/v1/conversation/", { params: { query: { with: "TS_BO" } } });
assert.equal(found.data?.conversations[0]?.kind, "direct");
assert.equal(found.data?.person?.latest_message, "Yes.");

const sync = await bo.GET("/api/v1/sync/", { params: { query: { since: 0, wait: 1 } } });
assert.ok(sync.data && "changes" in sync.data, "with a revision there are changes");
const seqs = sync.data.changes.flatMap((change) => (change.type === "message" ? [change.message.seq] : []));
assert.deepEqual(seqs, [1, 2]);
const snapshot = await bo.GET("/api/v1/sync/", {});
assert.ok(snapshot.data && "me" in snapshot.data, "without one there is a snapshot");

const read = await bo.PATCH("/api/v1/conversation/{id}/", { params: { path: { id } }, body: { read: 2 } });
assert.equal(read.data?.unread, 0);

const refused = await al.POST("/api/v1/message/", { body: { conversation: id, body: " " } });
assert.equal(refused.response.status, 400);
const problem = refused.error as components["schemas"]["ProblemDetails"];
assert.deepEqual([problem.code, problem.errors?.["body"]?.map((error) => error.code)], ["invalid", ["blank"]]);

const another = await al.GET("/api/v1/me/", { headers: { "Chinwag-User": "ts_bo" } });
assert.equal(another.response.status, 409);

console.log("The TypeScript client and the server understand each other.");
