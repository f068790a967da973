// What screens may count on. Types only: each becomes a class of this folder.

/**
 * @typedef {import("../protocol/types.js").Message} Message
 * @typedef {import("../protocol/types.js").MeState} MeState
 * @typedef {import("../protocol/types.js").ConversationState} ConversationState
 * @typedef {import("../protocol/types.js").Settings} Settings
 * @typedef {import("../protocol/types.js").Receipt} Receipt
 * @typedef {import("../protocol/types.js").Presence} Presence
 * @typedef {import("../protocol/types.js").Person} Person
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
 * @typedef {{
 *   pending: ReadonlySignal<Entry[]>,
 *   tryAgain(client_id: string): void,
 *   forget(client_id: string): void,
 * }} Outbox
 *
 * @typedef {{
 *   query: ReadonlySignal<string>,
 *   found: ReadonlySignal<Person[]>,
 *   more: ReadonlySignal<boolean>,
 *   state: ReadonlySignal<Loading>,
 *   search(text: string): void,
 *   load(): void,
 * }} People everyone when `query` is empty; `load` fetches the next page, also after an error
 *
 * @typedef {{
 *   name: string,
 *   state: ReadonlySignal<ConversationState | null>,
 *   title: ReadonlySignal<string>,
 *   last: ReadonlySignal<Message | null>,
 *   unread: ReadonlySignal<number>,
 *   messages: ReadonlySignal<Message[]>,
 *   loading: ReadonlySignal<Loading>,
 *   older: ReadonlySignal<Loading>,
 *   hasOlder: ReadonlySignal<boolean>,
 *   newer: ReadonlySignal<Loading>,
 *   hasNewer: ReadonlySignal<boolean>,
 *   readUpTo: ReadonlySignal<number>,
 *   otherRead: ReadonlySignal<number>,
 *   otherDelivered: ReadonlySignal<number>,
 *   presence: ReadonlySignal<Presence | null>,
 *   typing: ReadonlySignal<boolean>,
 *   load(): Promise<void>,
 *   loadOlder(): Promise<void>,
 *   loadNewer(): Promise<void>,
 *   loadAround(seq: number): Promise<void>,
 * }} Conversation `state` is null until someone has written. `messages` ascends by `seq` without holes. After
 *   `loadAround` it may end before the newest message: then `hasNewer`, and `load` leads back to the newest.
 *   The promises never fail: `loading`, `older` and `newer` say "error", and the same call tries again.
 *
 * @typedef {{
 *   me: ReadonlySignal<MeState>,
 *   status: ReadonlySignal<Status>,
 *   conversations: ReadonlySignal<Conversation[]>,
 *   moreConversations: ReadonlySignal<boolean>,
 *   loadMoreConversations(): Promise<void>,
 *   listState: ReadonlySignal<"loading" | "ready" | "error">,
 *   unreadConversations: ReadonlySignal<number>,
 *   open: ReadonlySignal<string | null>,
 *   show(name: string | null): void,
 *   conversation(name: string): Conversation,
 *   people: People,
 *   outbox: Outbox,
 *   drafts: import("./drafts.js").Drafts,
 *   send(name: string, text: string, options?: { replyTo?: Message, forward?: Message }): void,
 *   discard(entry: Entry): void,
 *   edit(message: Message, text: string): Promise<void>,
 *   remove(message: Message, whose: "me" | "everyone"): Promise<void>,
 *   react(message: Message, emoji: string | null): Promise<void>,
 *   details(message: Message): Promise<Receipt>,
 *   setConversation(name: string, settings: Settings): Promise<void>,
 *   block(name: string, blocked: boolean): Promise<void>,
 *   look(visible: boolean): void,
 *   watch(names: string[]): void,
 *   typing(name: string): void,
 *   news: ReadonlySignal<Message[]>,
 *   forget(): Promise<void>,
 *   stop(): void,
 * }} Centre `conversations`: everything loaded, newest first. `discard` drops an entry of the outbox and gives its text
 *   back as a draft. `look`: whether the page is visible and has the focus. `forget`: drops what this browser keeps, at
 *   logging out. Promises of edit, remove, react, details, setConversation and block fail with `Refused` or
 *   `Unreachable` of protocol/api.js, whose `message` is for the person.
 */

export {};
