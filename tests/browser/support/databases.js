// What a server of a test stores everything in: a file, or tables of the PostgreSQL server that
// `tests/postgres` runs.
import { execFile } from "node:child_process";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

const postgres = process.env.CHINWAG_TEST_POSTGRES;

/** Why there are no databases on PostgreSQL; empty where there are. */
export const noPostgres = postgres ? "" : "this does not run under tests/postgres";

/**
 * @typedef {{
 *   address: string,
 *   backUp: (copy: string) => Promise<unknown>,
 *   restore: (copy: string) => Promise<unknown>,
 *   forget: () => Promise<unknown>,
 * }} Database what the program calls it, and what can be done with it while no server uses it
 */

/** An empty database of the kind the tests run on. @param {string} folder of the server @returns {Promise<Database>} */
export function fresh(folder) {
	const kind = process.env.CHINWAG_TEST_BROWSER_ON ?? "file";
	if (kind === "file") return Promise.resolve(inFile(folder));
	if (kind === "postgres") return inPostgres();
	throw new Error(`CHINWAG_TEST_BROWSER_ON is ${kind}, which is neither file nor postgres`);
}

/** @param {string} folder @returns {Database} */
export function inFile(folder) {
	const address = join(folder, "chat.db");
	return {
		address,
		backUp: (copy) => copyFile(address, copy),
		restore: (copy) => copyFile(copy, address),
		// It goes with the folder.
		forget: async () => {},
	};
}

let made = 0;

/** @returns {Promise<Database>} */
export async function inPostgres() {
	const server = postgres;
	if (!server) throw new Error(noPostgres);
	made += 1;
	const schema = `browser_${process.pid}_${made}`;
	const psql = (/** @type {string[]} */ ...command) =>
		run("psql", ["--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", ...command, server]);
	const drop = () => psql("--command", `DROP SCHEMA IF EXISTS ${schema} CASCADE`);
	await drop();
	await psql("--command", `CREATE SCHEMA ${schema}`);
	return {
		address: `${server}?options=-c%20search_path%3D${schema}`,
		backUp: (copy) => run("pg_dump", ["--schema", schema, "--file", copy, server]),
		restore: async (copy) => {
			await drop();
			await psql("--file", copy);
		},
		forget: drop,
	};
}
