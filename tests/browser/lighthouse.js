// What Lighthouse says of the pages on a phone: performance, accessibility and best practices are at
// least 95 of 100. Performance varies with the machine, so its median of three runs counts: two that
// are good enough settle it.
import lighthouse from "lighthouse";
import puppeteer from "puppeteer-core";
import { PASSWORD } from "./support/people.js";
import { Server } from "./support/server.js";

const LEAST = 95;
const CATEGORIES = ["performance", "accessibility", "best-practices"];
/** Runs of a page until the median of its performance is known, and once more for a busy machine. */
const RUNS = 3;
const TRIES = 2;

/** Signs somebody up. @param {string} address @param {string} name @returns {Promise<string>} the cookie */
async function signUp(address, name) {
	const fields = { username: name, email: `${name}@example.test` };
	const body = new URLSearchParams({ ...fields, password1: PASSWORD, password2: PASSWORD });
	const answer = await fetch(`${address}/signup/`, { method: "POST", body, redirect: "manual" });
	return answer.headers.get("set-cookie")?.split(";")[0] ?? "";
}

/** Somebody with a few conversations. @param {string} address */
async function withMessages(address) {
	const ann = await signUp(address, "ann");
	for (const name of ["bo", "zed", "cem", "dot"]) {
		const other = await signUp(address, name);
		for (let count = 0; count < 12; count += 1) {
			const [cookie, recipient] = count % 3 ? [other, "ann"] : [ann, name];
			const answer = await fetch(`${address}/api/v1/message/`, {
				method: "POST",
				headers: { cookie, "content-type": "application/json" },
				body: JSON.stringify({ recipient, body: `Message ${count}: the kettle is on, come by.` }),
			});
			if (answer.status !== 201) throw new Error(await answer.text());
		}
	}
	return ann;
}

/**
 * The scores of one run, by category.
 * @param {import("puppeteer-core").Browser} browser @param {string} url @param {string[]} categories
 */
async function run(browser, url, categories) {
	const page = await browser.newPage();
	const flags = { onlyCategories: categories, disableStorageReset: true, logLevel: "error" };
	const result = await lighthouse(
		url,
		/** @type {import("lighthouse").Flags} */ (flags),
		undefined,
		page,
	);
	await page.close();
	const { lhr } = result ?? {};
	if (!lhr || lhr.runtimeError) throw new Error(lhr?.runtimeError?.message ?? `nothing of ${url}`);
	/** @type {Record<string, number>} */
	const scores = {};
	for (const [name, { score }] of Object.entries(lhr.categories)) scores[name] = (score ?? 0) * 100;
	const lost = Object.values(lhr.categories).flatMap(({ auditRefs }) =>
		auditRefs.filter(({ id, weight }) => weight && (lhr.audits[id].score ?? 1) < 0.9),
	);
	const why = lost.map(({ id }) => `${id} ${lhr.audits[id].displayValue ?? ""}`.trim());
	return { scores, why };
}

/** Prints what a page reached. @param {import("puppeteer-core").Browser} browser @param {string} url */
async function judge(browser, url) {
	const first = await run(browser, url, CATEGORIES);
	const speeds = [first.scores.performance];
	const decided = () => {
		const good = speeds.filter((score) => score >= LEAST).length;
		return good >= 2 || speeds.length - good >= 2;
	};
	while (speeds.length < RUNS && !decided()) {
		speeds.push((await run(browser, url, ["performance"])).scores.performance);
	}
	const good = speeds.filter((score) => score >= LEAST).length >= 2;
	const others = CATEGORIES.slice(1).map((name) => `${name} ${first.scores[name].toFixed(0)}`);
	const shown = speeds.map((score) => score.toFixed(0)).join(", ");
	console.log(`${new URL(url).pathname}: performance ${shown}; ${others.join("; ")}`);
	const passed = good && CATEGORIES.slice(1).every((name) => first.scores[name] >= LEAST);
	if (!passed) for (const line of first.why) console.log(`  ${line}`);
	return passed;
}

const server = await Server.start();
const browser = await puppeteer.launch({
	executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
	args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
});
try {
	const [name, value] = (await withMessages(server.address)).split("=");
	for (const path of ["/login/", "/signup/", "/#bo"]) {
		const url = server.address + path;
		if (path.startsWith("/#")) await browser.setCookie({ name, value, domain: "127.0.0.1" });
		let passed = false;
		for (let tries = 0; tries < TRIES && !passed; tries += 1) passed = await judge(browser, url);
		if (!passed) process.exitCode = 1;
	}
} finally {
	await browser.close();
	await server.stop();
	await server.forget();
}
