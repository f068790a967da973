// Until when somebody does not want to be told of a conversation. Pure.

/** @param {string | null | undefined} until */
export function isMuted(until) {
	return Boolean(until) && Date.parse(until ?? "") > Date.now();
}
