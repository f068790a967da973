// Recreates public/vendor from the installed packages, or (with --check) proves that what is
// committed is exactly what the lock file's packages contain.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const root = new URL("../../", import.meta.url);
const vendor = new URL("public/vendor/", root);

const modules = [
	{ name: "preact", entry: "preact", source: "dist/preact.mjs", file: "preact" },
	{ name: "preact", entry: "preact/hooks", source: "hooks/dist/hooks.mjs", file: "preact-hooks" },
	{ name: "htm", entry: "htm", source: "dist/htm.mjs", file: "htm" },
	{
		name: "@preact/signals-core",
		entry: "@preact/signals-core",
		source: "dist/signals-core.mjs",
		file: "signals-core",
	},
	{
		name: "@preact/signals",
		entry: "@preact/signals",
		source: "dist/signals.mjs",
		file: "signals",
	},
	{ name: "emojibase-data", entry: "emojibase-data", source: "en/data.json", file: "emoji" },
];

/** Bare names mean nothing to a browser without an import map. */
const paths = new Map(modules.map(({ entry, file }) => [entry, `./${file}.js`]));

/** @param {string} text */
function sha256(text) {
	return createHash("sha256").update(text).digest("hex");
}

/** @param {string} code */
function forBrowser(code) {
	const rewritten = code.replace(/(\bfrom\s*|\bimport\s*)"([^".][^"]*)"/g, (_, keyword, name) => {
		if (!paths.has(name)) throw new Error(`no place for the import "${name}"`);
		return `${keyword}"${paths.get(name)}"`;
	});
	return `${rewritten.replace(/\n?\/\/# sourceMappingURL=.*\s*$/, "").trimEnd()}\n`;
}

/**
 * The type checker reads this instead of the minified module beside it.
 * @param {string} entry
 */
function types(entry) {
	if (entry === "emojibase-data")
		return "declare const groups: string[];\nexport default groups;\n";
	if (entry === "htm") return 'import htm from "htm";\nexport default htm;\n';
	return `export * from "${entry}";\n`;
}

/** Fonts of many systems lack newer emoji. */
const NEWEST_EMOJI = 15;

/** Skin tones and hair alone are not useful in a picker. */
const COMPONENTS = 2;

/**
 * The list of emoji, a string of lines for each group: the sign, its name, words to find it by.
 * @param {string} json
 */
function emojiModule(json) {
	/** @type {string[][]} */
	const groups = [];
	/** @type {{ emoji: string, label: string, tags?: string[], group?: number, order: number, version: number }[]} */
	const list = JSON.parse(json);
	for (const { emoji, label, tags = [], group, version } of list.sort(
		(a, b) => a.order - b.order,
	)) {
		if (group === undefined || group === COMPONENTS || version > NEWEST_EMOJI) continue;
		groups[group] ??= [];
		// Emoji that are shown in colour by default need no variation selector.
		const sign = emoji.replace(/^(\p{Emoji_Presentation})\uFE0F$/u, "$1");
		groups[group].push(`${sign}\t${label}\t${tags.join(" ")}`);
	}
	const texts = groups.filter(Boolean).map((lines) => JSON.stringify(lines.join("\n")));
	return `export default [\n${texts.join(",\n")}\n];\n`;
}

/** @returns {Promise<Map<string, string>>} the text of every vendored file by its name */
async function expected() {
	const lock = JSON.parse(await readFile(new URL("package-lock.json", root), "utf8"));
	const files = new Map();
	const record = [];
	for (const { name, entry, source, file: stem } of modules) {
		const file = `${stem}.js`;
		const home = new URL(`node_modules/${name}/`, root);
		const { version, license } = JSON.parse(await readFile(new URL("package.json", home), "utf8"));
		const locked = lock.packages[`node_modules/${name}`];
		if (locked.version !== version) {
			throw new Error(`${name} ${version} is installed, the lock file says ${locked.version}`);
		}
		const original = await readFile(new URL(source, home), "utf8");
		const text = source.endsWith(".json") ? emojiModule(original) : forBrowser(original);
		files.set(file, text);
		files.set(`${stem}.d.ts`, types(entry));
		const terms = `${name.replace("@", "").replace("/", "-")}.LICENSE.txt`;
		files.set(terms, await readFile(new URL("LICENSE", home), "utf8"));
		const integrity = locked.integrity;
		record.push({ name, version, license, file, source, integrity, sha256: sha256(text) });
	}
	files.set("vendor.json", `${JSON.stringify(record, null, "\t")}\n`);
	return files;
}

const files = await expected();
if (process.argv.includes("--check")) {
	const present = await readdir(vendor);
	const wrong = present.filter((file) => !files.has(file)).map((file) => `${file} is unknown`);
	for (const [file, text] of files) {
		const found = present.includes(file) && (await readFile(new URL(file, vendor), "utf8"));
		if (found !== text) wrong.push(`${file} ${found === false ? "is missing" : "differs"}`);
	}
	if (wrong.length > 0) {
		console.error(`public/vendor is not what the packages contain:\n${wrong.join("\n")}`);
		process.exitCode = 1;
	}
} else {
	await rm(vendor, { recursive: true, force: true });
	await mkdir(vendor, { recursive: true });
	for (const [file, text] of files) await writeFile(new URL(file, vendor), text);
	console.log(`${files.size} files in ${fileURLToPath(vendor)}`);
}
