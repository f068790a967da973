// All languages have the same phrases, placeholders and server messages.
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { beforeEach, test } from "node:test";
import { date, list, number, pieces, speak, t, translated } from "./texts.js";

const root = new URL("../../../", import.meta.url);

/** @param {string} path */
const read = (path) => readFile(new URL(path, root), "utf8");

/** @param {string} folder @param {RegExp} kind */
async function filesOf(folder, kind) {
	const all = await readdir(new URL(folder, root), { recursive: true });
	return all.filter((name) => kind.test(name)).map((name) => `${folder}${name}`);
}

const languages = await filesOf("public/texts/", /\.json$/);
/** @type {Record<string, import("./texts.js").Texts>} */
const texts = {};
for (const file of languages) {
	texts[file.replace(/^.*\/|\.json$/g, "")] = JSON.parse(await read(file));
}

/** @param {import("./texts.js").Texts} catalogue */
const keysOf = (catalogue) => Object.keys(catalogue).filter((key) => key !== "server");

/** @param {string} phrase */
const placeholdersOf = (phrase) => [...new Set(phrase.match(/\{\w+\}/g))].sort();

beforeEach(() => speak("en", texts.en));

test("every language has every phrase, with the same placeholders and all its plural forms", () => {
	for (const [language, catalogue] of Object.entries(texts)) {
		assert.deepEqual(keysOf(catalogue).sort(), keysOf(texts.en).sort(), language);
		const { pluralCategories } = new Intl.PluralRules(language).resolvedOptions();
		for (const [key, phrase] of Object.entries(catalogue)) {
			if (key === "server") continue;
			const english = texts.en[key];
			assert.equal(typeof phrase, typeof english, `${language}: ${key}`);
			if (typeof phrase === "string" || typeof english === "string") {
				assert.deepEqual(
					placeholdersOf(String(phrase)),
					placeholdersOf(String(english)),
					`${language}: ${key}`,
				);
				continue;
			}
			assert.deepEqual(Object.keys(phrase).sort(), pluralCategories.toSorted(), key);
			assert.deepEqual(
				placeholdersOf(phrase.other),
				placeholdersOf(english.other),
				`${language}: ${key}`,
			);
		}
	}
});

test("every phrase that is used exists, and every phrase is used", async () => {
	const code = [
		...(await filesOf("public/js/", /(?<!\.test)\.js$/)),
		...(await filesOf("templates/", /\.html$/)),
	];
	const keys = keysOf(texts.en);
	const used = new Set();
	for (const file of code) {
		const text = await read(file);
		for (const [, key] of text.matchAll(/\b(?:t|pieces)\(\s*(?:key=)?"([^"]+)"/g)) {
			assert.ok(keys.includes(key), `${file} asks for ${key}`);
		}
		for (const [, key] of text.matchAll(/"([a-z]\w*(?:\.\w+)+)"/g)) used.add(key);
	}
	const unused = keys.filter((key) => !used.has(key));
	assert.deepEqual(unused, []);
});

test("exactly the messages the server may show to a user have translations", async () => {
	const sentences = new Set();
	// Descriptions of the API are for developers.
	const spoken = /^(src\/(actions|auth|model|web)\/|src\/pictures|handlers\/(?!api\/openapi))/;
	for (const folder of ["src/", "handlers/"]) {
		for (const file of (await filesOf(folder, /\.rs$/)).filter((file) => spoken.test(file))) {
			const code = (await read(file)).split("#[cfg(test)]")[0].replace(/^\s*\/\/.*$/gm, "");
			const pattern = /(?<!description = )(?<!doc = )"([A-Z][^"\\]*[.!?])"/g;
			for (const [, sentence] of code.matchAll(pattern)) {
				sentences.add(sentence.replace(/\{\w*\}|\d+/g, "{n}"));
			}
			for (const [, status] of code.matchAll(/StatusCode::([A-Z_]+)/g)) {
				const words = status.split("_").map((word) => word[0] + word.slice(1).toLowerCase());
				if (/problem\/\w+\.rs$/.test(file) && status !== "OK" && status !== "FOUND") {
					sentences.add(words.join(" "));
				}
			}
		}
	}
	for (const [language, { server }] of Object.entries(texts)) {
		if (language === "en") continue;
		const known = typeof server === "object" ? Object.keys(server) : [];
		const missing = [...sentences].filter((sentence) => !known.includes(sentence));
		assert.deepEqual(missing, [], `public/texts/${language}.json: add these under "server"`);
		assert.deepEqual(
			known.filter((sentence) => !sentences.has(sentence)),
			[],
			`public/texts/${language}.json: no code uses these any more`,
		);
		for (const [english, translation] of Object.entries(server)) {
			const count = (/** @type {string} */ text) => text.split("{n}").length;
			assert.equal(count(translation), count(english), translation);
		}
	}
});

test("a number selects the plural form and is formatted for the language", () => {
	assert.equal(t("announce.several", { count: 1, names: "ann" }), "1 new message from ann");
	assert.equal(t("announce.several", { count: 1200, names: "ann" }), "1,200 new messages from ann");
	speak("ar", texts.ar);
	const two = t("announce.several", { count: 2, names: "ann" });
	const three = t("announce.several", { count: 3, names: "ann" });
	assert.notEqual(two.replace("ann", ""), three.replace(/\d|ann/g, ""));
	assert.equal(number(3).length, 1);
});

test("a name in the other text direction is isolated", () => {
	assert.equal(t("plain.messageTo", { name: "ann" }), "Message to ann");
	assert.equal(t("plain.messageTo", { name: "ليلى" }), "Message to \u2068ليلى\u2069");
	speak("ar", texts.ar);
	assert.ok(t("plain.messageTo", { name: "ann" }).endsWith("\u2068ann\u2069"));
});

test("a value may be an element, and a missing value shows nothing", () => {
	const element = { type: "bdi" };
	assert.deepEqual(pieces("plain.messageTo", { name: element }), ["Message to ", element]);
	assert.equal(t("plain.messageTo"), "Message to ");
});

test("the server's messages are translated with their numbers, unknown ones stay", () => {
	const sentence = "A user name has at most 150 characters.";
	assert.equal(translated(sentence), sentence);
	speak("ar", texts.ar);
	assert.match(translated(sentence), /^[^A-Za-z]*150[^A-Za-z]*$/);
	assert.equal(translated("Brand-new sentence 7."), "Brand-new sentence 7.");
});

test("dates follow the reader's locale where it has the page's language", () => {
	const day = new Date(2026, 10, 24);
	const options = /** @type {const} */ ({ month: "2-digit", day: "2-digit" });
	speak("en", texts.en, ["de-DE", "en-GB"]);
	assert.equal(date(day, options), "24/11");
	speak("en", texts.en, ["de-DE"]);
	assert.equal(date(day, options), "11/24");
	assert.equal(list(["ann", "bo"]), "ann and bo");
	speak("en", texts.en, ["en-US@posix", "en_US", "en-GB"]);
	assert.equal(date(day, options), "24/11", "invalid locales are skipped");
});
