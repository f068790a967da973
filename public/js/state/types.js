// What screens work with, by name. Types only: nothing here runs, and no page loads it.

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
 * @typedef {"idle" | "loading" | "ready" | "error"} Loading
 * @typedef {"connecting" | "live" | "offline"} Status
 *
 * @typedef {{
 *   client_id: string,
 *   recipient: string,
 *   body: string,
 *   reply_to: { id: number, user: string, body: string } | null,
 *   forward: number | null,
 *   at: number,
 *   state: "waiting" | "failed",
 *   problem: string,
 *   status: number,
 * }} Entry a message on its way out; `at`: milliseconds; `problem` in words and `status` say why it failed
 *
 * @typedef {import("./account.js").Account} Account
 * @typedef {import("./centre.js").Centre} Centre
 * @typedef {import("./conversation.js").Conversation} Conversation
 * @typedef {import("./outbox.js").Outbox} Outbox
 * @typedef {import("./people.js").People} People
 */

export {};
