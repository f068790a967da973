// What every screen is given.

/**
 * @typedef {{
 *   centre: import("../state/types.js").Centre,
 *   place: import("../lib/place.js").Place,
 *   desks: import("./conversation/desk.js").Desks,
 *   overlays: import("./overlays.js").Overlays,
 *   mark: string,
 *   leave: () => void,
 * }} Parts `mark`: the address of the product's sign; `leave`: forgets what this browser keeps.
 */

export {};
