// What every screen is given.

/**
 * @typedef {{
 *   client: import("../state/types.js").ChatClient,
 *   place: import("../lib/place.js").Place,
 *   uiStates: import("./conversation/ui_state.js").UiStates,
 *   overlays: import("./overlays.js").Overlays,
 *   mark: string,
 *   leave: () => void,
 * }} Parts `mark`: the address of the product's sign; `leave`: forgets what this browser keeps.
 */

export {};
