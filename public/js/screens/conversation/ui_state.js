// The UI state of a conversation while the page is open: the message being replied to or edited, the scroll position, and
// the first new message. It survives switching to another conversation.
import { effect, signal, untracked } from "../../../vendor/signals-core.js";

/**
 * @typedef {import("../../state/types.js").Message} Message
 * @typedef {import("../../state/types.js").Conversation} Conversation
 * @typedef {import("../../components/scroll.js").Anchor} Anchor
 */

export class ConversationUiState {
	/** @type {import("../../../vendor/signals-core.js").Signal<Message | null>} */
	replyTo = signal(null);
	/** The draft is stored separately. @type {import("../../../vendor/signals-core.js").Signal<{ message: Message, text: string } | null>} */
	editing = signal(null);
	/** The seq of the first new message. @type {import("../../../vendor/signals-core.js").Signal<number | null>} */
	divider = signal(null);
	/** The scroll position; null is the end. @type {{ key: string | null, anchors: Anchor[] } | null} */
	scrollPosition = null;

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

	/** @returns {boolean} whether there was something to clear */
	clear() {
		const busy = Boolean(this.replyTo.peek() ?? this.editing.peek());
		this.replyTo.value = null;
		this.editing.value = null;
		return busy;
	}
}

const seen = () => document.visibilityState === "visible" && document.hasFocus();

/** The UI states of all conversations. */
export class UiStates {
	/** @type {Map<Conversation, ConversationUiState>} */
	#states = new Map();

	/**
	 * Must be created before a conversation is shown: what is new in it is known only until then.
	 * @param {import("../../state/types.js").ChatClient} client
	 */
	constructor(client) {
		effect(() => {
			const open = client.open.value;
			if (open) untracked(() => this.#opened(open));
		});
		effect(() => {
			for (const { conversation: id, seq } of client.news.value) {
				const conversation = client.conversation(id);
				if (conversation !== client.open.peek() || seen()) continue;
				const { divider } = this.of(conversation);
				const read = conversation.readUpTo.peek();
				if (divider.peek() === null || (divider.peek() ?? 0) <= read) divider.value = seq;
			}
		});
	}

	/** @param {Conversation} conversation */
	of(conversation) {
		let state = this.#states.get(conversation);
		if (!state) {
			state = new ConversationUiState();
			this.#states.set(conversation, state);
		}
		return state;
	}

	/** @param {Conversation} conversation */
	#opened(conversation) {
		const { unread, readUpTo } = conversation;
		const state = this.of(conversation);
		state.divider.value = unread.value > 0 ? readUpTo.value + 1 : null;
		if (unread.value > 0) state.scrollPosition = null;
	}
}
