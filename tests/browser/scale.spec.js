// A page for somebody who has used it for years: ten thousand messages, five thousand conversations.
import { inFile } from "./support/databases.js";
import { test as base, expect, message, signUp, unique } from "./support/people.js";
import { Server } from "./support/server.js";
import { stock } from "./support/stock.js";

const FRIENDS = 5_000;
const MESSAGES = 10_000;
/** Elements, whatever there is to show. */
const MOST_ELEMENTS = 4_000;
const FRAMES = 150;

/** A server of its own, so that nobody else meets thousands of strangers. */
const test = base.extend({
	server: [
		// biome-ignore lint/correctness/noEmptyPattern: the test runner reads the parameter's names
		async ({}, use) => {
			const server = await Server.start(inFile);
			await use(server);
			expect(await server.stop()).toBe(0);
			await server.forget();
		},
		{ scope: "worker" },
	],
});

/** @typedef {import("@playwright/test").Page} Page */

/** @param {Page} page */
const elements = (page) => page.evaluate(() => document.querySelectorAll("*").length);

/**
 * Scrolls a pane frame by frame.
 * @param {import("@playwright/test").Locator} pane
 * @param {number} step pixels
 * @returns {Promise<number>} milliseconds of the page's thread that a frame takes. Its own time is
 *   counted, not the clock's, so that a busy machine does not look like a slow page.
 */
async function frameTime(pane, step) {
	const inside = await pane.page().context().newCDPSession(pane.page());
	await inside.send("Performance.enable", { timeDomain: "threadTicks" });
	const busy = async () => {
		const { metrics } = await inside.send("Performance.getMetrics");
		return 1_000 * (metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN);
	};
	const before = await busy();
	await pane.evaluate(
		async (element, [by, frames]) => {
			for (let frame = 0; frame < frames; frame += 1) {
				element.scrollTop += by;
				await new Promise((done) => requestAnimationFrame(done));
			}
		},
		[step, FRAMES],
	);
	const took = ((await busy()) - before) / FRAMES;
	await inside.detach();
	return took;
}

test("ten thousand messages and five thousand conversations scroll smoothly, and few of them exist", async ({
	visit,
	server,
}) => {
	test.setTimeout(120_000);
	const me = unique("ann");
	const bo = unique("bo");
	for (const name of [bo, me]) {
		const newcomer = await visit();
		await signUp(newcomer, name);
		await newcomer.close();
	}
	const page = await visit();
	await server.stop();
	stock(server.database.address, { me, friends: FRIENDS, with: bo, messages: MESSAGES });
	await server.start();
	await page.goto("/login/");
	await page.getByLabel("User name").fill(me);
	await page.getByLabel("Password", { exact: true }).fill("a quiet kettle sings");
	await page.getByRole("button", { name: "Log in" }).click();

	const list = page.getByRole("navigation", { name: "Conversations" });
	await expect(list.getByRole("link", { name: bo })).toBeVisible();
	const last = list.locator(`[aria-posinset="${FRIENDS + 1}"]`);
	await expect(async () => {
		await list.evaluate((element) => element.scrollTo(0, element.scrollHeight));
		await expect(last).toContainText("friend-1", { timeout: 50 });
	}).toPass({ timeout: 60_000, intervals: [0] });
	expect(await elements(page)).toBeLessThan(MOST_ELEMENTS);
	const rows = await frameTime(list, -400);

	await list.evaluate((element) => element.scrollTo(0, 0));
	await list.getByRole("link", { name: bo }).click();
	await expect(message(page, `message ${MESSAGES}`)).toBeInViewport();
	const pane = page.getByRole("region", { name: /^Messages with/ });
	const up = await frameTime(pane, -300);
	// Older messages come in later than frames where the machine is busy: on with it, to where the way down does not end.
	await expect(async () => {
		const first = await pane.evaluate((element) => {
			element.scrollTop -= 300;
			return element.querySelector(".bubble__body")?.textContent ?? "";
		});
		expect(Number(first.replace("message ", ""))).toBeLessThan(MESSAGES - 900);
	}).toPass({ intervals: [0] });
	const down = await frameTime(pane, 200);
	expect(await elements(page)).toBeLessThan(MOST_ELEMENTS);
	await page.getByRole("button", { name: "To the newest message" }).click();
	await expect(message(page, `message ${MESSAGES}`)).toBeInViewport();
	console.log("milliseconds of the page's thread per frame:", JSON.stringify({ rows, up, down }));
});
