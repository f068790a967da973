// The client's types (`public/js/protocol/types.js`) match the server's OpenAPI document.
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

/** Types of received data, which must be assignable in both directions: the client's name, and the server's. */
const RECEIVED = {
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

/** Types of sent data, which the server must accept. */
const SENT = {
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
		// In answers nullable fields are always present; optional fields are never null.
		const required = schema.required?.includes(name) || (nullable && !input);
		return `${name}${required ? "" : "?"}: ${typeOf(field, input)}`;
	});
	return `{ ${fields.join("; ")} }`;
}

/** @param {Schema} schema */
const mayBeNull = ({ oneOf }) => oneOf?.some(({ type }) => type === "null") ?? false;

test("the client's types match those of the server", async ({ server }) => {
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
	for (const [mine, theirs] of Object.entries(RECEIVED)) {
		lines.push(`export const received${mine} = (value: ${theirs}): ours.${mine} => value;`);
		lines.push(`export const all${mine} = (known: ours.${mine}): ${theirs} => known;`);
	}
	for (const [mine, theirs] of Object.entries(SENT)) {
		lines.push(`export const sent${mine} = (value: ours.${mine}): ${theirs} => value;`);
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
