// In which order conversations stand in the list, and which of them.

/** @typedef {import("../../state/types.js").Conversation} Conversation */

/**
 * Pinned ones first; then those with something on its way out; the rest as they come, newest first.
 * @param {import("../../state/types.js").Centre} centre
 * @param {boolean} archived which of the two lists
 * @returns {Conversation[]}
 */
export function ordered(centre, archived) {
	const known = centre.conversations.value;
	const names = new Set(known.map(({ name }) => name));
	const leaving = new Map(centre.outbox.pending.value.map(({ recipient, at }) => [recipient, at]));
	const started = [...leaving.keys()]
		.filter((name) => !names.has(name))
		.map((name) => centre.conversation(name));
	/** @param {Conversation} conversation */
	const rank = ({ name, state }) => (state.value?.pinned ? 2 : leaving.has(name) ? 1 : 0);
	return [...started, ...known]
		.filter(({ state }) => (state.value?.archived ?? false) === archived)
		.sort((a, b) => rank(b) - rank(a) || (leaving.get(b.name) ?? 0) - (leaving.get(a.name) ?? 0));
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
