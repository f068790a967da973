// What the first visit costs.
import { bubbles, expect, openWith, send, test, unique } from "./support/people.js";

const MOST = 100 * 1024;

test("the first load of the chat page is at most 100 KiB", async ({ join, visit }) => {
	const bo = await join(unique("bo"));
	const ann = await join(unique("ann"));
	await openWith(bo.page, ann.name);
	for (const text of ["Kettle's on", "Come by?"]) await send(bo.page, text);
	await expect(bubbles(bo.page)).toHaveCount(2);

	const page = await visit();
	await page.context().addCookies(await ann.page.context().cookies());
	const session = await page.context().newCDPSession(page);
	/** @type {Map<string, { url: string, size: number }>} */
	const loaded = new Map();
	session.on("Network.responseReceived", ({ requestId, response }) =>
		loaded.set(requestId, { url: response.url, size: 0 }),
	);
	session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
		const file = loaded.get(requestId);
		if (file) file.size = encodedDataLength;
	});
	await session.send("Network.enable");
	await page.goto(`/#${bo.name}`);
	await expect(bubbles(page)).toHaveText(["Kettle's on", "Come by?"]);
	await page.waitForLoadState("networkidle");
	const files = [...loaded.values()].sort((one, other) => other.size - one.size);
	test.skip(
		!files.some(({ url }) => url.includes("/static/v-")),
		"a debug build compresses nothing",
	);
	const total = files.reduce((sum, { size }) => sum + size, 0);
	console.log(`first load: ${(total / 1024).toFixed(1)} KiB in ${files.length} requests`);
	for (const { url, size } of files.slice(0, 5)) console.log(`  ${size} ${new URL(url).pathname}`);
	expect(total).toBeLessThanOrEqual(MOST);
});
