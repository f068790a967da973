// The browser's local storage, or null where it is forbidden: there even accessing it throws.

/** @returns {Storage | null} */
export function browserStorage() {
	try {
		return localStorage;
	} catch {
		return null;
	}
}
