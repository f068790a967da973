// An HTTP proxy between browser and server, as in offices and hotels or behind load balancers: it
// may forbid upgrades, answer instead of the server, and change the version of the server's
// answers.
import { once } from "node:events";
import { createServer, request } from "node:http";
import { connect } from "node:net";

/** @typedef {{ status: number, body: string }} Foreign */

export class HttpProxy {
	#server = createServer((asked, answer) => this.#pass(asked, answer));
	/** @type {Set<import("node:net").Socket>} */
	#tunnels = new Set();
	#port;

	/** What happens to WebSocket handshakes. @type {"passed" | "refused" | "ignored"} */
	upgrades = "passed";
	/** The answer instead of the server's; null lets the server answer. @type {((path: string) => Foreign | null) | null} */
	foreign = null;
	/** The version that replaces the one in the server's answers. @type {string | null} */
	version = null;

	/** @param {string} address the server's */
	constructor(address) {
		this.#port = Number(new URL(address).port);
		this.#server.on("upgrade", (asked, near, head) => this.#upgrade(asked, near, head));
	}

	/** @param {string} address the server's */
	static async start(address) {
		const proxy = new HttpProxy(address);
		proxy.#server.listen(0, "127.0.0.1");
		await once(proxy.#server, "listening");
		return proxy;
	}

	get address() {
		const at = /** @type {import("node:net").AddressInfo} */ (this.#server.address());
		return `http://127.0.0.1:${at.port}`;
	}

	/** Ends all open WebSockets. */
	cut() {
		for (const socket of this.#tunnels) socket.destroy();
	}

	async stop() {
		this.cut();
		this.#server.closeAllConnections();
		this.#server.close();
		await once(this.#server, "close");
	}

	/** @param {import("node:http").IncomingMessage} asked @param {import("node:http").ServerResponse} answer */
	#pass(asked, answer) {
		const foreign = this.foreign?.(asked.url ?? "/");
		if (foreign) {
			asked.resume();
			answer.writeHead(foreign.status, { "content-type": "text/html" });
			answer.end(foreign.body);
			return;
		}
		const { method, url: path, headers } = asked;
		const onward = request(
			{ host: "127.0.0.1", port: this.#port, method, path, headers },
			(own) => {
				const changed = { ...own.headers };
				if (this.version && "chinwag-version" in changed) changed["chinwag-version"] = this.version;
				answer.writeHead(own.statusCode ?? 502, changed);
				own.pipe(answer);
			},
		);
		onward.on("error", () => answer.destroy());
		answer.on("close", () => onward.destroy());
		asked.pipe(onward);
	}

	/** @param {import("node:http").IncomingMessage} asked @param {import("node:stream").Duplex} near @param {Buffer} head */
	#upgrade(asked, near, head) {
		const socket = /** @type {import("node:net").Socket} */ (near);
		this.#keep(socket);
		if (this.foreign || this.upgrades === "refused") {
			socket.end("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
		}
		if (this.foreign || this.upgrades !== "passed") return;
		const far = connect(this.#port, "127.0.0.1");
		this.#keep(far);
		const { method, url, rawHeaders } = asked;
		const lines = [`${method} ${url} HTTP/1.1`];
		for (let at = 0; at < rawHeaders.length; at += 2) {
			lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
		}
		far.write(`${lines.join("\r\n")}\r\n\r\n`);
		far.write(head);
		socket.pipe(far).pipe(socket);
		socket.on("close", () => far.destroy());
		far.on("close", () => socket.destroy());
	}

	/** @param {import("node:net").Socket} socket */
	#keep(socket) {
		this.#tunnels.add(socket);
		socket.on("error", () => socket.destroy());
		socket.on("close", () => this.#tunnels.delete(socket));
	}
}
