// Who is there and who is typing: passing news that nothing keeps. Also says the same of me.

/** @typedef {import("./feed.js").Passing} Passing */

/** At most one such word in so many milliseconds; */
const TYPING_EVERY = 3_000;
/** and whoever does not say it again has stopped. */
const TYPING_LASTS = 6_000;

export class Presences {
	#mirror;
	#say;
	#active = false;
	/** @type {string[]} */
	#watched = [];
	/** When I last said that I type, by name. @type {Map<string, number>} */
	#typed = new Map();
	/** @type {Map<string, ReturnType<typeof setTimeout>>} */
	#timers = new Map();

	/**
	 * @param {{
	 *   mirror: import("./mirror.js").Mirror,
	 *   say: (frame: Record<string, unknown>) => boolean,
	 * }} parts
	 */
	constructor({ mirror, say }) {
		this.#mirror = mirror;
		this.#say = say;
	}

	/** @param {string[]} names */
	watch(names) {
		const people = [...new Set(names)].slice(0, 100).sort();
		if (people.join("\n") === this.#watched.join("\n")) return;
		for (const name of this.#watched) {
			if (!people.includes(name)) this.#mirror.conversation(name).presence.value = null;
		}
		this.#watched = people;
		this.#say({ type: "watch", people });
	}

	/** @param {boolean} active */
	look(active) {
		if (active === this.#active) return;
		this.#active = active;
		this.#say({ type: "active", active });
	}

	/** @param {string} name */
	typing(name) {
		const now = Date.now();
		if (now - (this.#typed.get(name) ?? 0) < TYPING_EVERY) return;
		this.#typed.set(name, now);
		this.#say({ type: "typing", with: name });
	}

	/** @param {Passing} frame */
	receive(frame) {
		const conversation = this.#mirror.conversation(frame.user);
		if (frame.type === "presence") {
			const { online, last_seen } = frame;
			conversation.presence.value = { online, last_seen };
			return;
		}
		conversation.typing.value = true;
		clearTimeout(this.#timers.get(frame.user));
		this.#timers.set(
			frame.user,
			setTimeout(() => {
				conversation.typing.value = false;
			}, TYPING_LASTS),
		);
	}

	/** A new line knows nothing of me. */
	opened() {
		if (this.#active) this.#say({ type: "active", active: true });
		if (this.#watched.length > 0) this.#say({ type: "watch", people: this.#watched });
	}

	/** Nobody would tell if it changed. */
	down() {
		for (const name of this.#watched) this.#mirror.conversation(name).presence.value = null;
	}

	stop() {
		for (const timer of this.#timers.values()) clearTimeout(timer);
	}
}
