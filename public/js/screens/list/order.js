// Sorts and filters the conversations of the list.

/** @typedef {import("../../state/types.js").Conversation} Conversation */

/**
 * Pinned ones first; then those with pending messages; the rest as given, newest first.
 * @param {import("../../state/types.js").ChatClient} client
 * @param {boolean} archived which of the two lists
 * @returns {Conversation[]}
 */
export function ordered(client, archived) {
	const known = client.conversations.value;
	const listed = new Set(known);
	const pending = new Map(
		client.outbox.pending.value.map((entry) => [client.destination(entry), entry.at]),
	);
	const started = [...pending.keys()].filter((conversation) => !listed.has(conversation));
	/** @param {Conversation} conversation */
	const rank = (conversation) =>
		conversation.state.value?.pinned ? 2 : pending.has(conversation) ? 1 : 0;
	return [...started, ...known]
		.filter(({ state }) => (state.value?.archived ?? false) === archived)
		.sort((a, b) => rank(b) - rank(a) || (pending.get(b) ?? 0) - (pending.get(a) ?? 0));
}

/**
 * The conversations whose user name or display name contains the query.
 * @param {Conversation[]} conversations
 * @param {string} query
 */
export function matching(conversations, query) {
	const wanted = query.trim().toLocaleLowerCase();
	return conversations.filter(({ name, title }) =>
		[name, title.value].some((text) => text.toLocaleLowerCase().includes(wanted)),
	);
}
