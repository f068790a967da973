// The types of the local state and of its changes.
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
 * }>} State `cursor`: everything up to here is known; `open`: the open conversation; `unknown`: conversations whose state
 *   must be requested; `notLoaded`: states just received of conversations that are not loaded
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
 * )} LocalChange `answer`: the response to a request of this page that changes a message; `seen`: the user has read up to
 *   here; `missing`: the server has no such conversation; `unknown`: their states must be requested; `asked`: what was
 *   unknown is being requested
 *
 * @typedef {ServerChange | LocalChange} Change
 *
 * @typedef {{
 *   state: State,
 *   changed: ReadonlySet<number>,
 *   news: Message[],
 *   mine: Message[],
 *   replay: ServerChange[],
 * }} Outcome `changed`: ids of conversations; `news`: new messages from others; `mine`: own messages that were added;
 *   `replay`: what an in-flight response may not include
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
