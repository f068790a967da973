// How long to wait before a retry.

const FIRST = 500;
const LONGEST = 30_000;

/**
 * Doubles from half a second to thirty seconds, with half of it random: after a server restart the
 * clients must not all reconnect at the same moment.
 * @param {number} failures how many tries failed in a row, from 1
 * @param {() => number} random
 * @returns {number} milliseconds
 */
export function backoff(failures, random = Math.random) {
	const ceiling = Math.min(LONGEST, FIRST * 2 ** Math.max(0, failures - 1));
	return Math.round(ceiling / 2 + (random() * ceiling) / 2);
}
