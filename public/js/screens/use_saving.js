// State of a save operation: whether it is running, and its error.
import { useState } from "../components/html.js";

/** @returns {{ busy: boolean, error: unknown, save: (doing: () => Promise<unknown>) => Promise<boolean>, forget: () => void }} */
export function useSaving() {
	const [{ busy, error }, set] = useState({ busy: false, error: /** @type {unknown} */ (null) });

	/** @param {() => Promise<unknown>} doing @returns {Promise<boolean>} whether it was saved */
	async function save(doing) {
		set({ busy: true, error: null });
		try {
			await doing();
			set({ busy: false, error: null });
			return true;
		} catch (failure) {
			set({ busy: false, error: failure });
			return false;
		}
	}

	return { busy, error, save, forget: () => set({ busy: false, error: null }) };
}
