// The message centre: the one thing screens talk to. Ties what is known (mirror), how it is kept in step (feed), what is
// kept here (depot) and what goes out (outbox) together. No part of this touches the page.
import { batch, computed, signal } from "../../vendor/signals-core.js";
import { Drafts } from "./drafts.js";
import { Feed } from "./feed.js";
import { Keeper } from "./keeper.js";
import { Mirror } from "./mirror.js";
import { Outbox } from "./outbox.js";
import { People } from "./people.js";
import { Presences } from "./presences.js";
import { Reading } from "./reading.js";
import { countUnread } from "./unread.js";

/**
 * @typedef {import("../protocol/types.js").Message} Message
 * @typedef {import("./types.js").Entry} Entry
 * @typedef {"outbox" | "left"} Word what pages of one browser tell each other
 */

export class Centre {
	#user;
	#api;
	#depot;
	#tell;
	#onSignedOut;
	#mirror;
	#feed;
	#keeper;
	#reading;
	#presences;

	/** Myself. */
	me;
	status;
	/** Everything loaded, newest first. */
	conversations;
	moreConversations;
	listState;
	people;
	outbox;
	drafts;
	/** The conversation that is open. @type {import("./types.js").Signal<string | null>} */
	open = signal(null);
	/** What just came in: a single message, or several at once. @type {import("./types.js").Signal<Message[]>} */
	news = signal([]);
	unreadConversations = computed(() => countUnread(this.conversations.value));

	/**
	 * @param {{
	 *   me: string,
	 *   api: import("../protocol/api.js").Api,
	 *   depot: import("./depot.js").Depot,
	 *   shelf: import("./shelf.js").Shelf,
	 *   pageSize: number,
	 *   line: (listener: import("../protocol/socket.js").Listener) => import("../protocol/socket.js").LiveLine,
	 *   tell: (word: Word) => void,
	 *   onSignedOut: () => void,
	 * }} parts `tell`: says it to the other pages of this browser.
	 */
	constructor({ me, api, depot, shelf, pageSize, line, tell, onSignedOut }) {
		this.#user = me;
		this.#api = api;
		this.#depot = depot;
		this.#tell = tell;
		this.#onSignedOut = onSignedOut;
		this.drafts = new Drafts(shelf);
		this.people = new People(api, (person) => this.conversation(person.username).meet(person));
		this.outbox = new Outbox({
			send: (outgoing) => api.send(outgoing),
			depot,
			shelf,
			tell: () => tell("outbox"),
			isKnown: (id) => id <= (this.#mirror.cursor?.revision ?? 0),
		});
		this.#mirror = new Mirror({
			me,
			api,
			pageSize,
			onMine: (message) => this.outbox.arrived(message),
			onChange: () => this.#changed(),
		});
		this.me = this.#mirror.me;
		this.conversations = this.#mirror.conversations;
		this.moreConversations = this.#mirror.list.more;
		this.listState = this.#mirror.list.state;
		const say = (/** @type {Record<string, unknown>} */ frame) => this.#feed.say(frame);
		this.#presences = new Presences({ mirror: this.#mirror, say });
		this.#reading = new Reading({ api, mirror: this.#mirror, say, way: () => this.#feed.way });
		this.#keeper = new Keeper({
			mirror: this.#mirror,
			depot,
			deliver: (names) => this.#reading.deliver(names),
		});
		this.#feed = this.#makeFeed(line);
		this.status = this.#feed.status;
	}

	/** @param {(listener: import("../protocol/socket.js").Listener) => import("../protocol/socket.js").LiveLine} line */
	#makeFeed(line) {
		return new Feed({
			me: this.#user,
			api: this.#api,
			mirror: this.#mirror,
			line,
			listener: {
				onPassing: (frame) => this.#presences.receive(frame),
				onOpen: () => this.#presences.opened(),
				onCaughtUp: () => this.#caughtUp(),
				onNews: (news) => {
					this.news.value = news;
				},
				onDown: () => this.#presences.down(),
				onSomeoneElse: () => this.#onSignedOut(),
			},
		});
	}

	/** Begins with what was kept at the last visit. */
	async start() {
		const kept = await this.#depot.load();
		if (kept) this.#mirror.restore(kept);
		await this.outbox.begin();
		this.#feed.start();
	}

	/** Of several pages of this browser it is now this one that sends and keeps. */
	lead() {
		this.outbox.lead();
		this.#keeper.lead();
	}

	/** What another page of this browser says. @param {unknown} word */
	heard(word) {
		if (word === "outbox") this.outbox.read();
		if (word === "left") this.#onSignedOut();
	}

	/** @param {string | null} name */
	show(name) {
		const before = this.open.peek();
		if (before !== null && before !== name) this.conversation(before).rest();
		this.open.value = name;
		this.#reading.show(name);
		if (name === null) return;
		const conversation = this.conversation(name);
		conversation.watched = true;
		conversation.load();
	}

	/** @param {string} name */
	conversation(name) {
		return this.#mirror.conversation(name);
	}

	loadMoreConversations = () => this.#mirror.list.loadMore();

	/**
	 * @param {string} name
	 * @param {string} text
	 * @param {{ replyTo?: Message, forward?: Message }} [of]
	 */
	send(name, text, of = {}) {
		const body = text.trim();
		if (!body) return;
		batch(() => {
			this.outbox.add(name, body, of);
			if (!of.forward) this.drafts.write(name, "");
		});
	}

	/** @param {Entry} entry */
	discard(entry) {
		batch(() => {
			if (entry.forward === null) this.drafts.giveBack(entry.recipient, entry.body);
			this.outbox.forget(entry.client_id);
		});
	}

	/** @param {Message} message @param {string} text */
	edit(message, text) {
		return this.#change(message, this.#api.edit(message.id, text));
	}

	/**
	 * @param {Message} message
	 * @param {"me" | "everyone"} whose
	 */
	remove(message, whose) {
		return this.#mirror.done(this.#api.remove(message.id, whose), () => {
			if (whose === "me") this.#mirror.hide(this.#of(message), message.id);
		});
	}

	/** @param {Message} message @param {string | null} emoji */
	react(message, emoji) {
		return this.#change(message, this.#api.react(message.id, emoji));
	}

	/** @param {Message} message one of mine */
	details(message) {
		return this.#api.receipt(message.id);
	}

	/**
	 * @param {string} name
	 * @param {import("../protocol/types.js").Settings} settings
	 */
	setConversation(name, settings) {
		const asked = this.#api.setConversation(name, settings);
		return this.#mirror.done(asked, (state) => this.#mirror.settled(state));
	}

	/** @param {string} name @param {boolean} blocked */
	block(name, blocked) {
		return this.#mirror.done(this.#api.block(name, blocked), (me) => this.#mirror.setMe(me));
	}

	/** My own account; few visits need it, so what it is made of comes when it is wanted. @param {typeof import("./account.js").Account} Account */
	account(Account) {
		const take = (/** @type {import("./types.js").MeState} */ me) => this.#mirror.setMe(me);
		return new Account(this.#api.requests, (asked) => this.#mirror.done(asked, take));
	}

	/** @param {boolean} looking whether the page is visible and has the focus */
	look(looking) {
		this.#presences.look(looking);
		this.#reading.look(looking);
		if (!looking) return;
		this.#feed.check();
		this.outbox.hurry();
	}

	/** @param {boolean} covered whether something stands before the open conversation, so that it is not read */
	cover(covered) {
		this.#reading.cover(covered);
	}

	/** @param {string[]} names whose presence is wanted */
	watch(names) {
		this.#presences.watch(names);
	}

	/** @param {string} name with whom I am writing */
	typing(name) {
		this.#presences.typing(name);
	}

	online() {
		this.#feed.online();
		this.outbox.hurry();
	}

	offline() {
		this.#feed.offline();
	}

	/** Leaves nothing of mine in this browser, for logging out. */
	async forget() {
		this.stop();
		this.#tell("left");
		await this.#depot.forget();
	}

	stop() {
		this.#feed.stop();
		this.#reading.stop();
		this.#presences.stop();
		this.people.stop();
		this.outbox.stop();
	}

	#caughtUp() {
		this.outbox.caughtUp();
		this.#reading.caughtUp();
		const open = this.open.peek();
		if (open !== null) this.conversation(open).load();
		if (this.people.state.peek() === "error") this.people.load();
		if (this.listState.peek() === "error") this.loadMoreConversations();
	}

	#changed() {
		this.#reading.changed();
		this.#keeper.changed();
	}

	/**
	 * @param {Message} message
	 * @param {Promise<Message>} asked
	 */
	#change(message, asked) {
		return this.#mirror.done(asked, (changed) => this.#of(message).take(changed));
	}

	/** @param {Message} message */
	#of({ user, recipient }) {
		return this.conversation(user === this.#user ? recipient : user);
	}
}
