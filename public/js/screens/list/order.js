// In which order conversations stand in the list, and which of them.

/** @typedef {import("../../state/types.js").Conversation} Conversation */

/**
 * Pinned ones first; then those with something on its way out; the rest as they come, newest first.
 * @param {import("../../state/types.js").ChatClient} client
 * @param {boolean} archived which of the two lists
 * @returns {Conversation[]}
 */
export function ordered(client, archived) {
	const known = client.conversations.value;
	const listed = new Set(known);
	const leaving = new Map(
		client.outbox.pending.value.map((entry) => [client.destination(entry), entry.at]),
	);
	const started = [...leaving.keys()].filter((conversation) => !listed.has(conversation));
	/** @param {Conversation} conversation */
	const rank = (conversation) =>
		conversation.state.value?.pinned ? 2 : leaving.has(conversation) ? 1 : 0;
	return [...started, ...known]
		.filter(({ state }) => (state.value?.archived ?? false) === archived)
		.sort((a, b) => rank(b) - rank(a) || (leaving.get(b) ?? 0) - (leaving.get(a) ?? 0));
}

/**
 * Those whose name or display name contains the query.
 * @param {Conversation[]} conversations
 * @param {string} query
 */
export function matching(conversations, query) {
	const wanted = query.trim().toLocaleLowerCase();
	return conversations.filter(({ name, title }) =>
		[name, title.value].some((text) => text.toLocaleLowerCase().includes(wanted)),
	);
}
