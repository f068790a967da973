// Error messages, in the reader's language.
import { t, translated } from "../lib/texts.js";
import { Refused, Unreachable } from "../protocol/api.js";

/** @param {unknown} error */
export function reasonOf(error) {
	if (error instanceof Unreachable) return t("problem.unreachable");
	return translated(error instanceof Error ? error.message : String(error));
}

/**
 * The error of one field, or an empty string.
 * @param {unknown} error
 * @param {string} field
 */
export function problemOf(error, field) {
	return error instanceof Refused ? translated(error.fields[field] ?? "") : "";
}

/**
 * An error that is not about any of these fields, or an empty string.
 * @param {unknown} error
 * @param {readonly string[]} fields
 */
export function otherProblem(error, fields) {
	return error === null || fields.some((field) => problemOf(error, field)) ? "" : reasonOf(error);
}
