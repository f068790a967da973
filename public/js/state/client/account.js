// My own account: what is changed here is known at once everywhere on the page.
import { AccountApi } from "../../protocol/account_api.js";

/** @typedef {import("../../protocol/types.js").MeState} MeState */

export class Account {
	#done;

	/** What changes nothing that is shown elsewhere. */
	api;

	/**
	 * @param {import("../../protocol/request.js").Requests} requests
	 * @param {(asked: Promise<MeState>) => Promise<void>} done takes the account as it is then
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
