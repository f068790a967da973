// Parses message formatting: *bold*, _italic_, ~strike~, `code`, ```blocks``` and links, into a
// tree of pieces. Never markup: components create elements from it. Nothing is lost: `source` of
// the pieces gives the original text.
import { addressAt } from "./links.js";

/**
 * @typedef {"bold" | "italic" | "strike"} Style
 * @typedef {string
 *   | { kind: Style, pieces: Piece[] }
 *   | { kind: "code" | "block", text: string }
 *   | { kind: "link", text: string }} Piece
 * @typedef {{ kind: Style, pieces: Piece[] }} Open `pieces`: what comes before it.
 */

/** @type {Record<string, Style>} */
const STYLES = { "*": "bold", _: "italic", "~": "strike" };
/** @type {Record<Style, string>} */
const MARKS = { bold: "*", italic: "_", strike: "~" };
const TOKEN = /```([\s\S]+?)```|`([^`\n]+)`|\n|[*_~]|https?:\/\//giu;
const PART_OF_WORD = /[\p{L}\p{N}\p{M}]/u;
const SPACE = /\s/u;

/** One pass over the text; at most one of each style is open, so it takes linear time. */
class Reader {
	/** @type {Piece[]} */
	pieces = [];
	/** @type {Open[]} */
	#open = [];
	#text;

	/** @param {string} text */
	constructor(text) {
		this.#text = text;
	}

	/** @param {Piece} piece */
	add(piece) {
		const last = this.pieces.length - 1;
		const before = this.pieces[last];
		if (typeof piece !== "string" || typeof before !== "string") {
			if (piece !== "") this.pieces.push(piece);
		} else this.pieces[last] = before + piece;
	}

	/** A mark that is opened and not closed on its line is plain text. */
	flatten(down = 0) {
		while (this.#open.length > down) {
			const open = /** @type {Open} */ (this.#open.pop());
			const inner = this.pieces;
			this.pieces = open.pieces;
			this.add(MARKS[open.kind]);
			for (const piece of inner) this.add(piece);
		}
	}

	/** @param {number} at */
	mark(at) {
		const sign = this.#text[at];
		const kind = STYLES[sign];
		const before = this.#text[at - 1] ?? " ";
		const after = this.#text[at + 1] ?? " ";
		const opened = this.#open.findIndex((open) => open.kind === kind);
		if (opened >= 0) {
			if (SPACE.test(before) || before === sign || PART_OF_WORD.test(after)) this.add(sign);
			else this.#close(opened);
			return;
		}
		if (SPACE.test(after) || after === sign || before === sign || PART_OF_WORD.test(before)) {
			this.add(sign);
			return;
		}
		this.#open.push({ kind, pieces: this.pieces });
		this.pieces = [];
	}

	/** @param {number} opened */
	#close(opened) {
		this.flatten(opened + 1);
		const { kind, pieces } = /** @type {Open} */ (this.#open.pop());
		const inner = this.pieces;
		this.pieces = pieces;
		this.add({ kind, pieces: inner });
	}
}

/**
 * @param {string} text
 * @returns {Piece[]}
 */
export function pieces(text) {
	const reader = new Reader(text);
	let from = 0;
	const tokens = new RegExp(TOKEN);
	for (let token = tokens.exec(text); token; token = tokens.exec(text)) {
		const [whole, block, code] = token;
		const address = whole.endsWith("://") ? linkAt(text, token.index) : null;
		reader.add(text.slice(from, token.index));
		from = token.index + whole.length;
		if (block !== undefined) {
			reader.flatten();
			reader.add({ kind: "block", text: block });
		} else if (code !== undefined) reader.add({ kind: "code", text: code });
		else if (address) {
			reader.add({ kind: "link", text: address });
			from = token.index + address.length;
			tokens.lastIndex = from;
		} else if (whole in STYLES) reader.mark(token.index);
		else {
			if (whole === "\n") reader.flatten();
			reader.add(whole);
		}
	}
	reader.add(text.slice(from));
	reader.flatten();
	return reader.pieces;
}

/**
 * @param {string} text
 * @param {number} at
 */
function linkAt(text, at) {
	return PART_OF_WORD.test(text[at - 1] ?? "") ? null : addressAt(text, at);
}

/**
 * The original text.
 * @param {Piece[]} list
 * @returns {string}
 */
export function source(list) {
	return list
		.map((piece) => {
			if (typeof piece === "string") return piece;
			if ("pieces" in piece) return MARKS[piece.kind] + source(piece.pieces) + MARKS[piece.kind];
			if (piece.kind === "link") return piece.text;
			const mark = piece.kind === "code" ? "`" : "```";
			return mark + piece.text + mark;
		})
		.join("");
}

/**
 * The text without formatting marks.
 * @param {Piece[]} list
 * @returns {string}
 */
export function readable(list) {
	return list
		.map((piece) => {
			if (typeof piece === "string") return piece;
			return "pieces" in piece ? readable(piece.pieces) : piece.text;
		})
		.join("");
}

/**
 * A text on one line, for previews.
 * @param {string} text
 * @param {number} length
 */
export function preview(text, length = 200) {
	return readable(pieces(text.slice(0, length)))
		.replace(/\s+/gu, " ")
		.trim();
}
