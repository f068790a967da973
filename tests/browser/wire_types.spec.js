// The types the client works with (`public/js/protocol/types.js`) are those the server's own document tells.
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join as path } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "./support/people.js";

const root = fileURLToPath(new URL("../../", import.meta.url));

/**
 * @typedef {{
 *   $ref?: string,
 *   type?: string | string[],
 *   enum?: string[],
 *   oneOf?: Schema[],
 *   allOf?: Schema[],
 *   items?: Schema,
 *   required?: string[],
 *   properties?: Record<string, Schema>,
 *   additionalProperties?: Schema,
 * }} Schema
 */

/** What is told, and both must be able to stand in for each other: the client's name for it, and the server's. */
const TOLD = {
	Message: "MessageState",
	ConversationState: "ConversationState",
	Latest: "LatestState",
	Position: "PositionState",
	Profile: "ProfileState",
	MeState: "MeState",
	Quote: "QuoteState",
	Reaction: "ReactionState",
	Receipt: "ReceiptJson",
	Person: "PersonJson",
	Login: "SessionJson",
	Page: "RangeJson",
	Snapshot: "SnapshotJson",
	Event: "Frame",
	Problem: "ProblemDetails",
	ProblemCode: "ProblemCode",
	FieldCode: "FieldCode",
};

/** What is said: the server must take it. */
const SAID = {
	Outgoing: "MessageInput",
	Settings: "ConversationInput",
	MeChange: "MeInput",
};

const INPUT = /Input$/;

/** @param {Schema} schema @param {boolean} input @returns {string} */
function typeOf(schema, input) {
	if (schema.$ref) return schema.$ref.replace(/^.*\//, "");
	if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
	if (schema.oneOf) return schema.oneOf.map((one) => `(${typeOf(one, input)})`).join(" | ");
	if (schema.allOf) return schema.allOf.map((one) => `(${typeOf(one, input)})`).join(" & ");
	const kinds = [schema.type ?? "unknown"].flat();
	return kinds.map((kind) => kindOf(kind, schema, input)).join(" | ");
}

/** @param {string} kind @param {Schema} schema @param {boolean} input */
function kindOf(kind, schema, input) {
	if (kind === "integer") return "number";
	if (kind === "array") return `(${typeOf(schema.items ?? {}, input)})[]`;
	if (kind !== "object") return kind;
	if (schema.additionalProperties) {
		return `Record<string, ${typeOf(schema.additionalProperties, input)}>`;
	}
	const fields = Object.entries(schema.properties ?? {}).map(([name, field]) => {
		const nullable = [field.type].flat().includes("null") || mayBeNull(field);
		// What may be null is always told; what may be left out never is null.
		const required = schema.required?.includes(name) || (nullable && !input);
		return `${name}${required ? "" : "?"}: ${typeOf(field, input)}`;
	});
	return `{ ${fields.join("; ")} }`;
}

/** @param {Schema} schema */
const mayBeNull = ({ oneOf }) => oneOf?.some(({ type }) => type === "null") ?? false;

test("the client's types are the server's", async ({ server }) => {
	await server.start();
	const answer = await fetch(`${server.address}/api/v1/openapi.json`);
	/** @type {{ components: { schemas: Record<string, Schema> } }} */
	const { components } = await answer.json();
	const lines = [
		`import type * as ours from ${JSON.stringify(`${root}public/js/protocol/types.js`)};`,
	];
	for (const [name, schema] of Object.entries(components.schemas)) {
		lines.push(`type ${name} = ${typeOf(schema, INPUT.test(name))};`);
	}
	for (const [mine, theirs] of Object.entries(TOLD)) {
		lines.push(`export const told${mine} = (told: ${theirs}): ours.${mine} => told;`);
		lines.push(`export const all${mine} = (known: ours.${mine}): ${theirs} => known;`);
	}
	for (const [mine, theirs] of Object.entries(SAID)) {
		lines.push(`export const said${mine} = (said: ours.${mine}): ${theirs} => said;`);
	}
	const folder = await mkdtemp(path(tmpdir(), "chinwag-types-"));
	const file = path(folder, "check.ts");
	await writeFile(file, `${lines.join("\n")}\n`);
	const options = ["--noEmit", "--allowJs", "--strict", "--exactOptionalPropertyTypes"];
	const more = [
		"--skipLibCheck",
		"--target",
		"es2022",
		"--module",
		"es2022",
		"--moduleResolution",
		"bundler",
	];
	const tsc = path(root, "node_modules/.bin/tsc");
	const check = promisify(execFile)(tsc, [...options, ...more, file], { cwd: folder });
	const { stdout = "" } = await check.catch((error) => error);
	await rm(folder, { recursive: true });
	expect(stdout).toBe("");
});
