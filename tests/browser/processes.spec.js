// People at different servers of one database: it is as if there were one server, also when one of
// them ends.
import { inPostgres, noPostgres } from "./support/databases.js";
import { Network } from "./support/network.js";
import {
	test as base,
	bubbles,
	composer,
	expect,
	lookAway,
	lookBack,
	message,
	openWith,
	row,
	say,
	send,
	stages,
	unique,
} from "./support/people.js";
import { Server } from "./support/server.js";

/** @typedef {import("@playwright/test").Page} Page */

const test = base.extend(
	/** @type {import("@playwright/test").Fixtures<{ other: Server }, {}, import("./support/people.js").Fixtures, { server: Server }>} */ ({
		server: [
			// biome-ignore lint/correctness/noEmptyPattern: the test runner reads the parameter's names
			async ({}, use) => {
				const server = await Server.start(inPostgres);
				await use(server);
				expect(await server.stop()).toBe(0);
				await server.forget();
			},
			{ scope: "worker" },
		],

		/** A second process of the program, for one test. */
		other: async ({ server }, use) => {
			const other = await server.beside();
			await use(other);
			await other.stop();
			await other.forget();
		},
	}),
);
test.use({ tolerated: [/ERR_|WebSocket|status of 50\d/] });
// On a busy machine three pages and two servers take long.
test.setTimeout(120_000);
test.skip(Boolean(noPostgres), `Several servers are not tested: ${noPostgres}.`);

/** What is said of the other person. @param {Page} page */
const presence = (page) => page.locator(".conversation__presence");

/** Somebody types until the other sees it. @param {Page} typist @param {Page} other */
async function typing(typist, other) {
	await expect(async () => {
		await composer(typist).pressSequentially("m");
		await expect(presence(other)).toContainText("typing…", { timeout: 500 });
	}).toPass();
	await composer(typist).fill("");
}

/** @param {string} who @param {number} count */
const saidBy = (who, count) => Array.from({ length: count }, (_, n) => `${who} says ${n + 1}`);

/** The messages of one person, as a page shows them. @param {string[]} shown @param {string[]} said */
const those = (shown, said) => shown.filter((text) => said.includes(text));

test("people at two servers see each other write, read, come and go", async ({ join, other }) => {
	const ann = await join(unique("ann"));
	const bo = await join(unique("bo"), { baseURL: other.address });
	await openWith(ann.page, bo.name);
	await send(ann.page, "hello");
	await expect(row(bo.page, ann.name)).toContainText("hello");
	await expect(message(ann.page, "hello")).toContainText("Delivered");
	await row(bo.page, ann.name).click();
	await expect(message(ann.page, "hello")).toContainText("Read");

	await expect(presence(ann.page)).toHaveText("online");
	await expect(presence(bo.page)).toHaveText("online");
	await typing(bo.page, ann.page);
	await typing(ann.page, bo.page);
	await lookAway(bo.page);
	await expect(presence(ann.page)).toHaveText(/^last seen today at \d\d:\d\d$/);
	await say(ann.page, "are you there?");
	await expect(message(ann.page, "are you there?")).toContainText("Delivered");
	await lookBack(bo.page);
	await expect(presence(ann.page)).toHaveText("online");
	await expect(message(ann.page, "are you there?")).toContainText("Read");

	const [anns, bos] = [saidBy("ann", 5), saidBy("bo", 5)];
	const sayAll = async (/** @type {Page} */ page, /** @type {string[]} */ texts) => {
		for (const text of texts) await send(page, text);
	};
	await Promise.all([sayAll(ann.page, anns), sayAll(bo.page, bos)]);
	for (const page of [ann.page, bo.page]) {
		await expect(stages(page, "Waiting to be sent")).toHaveCount(0);
		await expect(bubbles(page)).toHaveCount(12);
	}
	const shown = await bubbles(ann.page).allTextContents();
	expect([those(shown, anns), those(shown, bos)]).toEqual([anns, bos]);
	await expect(bubbles(bo.page)).toHaveText(shown);
});

for (const end of /** @type {const} */ (["kill", "stop"])) {
	test(`after the ${end} of a server its people go on at the other, without a gap`, async ({
		join,
		server,
		other,
	}) => {
		const balancer = await Network.start(other.address);
		const bo = await join(unique("bo"));
		const ann = await join(unique("ann"), { baseURL: balancer.address });
		await openWith(ann.page, bo.name);
		await openWith(bo.page, ann.name);
		await say(ann.page, "before");
		await expect(bubbles(bo.page)).toHaveText(["before"]);

		/** @type {Promise<unknown>} */
		let ended = Promise.resolve();
		const [anns, bos] = [saidBy("ann", 7), saidBy("bo", 7)];
		for (const [at, text] of anns.entries()) {
			await Promise.all([send(ann.page, text), send(bo.page, bos[at])]);
			if (at === 2) ended = other[end]();
		}
		await ended;
		await expect(ann.page.getByText(/^(Connecting…|Offline)/)).toBeVisible();
		balancer.leadTo(server.address);

		for (const page of [ann.page, bo.page]) {
			await expect(bubbles(page)).toHaveCount(15, { timeout: 40_000 });
			await expect(stages(page, "Waiting to be sent")).toHaveCount(0, { timeout: 40_000 });
		}
		const shown = await bubbles(bo.page).allTextContents();
		expect([those(shown, anns), those(shown, bos)]).toEqual([anns, bos]);
		await expect(bubbles(ann.page)).toHaveText(shown);

		await expect(message(ann.page, "ann says 7")).toContainText("Read");
		await expect(message(bo.page, "bo says 7")).toContainText("Read");
		await typing(ann.page, bo.page);
		await typing(bo.page, ann.page);
		await ann.page.reload();
		await expect(bubbles(ann.page)).toHaveText(shown);
		await ann.page.context().close();
		await balancer.stop();
	});
}
