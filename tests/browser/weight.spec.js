// The transfer size of a first visit: every byte until the chat page of a new person has loaded,
// including headers. A debug build is not measured, because it does not compress files.
import { expect, test, unique } from "./support/people.js";

/** @typedef {import("@playwright/test").Page} Page */

const KIB = 1024;
const MAX_BYTES = 100 * KIB;
/** Each response takes time on a slow network. */
const MAX_ANSWERS = 25;

/** Records the network traffic of a page. @param {Page} page @param {string} home */
async function recordTraffic(page, home) {
	const session = await page.context().newCDPSession(page);
	/** @type {Map<string, { path: string, encoding: string, bytes: number }>} */
	const answers = new Map();
	/** @type {string[]} */
	const thirdParties = [];
	await session.send("Network.enable");
	session.on("Network.requestWillBeSent", ({ requestId, request }) => {
		const { origin, pathname, protocol } = new URL(request.url);
		if (protocol === "data:" || protocol === "blob:") return;
		if (origin !== home) thirdParties.push(request.url);
		answers.set(requestId, { path: pathname, encoding: "", bytes: 0 });
	});
	session.on("Network.responseReceived", ({ requestId, response }) => {
		const answer = answers.get(requestId);
		if (answer)
			answer.encoding =
				response.headers["Content-Encoding"] ?? response.headers["content-encoding"] ?? "";
	});
	session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
		const answer = answers.get(requestId);
		if (answer) answer.bytes += encodedDataLength;
	});
	session.on("Network.webSocketCreated", ({ requestId, url }) => {
		if (new URL(url).host !== new URL(home).host) thirdParties.push(url);
		answers.set(requestId, { path: new URL(url).pathname, encoding: "", bytes: 0 });
	});
	session.on("Network.webSocketHandshakeResponseReceived", ({ requestId, response }) => {
		const answer = answers.get(requestId);
		if (answer) answer.bytes += (response.headersText ?? "").length;
	});
	session.on("Network.webSocketFrameReceived", ({ requestId, response }) => {
		const answer = answers.get(requestId);
		// A frame of up to 125 bytes has a head of 2, a longer one of 4.
		if (answer)
			answer.bytes += response.payloadData.length + (response.payloadData.length > 125 ? 4 : 2);
	});
	return { answers, thirdParties };
}

/** @param {number} bytes */
const kib = (bytes) => `${(bytes / KIB).toFixed(1)} KiB`;

/**
 * An empty browser of a person who has just signed up.
 * @param {Pick<import("./support/people.js").Fixtures, "join" | "visit">} fixtures
 * @param {import("./support/people.js").Options} [options]
 */
async function newcomer({ join, visit }, options) {
	const before = await join(unique("ann"));
	const page = await visit(options);
	await page.context().addCookies(await before.page.context().cookies());
	return page;
}

test("a first visit transfers at most 100 KiB, without third-party requests", async ({
	server,
	join,
	visit,
}) => {
	const page = await newcomer({ join, visit });
	const { answers, thirdParties } = await recordTraffic(page, server.address);
	await page.goto("/");
	await expect(page.getByRole("main")).toBeVisible();
	await expect(page.locator(".status__text")).toHaveCount(0);
	await page.waitForLoadState("networkidle");

	const all = [...answers.values()].sort((one, other) => other.bytes - one.bytes);
	expect(thirdParties).toEqual([]);
	test.skip(
		all.every(({ encoding }) => !encoding),
		"NOT MEASURED: a debug build does not compress files",
	);
	const total = all.reduce((sum, { bytes }) => sum + bytes, 0);
	console.log(`a first visit: ${kib(total)} in ${all.length} answers`);
	for (const { path, bytes } of all) console.log(`  ${kib(bytes).padStart(9)} ${path}`);
	expect(total).toBeLessThanOrEqual(MAX_BYTES);
	expect(all.length).toBeLessThanOrEqual(MAX_ANSWERS);
});

test("the offline cache transfers at most 100 KiB", async ({ join, visit }) => {
	const page = await newcomer({ join, visit }, { serviceWorkers: "allow" });
	/** @type {Promise<number>[]} */
	const weights = [];
	page.context().on("requestfinished", (request) => {
		if (!request.serviceWorker()) return;
		const sizes = request.sizes();
		weights.push(sizes.then((size) => size.responseHeadersSize + size.responseBodySize));
	});
	await page.goto("/");
	await expect(page.getByRole("main")).toBeVisible();
	await page.evaluate(async () => (await navigator.serviceWorker.ready).active?.state);
	const total = (await Promise.all(weights)).reduce((sum, weight) => sum + weight, 0);
	console.log(`offline cache: ${kib(total)} in ${weights.length} answers`);
	expect(total).toBeGreaterThan(0);
	expect(total).toBeLessThanOrEqual(MAX_BYTES);
});
