// Whether a conversation keeps quiet. Knows nothing of what that changes.

/** @param {string | null | undefined} until */
export function isMuted(until) {
	return Boolean(until) && Date.parse(until ?? "") > Date.now();
}
