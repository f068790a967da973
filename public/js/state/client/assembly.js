// Creates the parts of a `ChatClient` and connects them.
import { Outbox } from "../outbox/outbox.js";
import { DirtySet } from "../persistence/dirty_set.js";
import { Drafts } from "../persistence/drafts.js";
import { Persister } from "../persistence/persister.js";
import { Acks } from "../presence/acks.js";
import { Presence } from "../presence/presence.js";
import { Fetcher } from "../sync/fetcher.js";
import { ListLoader } from "../sync/list_loader.js";
import { PageLoader } from "../sync/page_loader.js";
import { ResyncQueue } from "../sync/resync_queue.js";
import { Sync } from "../sync/sync.js";
import { Actions } from "./actions.js";
import { LocalState } from "./local_state.js";
import { People } from "./people.js";

/**
 * @typedef {import("../types.js").Message} Message
 * @typedef {import("./conversation.js").Conversation} Conversation
 * @typedef {"outbox" | "left" | { sent: Message }} TabMessage a message between this user's pages in one browser
 *
 * @typedef {{
 *   me: string,
 *   api: import("../../protocol/api.js").Api,
 *   store: import("../persistence/idb_store.js").IdbStore,
 *   storage: import("../persistence/local_storage_store.js").LocalStorageStore,
 *   pageSize: number,
 *   socket: ConstructorParameters<typeof Sync>[0]["socket"],
 *   broadcast: (message: TabMessage) => void,
 *   onLeft: () => void,
 * }} Parts `broadcast`: sends it to the other pages; `onLeft`: the user is logged out, or another one is logged in.
 *
 * @typedef {{
 *   post: (outgoing: import("../../protocol/types.js").Outgoing) => Promise<void>,
 *   resync: () => Promise<void>,
 *   holds: () => boolean,
 *   onRightName: (requested: Conversation, name: string) => void,
 *   onMoved: (conversation: Conversation, from: string) => void,
 *   onRestarted: () => void,
 *   onBegun: () => void,
 *   onCaughtUp: () => void,
 *   onNews: (news: Message[]) => void,
 * }} Hooks callbacks of the parts into the client
 */

/**
 * @param {Parts} parts
 * @param {Hooks} hooks
 */
export function assemble({ me, api, store, storage, pageSize, socket, broadcast, onLeft }, hooks) {
	const drafts = new Drafts(storage);
	const outbox = new Outbox({
		send: hooks.post,
		store,
		storage,
		broadcast: () => broadcast("outbox"),
	});
	const dirty = new DirtySet();
	/** @type {Fetcher} */
	const fetcher = new Fetcher({
		api,
		local: () => local,
		onRightName: hooks.onRightName,
		pageSize,
	});
	const local = new LocalState({
		me,
		dirty,
		replay: fetcher.replay,
		loader: (conversation) => new PageLoader(conversation, fetcher),
		onMoved: hooks.onMoved,
		onMine: (message) => outbox.arrived(message),
		onChange: () => {
			acks.changed();
			persister.changed();
		},
	});
	const people = new People(api, (person) => local.person(person.username).meet(person));
	const actions = new Actions({ api, local, onHidden: hooks.resync });
	const list = new ListLoader(fetcher);
	const resync = new ResyncQueue({
		local,
		list,
		ask: async (id) => void (await fetcher.conversation(id)),
		fill: (id) => local.conversation(id).fill(),
	});
	const send = (/** @type {Record<string, unknown>} */ frame) => sync.send(frame);
	const presence = new Presence({ local, send });
	const acks = new Acks({ api, local, send, transport: () => sync.transport });
	const persister = new Persister({ local, list, store, dirty, onKept: (kept) => acks.kept(kept) });
	/** @type {Sync} */
	const sync = new Sync({
		me,
		api,
		local,
		socket,
		holds: hooks.holds,
		listener: {
			onPassing: (event) => presence.receive(event),
			onOpen: (restarted) => {
				presence.opened();
				// Only HTTP responses report the server's version.
				if (restarted) hooks.onRestarted();
			},
			onBegun: (more) => {
				acks.begun();
				list.begun(more);
				hooks.onBegun();
			},
			onNotBegun: () => list.failed(),
			onCaughtUp: hooks.onCaughtUp,
			onApplied: () => resync.drain(),
			onNews: hooks.onNews,
			onDown: () => presence.down(),
			onOtherPerson: onLeft,
		},
	});
	return { drafts, outbox, local, people, actions, list, resync, presence, acks, persister, sync };
}
