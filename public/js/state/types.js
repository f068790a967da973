// The types that screens use. Types only: nothing here runs, and no page loads it.

/**
 * @typedef {import("../protocol/types.js").Message} Message
 * @typedef {import("../protocol/types.js").MeState} MeState
 * @typedef {import("../protocol/types.js").ConversationState} ConversationState
 * @typedef {import("../protocol/types.js").Settings} Settings
 * @typedef {import("../protocol/types.js").Receipt} Receipt
 * @typedef {import("../protocol/types.js").Presence} Presence
 * @typedef {import("../protocol/types.js").Person} Person
 * @typedef {import("../protocol/types.js").Login} Login
 */

/**
 * @template T
 * @typedef {import("../../vendor/signals-core.js").Signal<T>} Signal
 */

/**
 * @template T
 * @typedef {import("../../vendor/signals-core.js").ReadonlySignal<T>} ReadonlySignal
 */

/**
 * @typedef {"idle" | "loading" | "ready" | "missing" | "error"} Loading `missing`: there is no such person or conversation
 * @typedef {"connecting" | "ws" | "http" | "offline"} Status how the server is reached
 *
 * @typedef {{
 *   client_id: string,
 *   conversation: number | null,
 *   recipient: string | null,
 *   body: string,
 *   reply_to: { id: number, user: string, body: string } | null,
 *   forward: number | null,
 *   at: number,
 *   state: "waiting" | "failed",
 *   problem: string,
 *   code: string,
 * }} Entry a pending message; `conversation`: null until it exists; `recipient`: the other person, if there is one;
 *   `at`: milliseconds; `problem` (for the user) and `code` say why it failed
 *
 * @typedef {{ id: number } | { person: string }} Target a conversation or a person, as named in a URL
 *
 * @typedef {import("./client/account.js").Account} Account
 * @typedef {import("./client/client.js").ChatClient} ChatClient
 * @typedef {import("./client/conversation.js").Conversation} Conversation
 * @typedef {import("./outbox/outbox.js").Outbox} Outbox
 * @typedef {import("./client/people.js").People} People
 */

export {};
