// Which part of a long message list is rendered: its end, or the messages around a given one. There
// is no placeholder for the rest, so no height is estimated; scrolling near an edge moves the part.

/** Messages on each side. Bubbles are at least 37 pixels high, so this is more than two screens. */
export const REACH = 60;

/**
 * @param {number} length of the list
 * @param {number | null} centre the index to render around; null is the end
 * @returns {[from: number, to: number]}
 */
export function slice(length, centre) {
	const middle = centre === null || centre < 0 ? length - 1 : centre;
	const to = Math.min(length, middle + REACH + 1);
	return [Math.max(0, to - 2 * REACH - 1), Math.min(length, Math.max(to, 2 * REACH + 1))];
}
