// Whether a conversation is muted. Pure.

/** @param {string | null | undefined} until */
export function isMuted(until) {
	return Boolean(until) && Date.parse(until ?? "") > Date.now();
}
