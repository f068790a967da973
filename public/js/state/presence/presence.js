// Presence and typing of others: ephemeral, never stored. Also sends the user's own.

/** @typedef {import("../sync/sync.js").Passing} Passing */

/** Minimum milliseconds between typing events; */
const TYPING_EVERY = 3_000;
/** a person whose last one is older has stopped. */
const TYPING_LASTS = 6_000;

export class Presence {
	#local;
	#send;
	#active = false;
	/** @type {string[]} */
	#watched = [];
	/** When a typing event was last sent, by conversation. @type {Map<number, number>} */
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
	setActive(active) {
		if (active === this.#active) return;
		this.#active = active;
		this.#send({ type: "active", active });
	}

	/** @param {number} id where the user is typing */
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
		// Not loaded, so there is nowhere to show it.
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

	/** A new socket has no state yet. */
	opened() {
		if (this.#active) this.#send({ type: "active", active: true });
		if (this.#watched.length > 0) this.#send({ type: "watch", people: this.#watched });
	}

	/** Without a socket presence is unknown. */
	down() {
		for (const name of this.#watched) this.#local.person(name).presence.value = null;
	}

	stop() {
		for (const timer of this.#timers.values()) clearTimeout(timer);
	}
}
