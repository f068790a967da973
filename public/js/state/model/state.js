// The shape of what this page knows, and of what can happen to it.
import { nobodyYet } from "./defaults.js";

/**
 * @typedef {import("../../protocol/types.js").Message} Message
 * @typedef {import("../../protocol/types.js").MeState} MeState
 * @typedef {import("../../protocol/types.js").ConversationState} ConversationState
 * @typedef {import("../../protocol/types.js").Change} ServerChange
 * @typedef {import("./conversation.js").ConversationData} ConversationData
 *
 * @typedef {Readonly<{
 *   user: string,
 *   me: MeState,
 *   cursor: import("../../protocol/types.js").Cursor | null,
 *   conversations: ReadonlyMap<number, ConversationData>,
 *   open: number | null,
 *   unknown: ReadonlySet<number>,
 *   notLoaded: ReadonlyMap<number, ConversationState>,
 * }>} State `cursor`: everything up to here is known; `open`: the conversation somebody looks at; `unknown`: conversations
 *   whose state must be asked for; `notLoaded`: states of conversations that are not loaded and were told of just now
 *
 * @typedef {(
 *   | { type: "snapshot", snapshot: import("../../protocol/types.js").Snapshot }
 *   | { type: "kept", conversations: ConversationData[], me: MeState }
 *   | { type: "latest", conversations: import("../../protocol/types.js").Latest[] }
 *   | { type: "settings", conversation: ConversationState }
 *   | { type: "answer", message: Message }
 *   | { type: "page", conversation: number, page: import("./window.js").Window, how: "extend" | "newest" | "jump" }
 *   | { type: "open", conversation: number | null }
 *   | { type: "seen", conversation: number, seq: number }
 *   | { type: "missing", conversation: number }
 *   | { type: "unknown", conversations: number[] }
 *   | { type: "asked" }
 * )} LocalChange `answer`: the answer to something done to a message, by this page; `seen`: somebody has read up to here;
 *   `missing`: the server knows no such conversation; `unknown`: their states must be asked for; `asked`: what was unknown is
 *   being asked for
 *
 * @typedef {ServerChange | LocalChange} Change
 *
 * @typedef {{
 *   state: State,
 *   changed: ReadonlySet<number>,
 *   news: Message[],
 *   mine: Message[],
 *   replay: ServerChange[],
 * }} Outcome `changed`: conversations; `news`: new messages from others; `mine`: messages of mine that were taken in;
 *   `replay`: what an answer that is on its way may not know
 */

/** @param {string} user @returns {State} */
export const nothingYet = (user) => ({
	user,
	me: nobodyYet(user),
	cursor: null,
	conversations: new Map(),
	open: null,
	unknown: new Set(),
	notLoaded: new Map(),
});
