// My own account: what is changed here is known at once everywhere on the page.
import { AccountApi } from "../protocol/account_api.js";

/** @typedef {import("../protocol/types.js").MeState} MeState */

export class Account {
	#take;

	/** What changes nothing that is shown elsewhere. */
	api;

	/**
	 * @param {import("../protocol/request.js").Requests} requests
	 * @param {(me: MeState) => void} take
	 */
	constructor(requests, take) {
		this.api = new AccountApi(requests);
		this.#take = take;
	}

	/** @param {import("../protocol/types.js").MeChange} changes */
	async change(changes) {
		this.#take(await this.api.change(changes));
	}

	/** @param {Blob | null} picture */
	async setPicture(picture) {
		this.#take(await this.api.setPicture(picture));
	}
}
