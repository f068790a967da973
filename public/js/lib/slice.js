// Which part of a long list of messages exists as elements: the end of it, or what is around the
// one somebody looks at. There is no stand-in for the rest, so no height is ever guessed; whoever
// comes near an edge moves the part on.

/** To each side. Bubbles are at least 37 pixels high, so this is more than two screens. */
export const REACH = 60;

/**
 * @param {number} length of the list
 * @param {number | null} centre where one looks; null is the end
 * @returns {[from: number, to: number]}
 */
export function slice(length, centre) {
	const middle = centre === null || centre < 0 ? length - 1 : centre;
	const to = Math.min(length, middle + REACH + 1);
	return [Math.max(0, to - 2 * REACH - 1), Math.min(length, Math.max(to, 2 * REACH + 1))];
}
