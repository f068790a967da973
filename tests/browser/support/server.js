// The real program on a separate database, or one that several share.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { fresh } from "./databases.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const program = process.env.CHINWAG_BIN ?? join(root, "target/debug/chinwag");

/** @typedef {import("./databases.js").Database} Database */

export class Server {
	#folder;
	/** @type {import("node:child_process").ChildProcess | null} */
	#process = null;
	/** Empty until it has started. */
	address = "";

	/** @param {string} folder @param {Database} database */
	constructor(folder, database) {
		this.#folder = folder;
		this.database = database;
	}

	/** @param {(folder: string) => Database | Promise<Database>} on given a folder, what to start it on */
	static async start(on = fresh) {
		const folder = await mkdtemp(join(tmpdir(), "chinwag-browser-"));
		const server = new Server(folder, await on(folder));
		await server.start();
		return server;
	}

	/** Another one on the same database, where that takes several. The database stays when it is forgotten. */
	beside() {
		return Server.start(() => ({ ...this.database, forget: async () => {} }));
	}

	/** Starts it unless it runs, on the same port as before. */
	async start() {
		if (this.#process) return;
		const port = this.address ? new URL(this.address).port : "0";
		const { address: database } = this.database;
		const command = ["serve", "--port", port, "--database", database, "--log-level", "warn"];
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
	stop() {
		return this.#end("SIGTERM");
	}

	/** Ends it without letting it finish anything. */
	async kill() {
		await this.#end("SIGKILL");
	}

	/** @param {NodeJS.Signals} signal */
	async #end(signal) {
		const running = this.#process;
		this.#process = null;
		if (!running || running.exitCode !== null) return running?.exitCode ?? null;
		const ended = once(running, "exit");
		running.kill(signal);
		const [code] = await ended;
		return code;
	}

	async forget() {
		await this.database.forget();
		await rm(this.#folder, { recursive: true, force: true });
	}
}
