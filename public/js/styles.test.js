// Checks the design system: every text and background pair has enough contrast in both themes, and no
// other file defines colours or uses unknown tokens.
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";

const folder = new URL("../styles/", import.meta.url);
/** @param {string} name */
const read = (name) => readFile(new URL(name, folder), "utf8");

const tokens = await read("tokens.css");
const colours = new Map(
	Array.from(
		tokens.matchAll(/--([\w-]+): light-dark\((#[\da-f]{6}), (#[\da-f]{6})\);/g),
		([, name, light, dark]) => [name, { light, dark }],
	),
);

/** WCAG 2.2, relative luminance. @param {string} colour */
function luminance(colour) {
	const [red, green, blue] = [1, 3, 5].map((from) => {
		const part = Number.parseInt(colour.slice(from, from + 2), 16) / 255;
		return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
	});
	return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** @param {string} one @param {string} other */
function contrast(one, other) {
	const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
	return (light + 0.05) / (dark + 0.05);
}

const grounds = ["paper", "surface", "surface-raised", "surface-hover", "surface-selected"];
/** Text on background (4.5), and graphics on background (3). @type {[number, string[], string[]][]} */
const pairs = [
	[4.5, ["ink", "ink-soft", "brand-ink", "bad"], [...grounds, "bubble"]],
	[4.5, ["good", "warn"], ["paper", "surface", "surface-raised"]],
	[4.5, ["ink", "bubble-mine-soft", "brand-ink"], ["bubble-mine"]],
	[4.5, ["ink-inverse"], ["brand", "brand-hover"]],
	[4.5, ["accent-ink"], ["accent"]],
	[4.5, ["bad"], ["bad-surface"]],
	[4.5, ["warn-ink"], ["warn-surface"]],
	[4.5, ["surface"], ["bad"]],
	[3, ["line-strong", "focus"], ["paper", "surface", "surface-raised"]],
];

for (const theme of /** @type {const} */ (["light", "dark"])) {
	test(`text has enough contrast in the ${theme} theme`, () => {
		for (const [least, inks, papers] of pairs) {
			for (const ink of inks) {
				for (const paper of papers) {
					const [one, other] = [colours.get(ink)?.[theme], colours.get(paper)?.[theme]];
					assert.ok(one && other, `${ink} and ${paper} are colours`);
					const measured = contrast(one, other);
					assert.ok(measured >= least, `${ink} on ${paper}: ${measured.toFixed(2)} < ${least}`);
				}
			}
		}
	});
}

test("white text has enough contrast on every badge tint", async () => {
	const tints = Array.from((await read("badge.css")).matchAll(/--tint: (#[\da-f]{6});/g));
	assert.ok(tints.length > 0);
	for (const [, tint] of tints) assert.ok(contrast(tint, "#ffffff") >= 4.5, tint);
});

test("all colours and sizes come from the tokens", async () => {
	const known = new Set(Array.from(tokens.matchAll(/(--[\w-]+):/g), ([, name]) => name));
	for (const name of (await readdir(folder)).filter((name) => name.endsWith(".css"))) {
		const style = await read(name);
		const own = new Set(Array.from(style.matchAll(/(--[\w-]+):/g), ([, defined]) => defined));
		for (const [, used] of style.matchAll(/var\((--[\w-]+)\)/g)) {
			assert.ok(known.has(used) || own.has(used), `${name}: ${used} is not defined`);
		}
		if (name === "tokens.css" || name === "badge.css") continue;
		assert.doesNotMatch(style, /#[\da-f]{3,8}\b|\b(?:rgb|hsl|oklch)\(/i, `${name} has a colour`);
	}
});
