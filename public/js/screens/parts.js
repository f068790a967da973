// What every screen receives.

/**
 * @typedef {{
 *   client: import("../state/types.js").ChatClient,
 *   place: import("../lib/place.js").Place,
 *   uiStates: import("./conversation/ui_state.js").UiStates,
 *   overlays: import("./overlays.js").Overlays,
 *   mark: string,
 *   leave: () => void,
 * }} Parts `mark`: the URL of the product's icon; `leave`: deletes what this browser stores.
 */

export {};
