// Who is there and who is typing: passing news that nothing keeps. Also says the same of me.

/** @typedef {import("../sync/sync.js").Passing} Passing */

/** At most one such word in so many milliseconds; */
const TYPING_EVERY = 3_000;
/** and whoever does not say it again has stopped. */
const TYPING_LASTS = 6_000;

export class Presence {
	#local;
	#send;
	#active = false;
	/** @type {string[]} */
	#watched = [];
	/** When I last said that I type, by conversation. @type {Map<number, number>} */
	#typed = new Map();
	/** @type {Map<number, ReturnType<typeof setTimeout>>} */
	#timers = new Map();

	/**
	 * @param {{
	 *   local: import("../client/local_state.js").LocalState,
	 *   send: (frame: Record<string, unknown>) => boolean,
	 * }} parts
	 */
	constructor({ local, send }) {
		this.#local = local;
		this.#send = send;
	}

	/** @param {string[]} names */
	watch(names) {
		const people = [...new Set(names)].slice(0, 100).sort();
		if (people.join("\n") === this.#watched.join("\n")) return;
		for (const name of this.#watched) {
			if (!people.includes(name)) this.#local.person(name).presence.value = null;
		}
		this.#watched = people;
		this.#send({ type: "watch", people });
	}

	/** @param {boolean} active */
	look(active) {
		if (active === this.#active) return;
		this.#active = active;
		this.#send({ type: "active", active });
	}

	/** @param {number} id where I am writing */
	typing(id) {
		const now = Date.now();
		if (now - (this.#typed.get(id) ?? 0) < TYPING_EVERY) return;
		this.#typed.set(id, now);
		this.#send({ type: "typing", conversation: id });
	}

	/** @param {Passing} event */
	receive(event) {
		if (event.type === "presence") {
			const { user, online, last_seen } = event;
			this.#local.person(user).presence.value = { online, last_seen };
			return;
		}
		const id = event.conversation;
		// Whoever has not loaded it has nowhere to show it.
		if (!this.#local.state.conversations.has(id)) return;
		const conversation = this.#local.conversation(id);
		conversation.typing.value = true;
		clearTimeout(this.#timers.get(id));
		this.#timers.set(
			id,
			setTimeout(() => {
				conversation.typing.value = false;
			}, TYPING_LASTS),
		);
	}

	/** A new socket knows nothing of me. */
	opened() {
		if (this.#active) this.#send({ type: "active", active: true });
		if (this.#watched.length > 0) this.#send({ type: "watch", people: this.#watched });
	}

	/** Nobody would tell if it changed. */
	down() {
		for (const name of this.#watched) this.#local.person(name).presence.value = null;
	}

	stop() {
		for (const timer of this.#timers.values()) clearTimeout(timer);
	}
}
