// What lies on the desk of one conversation while the page is open: what one answers to or edits,
// where one has scrolled to, and from where on it is new. It survives switching to another one.
import { effect, signal, untracked } from "../../../vendor/signals-core.js";

/**
 * @typedef {import("../../state/types.js").Message} Message
 * @typedef {import("../../components/scroll.js").Anchor} Anchor
 */

export class Desk {
	/** @type {import("../../../vendor/signals-core.js").Signal<Message | null>} */
	replyTo = signal(null);
	/** The draft is kept apart meanwhile. @type {import("../../../vendor/signals-core.js").Signal<{ message: Message, text: string } | null>} */
	editing = signal(null);
	/** The first message that is new. @type {import("../../../vendor/signals-core.js").Signal<number | null>} */
	divider = signal(null);
	/** Where one was; null is the end. @type {{ key: string | null, anchors: Anchor[] } | null} */
	place = null;

	/** @param {Message} message */
	reply(message) {
		this.editing.value = null;
		this.replyTo.value = message;
	}

	/** @param {Message} message */
	edit(message) {
		this.replyTo.value = null;
		this.editing.value = { message, text: message.body };
	}

	/** @returns {boolean} whether there was something to put away */
	clear() {
		const busy = Boolean(this.replyTo.peek() ?? this.editing.peek());
		this.replyTo.value = null;
		this.editing.value = null;
		return busy;
	}
}

const seen = () => document.visibilityState === "visible" && document.hasFocus();

/** The desks of all conversations. */
export class Desks {
	/** @type {Map<string, Desk>} */
	#desks = new Map();

	/**
	 * Must be made before a conversation is shown: what is new in one is known only until then.
	 * @param {import("../../state/types.js").Centre} centre
	 */
	constructor(centre) {
		effect(() => {
			const name = centre.open.value;
			if (name !== null) untracked(() => this.#opened(centre.conversation(name)));
		});
		effect(() => {
			for (const { user, seq } of centre.news.value) {
				if (user !== centre.open.peek() || seen()) continue;
				const { divider } = this.of(user);
				const read = centre.conversation(user).readUpTo.peek();
				if (divider.peek() === null || (divider.peek() ?? 0) <= read) divider.value = seq;
			}
		});
	}

	/** @param {string} name */
	of(name) {
		let desk = this.#desks.get(name);
		if (!desk) {
			desk = new Desk();
			this.#desks.set(name, desk);
		}
		return desk;
	}

	/** @param {import("../../state/types.js").Conversation} conversation */
	#opened({ name, unread, readUpTo }) {
		const desk = this.of(name);
		desk.divider.value = unread.value > 0 ? readUpTo.value + 1 : null;
		if (unread.value > 0) desk.place = null;
	}
}
