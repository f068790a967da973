// The real program on a separate database.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const program = process.env.CHINWAG_BIN ?? join(root, "target/debug/chinwag");

export class Server {
	#folder;
	/** @type {import("node:child_process").ChildProcess | null} */
	#process = null;
	/** Empty until it has started. */
	address = "";

	/** @param {string} folder */
	constructor(folder) {
		this.#folder = folder;
	}

	static async start() {
		const server = new Server(await mkdtemp(join(tmpdir(), "chinwag-browser-")));
		await server.start();
		return server;
	}

	get database() {
		return join(this.#folder, "chat.db");
	}

	/** Starts it unless it runs, on the same port as before. */
	async start() {
		if (this.#process) return;
		const port = this.address ? new URL(this.address).port : "0";
		const command = ["serve", "--port", port, "--database", this.database, "--log-level", "warn"];
		const started = spawn(program, command, {
			cwd: this.#folder,
			stdio: ["ignore", "pipe", "inherit"],
		});
		this.#process = started;
		for await (const line of createInterface({ input: started.stdout })) {
			const address = /http:\/\/127\.0\.0\.1:\d+/.exec(line);
			if (!address) continue;
			this.address = address[0];
			started.stdout.resume();
			return;
		}
		throw new Error(`${program} ended before it printed its address`);
	}

	/** @returns {Promise<number | null>} the exit code */
	async stop() {
		const running = this.#process;
		this.#process = null;
		if (!running || running.exitCode !== null) return running?.exitCode ?? null;
		const ended = once(running, "exit");
		running.kill("SIGTERM");
		const [code] = await ended;
		return code;
	}

	async forget() {
		await rm(this.#folder, { recursive: true, force: true });
	}
}
