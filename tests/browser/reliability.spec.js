// Nothing is lost, duplicated or out of order, even if the network, the browser or the server
// fails.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join as path } from "node:path";
import { Network } from "./support/network.js";
import {
	bubbles,
	composer,
	expect,
	message,
	openWith,
	row,
	sayMany,
	send,
	signUp,
	stages,
	test,
	unique,
} from "./support/people.js";

/** @typedef {import("@playwright/test").Page} Page */

test.use({ tolerated: [/ERR_|WebSocket|status of (403|50\d)/] });

/** The newest messages of the open conversation. @param {Page} page @param {number} count */
const newest = async (page, count) => (await bubbles(page).allTextContents()).slice(-count);

/** The text of a conversation in the list. @param {Page} page @param {string} name */
const inList = (page, name) => row(page, name).textContent();

/**
 * Sends many messages directly to the server, then changes the newest ones, and sends a last
 * message.
 * @param {Page} page
 * @param {{ to: string, messages: number, edits: number, deletions: number }} wanted
 */
async function makeManyChanges(page, wanted) {
	await page.evaluate(async ({ to, messages, edits, deletions }) => {
		/** @param {string} path @param {string} method @param {unknown} [json] */
		const ask = async (path, method, json) => {
			const headers = { "Content-Type": "application/json" };
			const body = json === undefined ? null : JSON.stringify(json);
			const answer = await fetch(`/api/v1/${path}`, { method, headers, body });
			if (!answer.ok) throw new Error(await answer.text());
			return method === "DELETE" ? null : answer.json();
		};
		const say = (/** @type {string} */ body) => ask("message/", "POST", { recipient: to, body });
		for (let said = 0; said < messages; said += 25) {
			await Promise.all(Array.from({ length: 25 }, (_, index) => say(`of many, ${said + index}`)));
		}
		const found = await ask(`conversation/?with=${encodeURIComponent(to)}`, "GET");
		const page = await ask(`conversation/${found.conversations[0].id}/message/?limit=100`, "GET");
		const ids = page.messages.map((/** @type {{ id: number }} */ { id }) => id).reverse();
		const edited = ids.slice(0, edits);
		const erased = ids
			.filter((/** @type {number} */ _, /** @type {number} */ at) => at % 3 === 0)
			.slice(0, deletions);
		for (const id of edited) await ask(`message/${id}/`, "PATCH", { body: `edited ${id}` });
		for (const id of erased) await ask(`message/${id}/?for=everyone`, "DELETE");
		await say("the end");
	}, wanted);
}

test("after 500 missed messages, 20 edits and 10 deletions the page shows the same as a new one", async ({
	join,
}) => {
	test.setTimeout(90_000);
	const bo = await join(unique("bo"));
	const ann = await join(unique("ann"));
	await openWith(ann.page, bo.name);
	await sayMany(bo.page, ann.name, 5);
	await expect(message(ann.page, "message 5")).toBeVisible();

	await ann.page.context().setOffline(true);
	await expect(ann.page.getByText("Offline: messages will be sent")).toBeVisible();
	await makeManyChanges(bo.page, { to: ann.name, messages: 500, edits: 20, deletions: 10 });
	const back = Date.now();
	await ann.page.context().setOffline(false);
	await expect(row(ann.page, bo.name)).toContainText("the end");
	const took = Date.now() - back;
	console.log(`complete again ${took} ms after the network's return`);
	expect(took).toBeLessThan(5_000);

	const fresh = await ann.page.context().newPage();
	await openWith(fresh, bo.name);
	await expect(message(fresh, "the end")).toBeVisible();
	await expect(message(ann.page, "the end")).toBeAttached();
	const shown = await bubbles(fresh).count();
	expect(shown).toBeGreaterThanOrEqual(20);
	expect(await newest(ann.page, shown)).toEqual(await newest(fresh, shown));
	await expect.poll(() => inList(ann.page, bo.name)).toBe(await inList(fresh, bo.name));
});

test("messages written offline survive a browser restart and arrive once, in order", async ({
	join,
	playwright,
	launchOptions,
	server,
}) => {
	const bo = await join(unique("bo"));
	const folder = await mkdtemp(path(tmpdir(), "chinwag-profile-"));
	const open = () =>
		playwright.chromium.launchPersistentContext(folder, {
			...launchOptions,
			baseURL: server.address,
			locale: "en-GB",
		});
	const name = unique("ann");
	const said = ["one", "two", "three", "four", "five"];
	const before = await open();
	const [page] = before.pages();
	await signUp(page, name);
	await openWith(page, bo.name);
	expect(await server.stop()).toBe(0);
	await expect(page.getByText("Offline: messages will be sent")).toBeVisible();
	for (const text of said) await send(page, text);
	await expect(stages(page, "Waiting to be sent")).toHaveCount(5);
	await before.close();

	await server.start();
	await openWith(bo.page, name);
	await expect(bubbles(bo.page)).toHaveCount(0);
	const after = await open();
	const again = after.pages()[0];
	await again.goto("/");
	await expect(bubbles(bo.page)).toHaveText(said);
	await openWith(again, bo.name);
	await expect(bubbles(again)).toHaveText(said);
	await expect(stages(again, "Waiting to be sent")).toHaveCount(0);
	await after.close();
	await rm(folder, { recursive: true, force: true });
});

test("of two tabs one sends, both show the same, and the other takes over when it closes", async ({
	join,
}) => {
	const bo = await join(unique("bo"));
	const ann = await join(unique("ann"));
	const second = await ann.page.context().newPage();
	/** @type {Page[]} */
	const senders = [];
	for (const page of [ann.page, second]) {
		await openWith(page, bo.name);
		page.on("request", (request) => {
			if (request.method() === "POST" && /message\/$/.test(request.url())) senders.push(page);
		});
	}
	await openWith(bo.page, ann.name);
	const said = [];
	for (let number = 1; number <= 6; number += 1) {
		const page = number % 2 ? ann.page : second;
		said.push(`message ${number}`);
		await send(page, `message ${number}`);
		for (const screen of [ann.page, second, bo.page])
			await expect(bubbles(screen)).toHaveText(said);
	}
	expect(new Set(senders)).toEqual(new Set([ann.page]));
	expect(senders).toHaveLength(6);

	await ann.page.close();
	await send(second, "alone");
	await expect(bubbles(bo.page)).toHaveText([...said, "alone"]);
	expect(senders.at(-1)).toBe(second);
});

test("a silent network is noticed within 30 seconds, and missed messages arrive within 3", async ({
	join,
	server,
}) => {
	test.setTimeout(90_000);
	const network = await Network.start(server.address);
	const bo = await join(unique("bo"));
	const ann = await join(unique("ann"), { baseURL: network.address });
	await openWith(ann.page, bo.name);
	await openWith(bo.page, ann.name);
	await send(bo.page, "before");
	await expect(bubbles(ann.page)).toHaveText(["before"]);

	network.freeze();
	const silent = Date.now();
	await send(bo.page, "meanwhile");
	await send(ann.page, "into the silence");
	await expect(ann.page.getByText(/^(Connecting…|Offline)/)).toBeVisible({ timeout: 30_000 });
	console.log(`noticed ${Date.now() - silent} ms after the network fell silent`);
	await expect(bubbles(bo.page)).toHaveText(["before", "meanwhile"]);

	network.thaw();
	const back = Date.now();
	const whole = ["before", "meanwhile", "into the silence"];
	await expect(bubbles(ann.page)).toHaveText(whole, { timeout: 3_000 });
	await expect(stages(ann.page, "Waiting to be sent")).toHaveCount(0, { timeout: 3_000 });
	console.log(`complete again ${Date.now() - back} ms after the network's return`);
	await expect(bubbles(bo.page)).toHaveText(whole);
	await ann.page.context().close();
	await network.stop();
});

test("a restart in the middle of a conversation loses and duplicates nothing", async ({
	join,
	server,
}) => {
	const bo = await join(unique("bo"));
	const ann = await join(unique("ann"));
	await openWith(bo.page, ann.name);
	await openWith(ann.page, bo.name);
	const said = Array.from({ length: 12 }, (_, index) => `message ${index + 1}`);
	/** @type {Promise<unknown>} */
	let restart = Promise.resolve();
	for (const text of said) {
		if (text === "message 5") restart = server.stop().then(() => server.start());
		await send(ann.page, text);
	}
	await restart;
	await expect(bubbles(bo.page)).toHaveText(said, { timeout: 40_000 });
	await expect(bubbles(ann.page)).toHaveText(said);
	await expect(stages(ann.page, "Waiting to be sent")).toHaveCount(0);
});

test("after a restore from a backup every page shows exactly what the server has", async ({
	join,
	server,
}) => {
	const bo = await join(unique("bo"));
	const ann = await join(unique("ann"));
	await openWith(bo.page, ann.name);
	await openWith(ann.page, bo.name);
	await send(bo.page, "kept");
	await expect(bubbles(ann.page)).toHaveText(["kept"]);
	const folder = await mkdtemp(path(tmpdir(), "chinwag-backup-"));
	const backup = path(folder, "backup");
	expect(await server.stop()).toBe(0);
	await server.database.backUp(backup);
	await server.start();
	await expect(ann.page.getByText(/^(Connecting…|Offline)/)).toBeHidden({ timeout: 40_000 });
	await sayMany(bo.page, ann.name, 3);
	await expect(bubbles(ann.page)).toHaveText(["kept", "message 1", "message 2", "message 3"]);

	expect(await server.stop()).toBe(0);
	await server.database.restore(backup);
	await server.start();
	await expect(bubbles(ann.page)).toHaveText(["kept"], { timeout: 40_000 });
	await expect(bubbles(bo.page)).toHaveText(["kept"], { timeout: 40_000 });
	await sayMany(bo.page, ann.name, 5, 11);
	const whole = ["kept", ...[11, 12, 13, 14, 15].map((number) => `message ${number}`)];
	await expect(bubbles(ann.page)).toHaveText(whole);
	await expect(bubbles(bo.page)).toHaveText(whole);
	await expect(composer(ann.page)).toBeVisible();
	await ann.page.reload();
	await expect(bubbles(ann.page)).toHaveText(whole);
	await rm(folder, { recursive: true, force: true });
});
