// The interface for the screens. Connects the local state (`LocalState`), its synchronisation (`Sync`), the stores and the
// outbox (`Outbox`). No part of it touches the DOM.
import { batch, computed, effect, signal, untracked } from "../../../vendor/signals-core.js";
import { isMuted } from "../../lib/muted.js";
import { Refused, Unreachable } from "../../protocol/api.js";
import { positionOf } from "../model/positions.js";
import { goesTo } from "../outbox/entries.js";
import { assemble } from "./assembly.js";

/**
 * @typedef {import("../types.js").Message} Message
 * @typedef {import("../types.js").Entry} Entry
 * @typedef {import("../types.js").Target} Target
 * @typedef {import("./conversation.js").Conversation} Conversation
 * @typedef {import("./assembly.js").Parts} Parts
 * @typedef {import("./assembly.js").TabMessage} TabMessage
 */

export class ChatClient {
	#user;
	#api;
	#store;
	#broadcast;
	#onLeft;
	#local;
	#list;
	#resync;
	#sync;
	#persister;
	#acks;
	#presence;
	#leading = false;
	#active = false;
	/** @type {() => void} */
	#unfollow;

	/** The user's own account. */
	me;
	/** How the server is reached. */
	status;
	/** All loaded conversations, newest first. */
	conversations;
	moreConversations;
	listState;
	people;
	outbox;
	drafts;
	/** Actions on messages, conversations, people and the own account. */
	actions;
	/** The conversation that is open. @type {import("../types.js").Signal<Conversation | null>} */
	open = signal(null);
	/** The messages that just arrived. @type {import("../types.js").Signal<Message[]>} */
	news = signal([]);
	/** The server has another version of this page. */
	outdated = signal(false);
	/** The number of conversations that are unread or marked as unread, and not muted. */
	unreadConversations = computed(
		() =>
			this.conversations.value.filter(({ state, unread }) => {
				const { marked_unread: marked = false, muted_until: muted = null } = state.value ?? {};
				return !isMuted(muted) && (marked || unread.value > 0);
			}).length,
	);

	/** @param {Parts} parts */
	constructor(parts) {
		this.#user = parts.me;
		this.#api = parts.api;
		this.#store = parts.store;
		this.#broadcast = parts.broadcast;
		this.#onLeft = parts.onLeft;
		const made = assemble(parts, {
			post: (outgoing) => this.#post(outgoing),
			resync: () => attempt(this.#resync.drain()),
			holds: () => this.#leading || this.#active,
			onRightName: (requested, name) => {
				if (this.open.peek() === requested) this.show({ person: name });
			},
			onMoved: (conversation, from) => this.#moved(conversation, from),
			onRestarted: () => attempt(parts.api.root()),
			onBegun: () => this.open.peek()?.load(),
			onCaughtUp: () => this.#caughtUp(),
			onNews: (news) => this.#setNews(news),
		});
		this.#local = made.local;
		this.#list = made.list;
		this.#resync = made.resync;
		this.#sync = made.sync;
		this.#persister = made.persister;
		this.#acks = made.acks;
		this.#presence = made.presence;
		this.drafts = made.drafts;
		this.outbox = made.outbox;
		this.people = made.people;
		this.actions = made.actions;
		this.me = made.local.me;
		this.conversations = made.local.conversations;
		this.moreConversations = made.list.more;
		this.listState = made.list.state;
		this.status = made.sync.status;
		this.#unfollow = effect(() => this.#opened(this.open.value?.id ?? null));
	}

	/** Starts from the state stored at the last visit. */
	async start() {
		const kept = await this.#store.load();
		if (kept) {
			this.#local.restore(kept);
			this.#list.begun(kept.more);
		}
		await this.outbox.begin();
		this.#store.begun();
		this.#sync.start();
	}

	/** This page is now the one of this browser's pages that sends and stores. */
	lead() {
		this.#leading = true;
		this.outbox.lead();
		this.#persister.lead();
	}

	/** A message from another page of this browser. @param {TabMessage} message */
	receive(message) {
		if (message === "outbox") this.outbox.read();
		else if (message === "left") this.#onLeft();
		else if (message?.sent && this.#local.cursor)
			this.#local.add({ type: "answer", message: message.sent });
	}

	/** @param {Target | null} target */
	show(target) {
		const conversation = target && this.#conversationOf(target);
		this.open.value = conversation;
		this.#acks.show(conversation);
		conversation?.load();
	}

	/** @param {Target} target */
	#conversationOf(target) {
		return "id" in target ? this.conversation(target.id) : this.person(target.person);
	}

	/** @param {number} id */
	conversation(id) {
		return this.#local.conversation(id);
	}

	/** The conversation with a person, whether it exists on the server or not. @param {string} name */
	person(name) {
		return this.#local.person(name);
	}

	/** Its pending messages that are not yet among its messages. @param {Conversation} conversation */
	pending(conversation) {
		const going = this.outbox.pending.value.filter((entry) => goesTo(entry, conversation));
		if (going.length === 0) return going;
		const arrived = new Set(conversation.messages.value.map(({ client_id }) => client_id));
		return going.filter(({ client_id }) => !arrived.has(client_id));
	}

	loadMoreConversations = () => this.#list.loadMore();

	/**
	 * @param {Conversation} conversation
	 * @param {string} text
	 * @param {{ replyTo?: Message, forward?: Message }} [of]
	 */
	send({ id, name, key }, text, of = {}) {
		const body = text.trim();
		if (!body) return;
		batch(() => {
			this.outbox.add({ conversation: id, recipient: name || null }, body, of);
			if (!of.forward) this.drafts.write(key, "");
		});
	}

	/** The conversation it goes to. @param {Entry} entry */
	destination({ conversation, recipient }) {
		return recipient === null ? this.conversation(conversation ?? 0) : this.person(recipient);
	}

	/** @param {Entry} entry */
	discard(entry) {
		batch(() => {
			if (entry.forward === null) this.drafts.restore(this.destination(entry).key, entry.body);
			this.outbox.forget(entry.client_id);
		});
	}

	/** @param {boolean} active whether the page is visible and has the focus */
	setActive(active) {
		this.#active = active;
		this.#presence.setActive(active);
		this.#acks.setActive(active);
		if (!active) return;
		this.#sync.check();
		this.outbox.retryNow();
	}

	/** @param {boolean} covered whether something covers the open conversation, so that it is not read */
	cover(covered) {
		this.#acks.cover(covered);
	}

	/** @param {string[]} names whose presence to watch */
	watch(names) {
		this.#presence.watch(names);
	}

	/** @param {Conversation} conversation where the user is typing */
	typing({ id }) {
		if (id !== null) this.#presence.typing(id);
	}

	online() {
		this.#sync.online();
		this.outbox.retryNow();
	}

	offline() {
		this.#sync.offline();
	}

	/** Deletes this user's data in this browser, for logging out. */
	async forget() {
		this.stop();
		this.#broadcast("left");
		await this.#store.forget();
	}

	stop() {
		this.#unfollow();
		this.#sync.stop();
		this.#acks.stop();
		this.#presence.stop();
		this.people.stop();
		this.outbox.stop();
	}

	/** @param {number | null} id */
	#opened(id) {
		untracked(() => {
			if (id !== this.#local.state.open) this.#local.add({ type: "open", conversation: id });
		});
	}

	/** A conversation has another key now. @param {Conversation} conversation @param {string} from its key before */
	#moved(conversation, from) {
		const { id, name, key } = conversation;
		const open = this.open.peek();
		const merged = open !== conversation && open?.key === from;
		this.drafts.move(from, key);
		if (name) this.outbox.move(name, id);
		if (merged) this.open.value = conversation;
	}

	/**
	 * The response is the message as stored in its conversation. After a resync the response may be outdated, and the
	 * message is sent again.
	 * @param {import("../../protocol/types.js").Outgoing} outgoing
	 */
	async #post(outgoing) {
		const { era } = this.#local;
		const message = await this.#api.send(outgoing);
		if (era !== this.#local.era) throw new Unreachable("The server has begun again.");
		this.#local.add({ type: "answer", message });
		this.#broadcast({ sent: message });
		await attempt(this.#resync.drain());
	}

	/** @param {Message[]} news */
	#setNews(news) {
		const fresh = news.filter(({ conversation: id, seq, deleted }) => {
			const positions = this.conversation(id).state.peek()?.positions;
			return !deleted && seq > positionOf(positions, this.#user).read;
		});
		if (fresh.length > 0) this.news.value = fresh;
	}

	#caughtUp() {
		this.outbox.caughtUp();
		this.#acks.caughtUp();
		this.open.peek()?.load();
		if (this.people.state.peek() === "error") this.people.load();
		if (this.listState.peek() === "error") this.loadMoreConversations();
	}
}

/** A failure is ignored: it will be tried again later. @param {Promise<unknown>} request */
async function attempt(request) {
	try {
		await request;
	} catch (error) {
		if (!(error instanceof Refused || error instanceof Unreachable)) throw error;
	}
}
