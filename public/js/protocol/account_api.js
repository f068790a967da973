// The part of the server's JSON API for the user's own account. Rarely needed, so it is loaded on demand.

/**
 * @typedef {import("./types.js").MeState} MeState
 * @typedef {import("./types.js").Login} Login
 */

const ME = "/api/v1/me/";
const AVATAR = "/api/v1/me/avatar/";
const LOGINS = "/api/v1/session/";

export class AccountApi {
	#requests;

	/** @param {import("./request.js").Requests} requests */
	constructor(requests) {
		this.#requests = requests;
	}

	/**
	 * @param {import("./types.js").MeChange} changes
	 * @returns {Promise<MeState>}
	 */
	change(changes) {
		return this.#requests.json(ME, { method: "PATCH", json: changes });
	}

	/** @param {Blob | null} picture @returns {Promise<MeState>} */
	setPicture(picture) {
		const change = picture ? { method: "PUT", file: picture } : { method: "DELETE" };
		return this.#requests.json(AVATAR, change);
	}

	/** @param {string} current @param {string} next */
	async changePassword(current, next) {
		const json = { current, new: next };
		await this.#requests.ask(`${ME}password/`, { method: "PUT", json });
	}

	/** Newest first. @returns {Promise<Login[]>} */
	logins() {
		return this.#requests.json(LOGINS);
	}

	/** @param {string} id */
	async end(id) {
		await this.#requests.ask(`${LOGINS}${encodeURIComponent(id)}/`, { method: "DELETE" });
	}

	async endOthers() {
		await this.#requests.ask(LOGINS, { method: "DELETE" });
	}

	/** Deletes the account permanently. @param {string} password */
	async remove(password) {
		await this.#requests.ask(ME, { method: "DELETE", json: { password } });
	}
}
