// The browser's storage, or null where it is forbidden: there even asking for it throws.

/** @returns {Storage | null} */
export function browserStorage() {
	try {
		return localStorage;
	} catch {
		return null;
	}
}
