import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { problemWith } from "./account_rules.js";

/** @param {string} field @param {Record<string, string>} filled */
const signUp = (field, filled) => problemWith("/signup/", field, filled);

test("user names that the server accepts are accepted", () => {
	for (const username of [
		"al",
		" al ",
		"ünï_x",
		"a.b+c@d-_",
		"名前",
		"7",
		"ｆｕｌｌ",
		"हिन्दी",
		"علی\u200cرضا",
		"x".repeat(150),
	]) {
		assert.equal(signUp("username", { username }), "", username);
	}
	for (const username of ["", "  ", "..", "bad name!", "a\u202eb", "x".repeat(151)]) {
		assert.notEqual(signUp("username", { username }), "", username);
	}
});

test("e-mail addresses are checked for typing errors only", () => {
	for (const email of ["a@b.c", "ann@example.org", " ünï@例え.jp "]) {
		assert.equal(signUp("email", { email }), "", email);
	}
	for (const email of ["", "ann.example.org", "a@b", "a@b..c", "@b.c", "a@", "a b@c"]) {
		assert.notEqual(signUp("email", { email }), "", email);
	}
});

test("a password must be long enough, differ from the name, and be repeated correctly", () => {
	assert.equal(signUp("password1", { password1: "12345678" }), "");
	assert.equal(signUp("password1", { password1: "👋".repeat(8) }), "");
	assert.match(signUp("password1", { password1: "👋".repeat(7) }), /at least 8/);
	assert.match(signUp("password1", { password1: "Charlotte", username: "charlotte" }), /user name/);
	assert.match(signUp("password2", { password1: "12345678", password2: "x" }), /differ/);
	assert.equal(signUp("password2", { password1: "12345678", password2: "12345678" }), "");
});

test("every message is one of the server's, so that it is translated", async () => {
	const texts = new URL("../../texts/", import.meta.url);
	const code = await readFile(new URL("account_rules.js", import.meta.url), "utf8");
	const messages = Array.from(code.matchAll(/"([A-Z][^"]*\.)"/g), ([, text]) => text);
	assert.ok(messages.length > 8);
	for (const language of (await readdir(texts)).filter((name) => name !== "en.json")) {
		const { server } = JSON.parse(await readFile(new URL(language, texts), "utf8"));
		for (const text of messages)
			assert.ok(server[text.replace(/\d+/g, "{n}")], `${language}: ${text}`);
	}
});
