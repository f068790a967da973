// Types of what the server sends. Types only: nothing here runs, and no page loads it.
// docs/PROTOCOL.md describes them in words, and a test compares them with the server's own document.

/**
 * @typedef {{ id: number, user: string, body: string }} Quote
 * @typedef {{ user: string, emoji: string }} Reaction
 *
 * @typedef {{
 *   id: number,
 *   seq: number,
 *   user: string,
 *   recipient: string | null,
 *   timestamp: string,
 *   body: string,
 *   conversation: number,
 *   revision: number,
 *   client_id: string | null,
 *   edited_at: string | null,
 *   deleted: boolean,
 *   forwarded: boolean,
 *   reply_to: Quote | null,
 *   reactions: Reaction[],
 * }} Message `seq`: its number in the conversation; `deleted`: for everyone, and then `body` is empty;
 *   `recipient`: the other member, if there is one
 *
 * @typedef {{ user: string, delivered: number, read: number }} Position
 *
 * @typedef {{
 *   id: number,
 *   kind: "direct",
 *   with: string | null,
 *   name: string | null,
 *   about: string,
 *   avatar: string | null,
 *   deleted: boolean,
 *   last_seq: number,
 *   positions: Position[],
 *   unread: number,
 *   marked_unread: boolean,
 *   pinned: boolean,
 *   archived: boolean,
 *   muted_until: string | null,
 *   blocked: boolean,
 *   revision: number,
 * }} ConversationState `with`: the other member, or the user in notes to self; `blocked`: by the user; `deleted`: their account is deleted.
 *
 * @typedef {ConversationState & { place: number, last_message: Message | null }} Latest `place`: higher for newer ones;
 *   `last_message`: null if the user deleted it for themselves
 *
 * @typedef {{
 *   user: string,
 *   display_name: string | null,
 *   about: string,
 *   avatar: string | null,
 *   email: string,
 *   is_admin: boolean,
 *   hides_presence: boolean,
 *   hides_typing: boolean,
 *   hides_receipts: boolean,
 *   blocked: string[],
 *   revision: number,
 * }} MeState
 *
 * @typedef {{ online: boolean, last_seen: string | null }} Presence
 * @typedef {{ user: string, display_name: string | null, about: string, avatar: string | null, deleted: boolean }} Profile
 * @typedef {{ pinned?: boolean, archived?: boolean, muted_until?: string | null, unread?: boolean }} Settings
 * @typedef {{ delivered_at: string | null, read_at: string | null }} Receipt
 * @typedef {{
 *   username: string,
 *   latest_message: string | null,
 *   timestamp: string | null,
 *   name?: string,
 *   avatar?: string,
 * }} Person
 * @typedef {Partial<Pick<MeState, "display_name" | "about" | "hides_presence" | "hides_typing" | "hides_receipts">>} MeChange
 * @typedef {{ id: string, device: string, created_at: string, last_used_at: string, current: boolean }} Login `device`:
 *   the browser's User-Agent
 *
 * @typedef {{ messages: Message[], first: number, last: number, last_seq: number }} Page every visible message with
 *   `first` ≤ seq ≤ `last`, ascending; an empty page has `first` above `last`
 * @typedef {{ epoch: string, revision: number }} Cursor everything up to here is known
 *
 * @typedef {(
 *   | { type: "message", revision: number, message: Message }
 *   | { type: "hidden", revision: number, conversation: number, message: number }
 *   | { type: "position", revision: number, conversation: number, position: Position }
 *   | { type: "conversation", revision: number, conversation: ConversationState }
 *   | { type: "limited", revision: number, conversation: ConversationState, first: number }
 *   | { type: "profile", revision: number, profile: Profile }
 *   | { type: "me", revision: number, me: MeState }
 * )} Change what the cursor covers; `limited`: of the missed messages, only those from `first` on follow
 *
 * @typedef {(
 *   | Change
 *   | { type: "hello", user: string, revision: number, epoch: string }
 *   | { type: "synced", revision: number, epoch: string }
 *   | { type: "resync", revision: number, epoch: string }
 *   | { type: "presence", user: string, online: boolean, last_seen: string | null }
 *   | { type: "typing", conversation: number, user: string }
 *   | { type: "pong" }
 * )} Event
 *
 * @typedef {{ me: MeState, epoch: string, revision: number, conversations: Latest[], more: boolean, resync: boolean }} Snapshot
 * @typedef {{ changes: Change[], epoch: string, revision: number, next: string | null }} Changes
 *
 * @typedef {(
 *   | "malformed"
 *   | "invalid"
 *   | "not_an_object"
 *   | "signed_out"
 *   | "wrong_login"
 *   | "signup_closed"
 *   | "other_person"
 *   | "cross_site"
 *   | "https_required"
 *   | "not_found"
 *   | "no_such_recipient"
 *   | "method_not_allowed"
 *   | "timeout"
 *   | "too_large"
 *   | "unsupported_media"
 *   | "upgrade_required"
 *   | "too_many_requests"
 *   | "busy"
 *   | "internal"
 *   | "blocked"
 *   | "client_id_reused"
 *   | "not_yours"
 *   | "too_late"
 *   | "deleted"
 *   | "own_block"
 *   | "too_many_blocked"
 *   | "damaged"
 * )} ProblemCode for programs
 *
 * @typedef {(
 *   | "required"
 *   | "blank"
 *   | "too_short"
 *   | "too_long"
 *   | "nul"
 *   | "characters"
 *   | "not_text"
 *   | "not_a_number"
 *   | "not_a_flag"
 *   | "not_a_time"
 *   | "not_an_object"
 *   | "not_an_address"
 *   | "not_an_emoji"
 *   | "not_a_picture"
 *   | "too_many_pixels"
 *   | "out_of_range"
 *   | "not_both"
 *   | "not_a_cursor"
 *   | "taken"
 *   | "differ"
 *   | "same_as_name"
 *   | "wrong_password"
 *   | "no_such_message"
 *   | "too_many_pinned"
 *   | "no_letter"
 * )} FieldCode what is wrong with a field
 *
 * @typedef {{
 *   type: string,
 *   title: string,
 *   status: number,
 *   code: ProblemCode,
 *   detail: string,
 *   request_id: string,
 *   errors?: Record<string, { code: FieldCode, detail: string }[]>,
 * }} Problem why the server refused; `errors`: by field
 *
 * @typedef {{
 *   recipient?: string,
 *   conversation?: number,
 *   body?: string,
 *   client_id: string,
 *   reply_to?: number,
 *   forward?: number,
 * }} Outgoing to a person or a conversation; `reply_to` and `forward`: ids of messages; a forwarded one needs no `body`.
 */

export {};
