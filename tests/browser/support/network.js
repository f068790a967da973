// A network between browser and server. It can freeze: nothing is forwarded, and neither side
// notices. And it can lead to another server, as a balancer does.
import { once } from "node:events";
import { connect, createServer } from "node:net";

export class Network {
	/** @type {Set<import("node:net").Socket>} */
	#sockets = new Set();
	#silent = false;
	#server;
	#port;

	/** @param {string} address the server's */
	constructor(address) {
		this.#port = Number(new URL(address).port);
		this.#server = createServer((near) => this.#join(near));
	}

	/** @param {string} address the server's */
	static async start(address) {
		const network = new Network(address);
		network.#server.listen(0, "127.0.0.1");
		await once(network.#server, "listening");
		return network;
	}

	get address() {
		const at = /** @type {import("node:net").AddressInfo} */ (this.#server.address());
		return `http://127.0.0.1:${at.port}`;
	}

	/** Holds back all data from now on, also of new connections. */
	freeze() {
		this.#silent = true;
		for (const socket of this.#sockets) socket.pause();
	}

	thaw() {
		this.#silent = false;
		for (const socket of this.#sockets) socket.resume();
	}

	/** Joins new connections to another server from now on. @param {string} address the server's */
	leadTo(address) {
		this.#port = Number(new URL(address).port);
	}

	async stop() {
		const closed = once(this.#server, "close");
		this.#server.close();
		for (const socket of this.#sockets) socket.destroy();
		await closed;
	}

	/** @param {import("node:net").Socket} near */
	#join(near) {
		const far = connect(this.#port, "127.0.0.1");
		for (const [from, to] of [
			[near, far],
			[far, near],
		]) {
			this.#sockets.add(from);
			from.on("data", (data) => to.write(data));
			from.on("end", () => to.end());
			from.on("error", () => to.destroy());
			from.on("close", () => {
				this.#sockets.delete(from);
				to.destroy();
			});
			if (this.#silent) from.pause();
		}
	}
}
