// The user's own account: a change here updates the whole page at once.
import { AccountApi } from "../../protocol/account_api.js";

/** @typedef {import("../../protocol/types.js").MeState} MeState */

export class Account {
	#done;

	/** For requests that change nothing shown elsewhere. */
	api;

	/**
	 * @param {import("../../protocol/request.js").Requests} requests
	 * @param {(request: Promise<MeState>) => Promise<void>} done applies the new account state
	 */
	constructor(requests, done) {
		this.api = new AccountApi(requests);
		this.#done = done;
	}

	/** @param {import("../../protocol/types.js").MeChange} changes */
	change(changes) {
		return this.#done(this.api.change(changes));
	}

	/** @param {Blob | null} picture */
	setPicture(picture) {
		return this.#done(this.api.setPicture(picture));
	}
}
