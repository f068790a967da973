// Idempotency keys for sending messages. They must be unique, not secret.

/**
 * A UUID of version 7 (RFC 9562, section 5.7): it starts with the time, so that new keys are adjacent in the server's
 * index. `crypto.randomUUID` makes version 4, and is not available over plain http.
 * @param {number} now Unix ms
 * @returns {string}
 */
export function newClientId(now = Date.now()) {
	const bytes = crypto.getRandomValues(new Uint8Array(16));
	const view = new DataView(bytes.buffer);
	view.setUint16(0, now / 2 ** 32);
	view.setUint32(2, now);
	bytes[6] = (bytes[6] & 0x0f) | 0x70;
	bytes[8] = (bytes[8] & 0x3f) | 0x80;
	const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
	return hex.replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
