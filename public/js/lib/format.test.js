import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { pieces, preview, readable, source } from "./format.js";

test("marks around words make them bold, italic, struck or code, also nested", () => {
	assert.deepEqual(pieces("a *b _c_* ~d~ `*e*`"), [
		"a ",
		{ kind: "bold", pieces: ["b ", { kind: "italic", pieces: ["c"] }] },
		" ",
		{ kind: "strike", pieces: ["d"] },
		" ",
		{ kind: "code", text: "*e*" },
	]);
});

test("marks inside words, alone, beside spaces or on different lines stay text", () => {
	for (const text of ["snake_case_name", "2*3*4", "* a *", "*a\nb*", "**", "_a", "~ ~", "***"]) {
		assert.deepEqual(pieces(text), [text]);
	}
});

test("an unclosed mark does not affect a closed one", () => {
	assert.deepEqual(pieces("*a _b*"), [{ kind: "bold", pieces: ["a _b"] }]);
	assert.deepEqual(pieces("_a *b*"), ["_a ", { kind: "bold", pieces: ["b"] }]);
});

test("a block keeps its lines and its marks", () => {
	assert.deepEqual(pieces("see ```\n*x*\n  y\n``` ok"), [
		"see ",
		{ kind: "block", text: "\n*x*\n  y\n" },
		" ok",
	]);
});

test("URLs become links and the sentence around them stays text", () => {
	assert.deepEqual(pieces("see https://a.test/x_(y)_z?b=1, (or http://b.test)."), [
		"see ",
		{ kind: "link", text: "https://a.test/x_(y)_z?b=1" },
		", (or ",
		{ kind: "link", text: "http://b.test" },
		").",
	]);
	assert.deepEqual(pieces("*https://a.test*"), [
		{ kind: "bold", pieces: [{ kind: "link", text: "https://a.test" }] },
	]);
});

test("only http and https URLs are links", () => {
	for (const text of ["javascript:alert(1)", "data:text/html,x", "http://", "xhttp://a.test"]) {
		assert.deepEqual(pieces(text), [text]);
	}
});

test("a preview is one line without marks", () => {
	assert.equal(preview("*Hello*\n\n`you`"), "Hello you");
});

const written = fc.oneof(
	fc.string({ unit: "grapheme" }),
	fc
		.array(fc.constantFrom("*", "_", "~", "`", "```", "\n", " ", "a", "é", "https://a.test", ")"))
		.map((parts) => parts.join("")),
);

test("parsing loses and adds nothing", () => {
	fc.assert(fc.property(written, (text) => source(pieces(text)) === text));
});

test("no piece is empty and every link is an http or https URL", () => {
	/** @param {import("./format.js").Piece[]} list @returns {boolean} */
	const sound = (list) =>
		list.every((piece) => {
			if (typeof piece === "string") return piece !== "";
			if ("pieces" in piece) return readable(piece.pieces) !== "" && sound(piece.pieces);
			return piece.kind !== "link" || /^https?:$/.test(new URL(piece.text).protocol);
		});
	fc.assert(fc.property(written, (text) => sound(pieces(text))));
});

test("a hostile text of maximum length is parsed quickly", () => {
	const start = performance.now();
	for (const part of ["*a ", "_~*", "`", "```", "http://a", "http://a)", "*a*b", "!", "\n*"]) {
		pieces(`http://x${part.repeat(65_536 / part.length)}`);
		pieces(part.repeat(65_536 / part.length));
	}
	assert.ok(performance.now() - start < 2_000);
});
