// Proxies between browser and server: they forbid WebSockets, or answer instead of the server.

import {
	test as base,
	bubbles,
	expect,
	message,
	openWith,
	row,
	say,
	send,
	stages,
	unique,
} from "./support/people.js";
import { HttpProxy } from "./support/proxy.js";

/** @typedef {import("@playwright/test").Page} Page */

const test = base.extend(
	/** @type {import("@playwright/test").Fixtures<{ httpProxy: HttpProxy }, {}, import("./support/people.js").Fixtures, { server: import("./support/server.js").Server }>} */ ({
		httpProxy: async ({ server }, use) => {
			await server.start();
			const httpProxy = await HttpProxy.start(server.address);
			await use(httpProxy);
			await httpProxy.stop();
		},
	}),
);
test.use({ tolerated: [/ERR_|WebSocket|status of \d\d\d/] });

const LIMITED = "Limited network: you don’t see who is online.";
const OFFLINE = "Offline: messages will be sent";
const FOREIGN = [200, 401, 403, 404, 413, 502, 511];

for (const upgrades of /** @type {const} */ (["refused", "ignored"])) {
	test(`where WebSockets are ${upgrades}, messages are sent within 1 s and received within 2 s`, async ({
		join,
		httpProxy,
	}) => {
		httpProxy.upgrades = upgrades;
		const bo = await join(unique("bo"));
		const ann = await join(unique("ann"), { baseURL: httpProxy.address });
		await openWith(ann.page, bo.name);
		await openWith(bo.page, ann.name);
		await send(bo.page, "first");
		await expect(bubbles(ann.page)).toHaveText(["first"]);
		await expect(ann.page.getByText(LIMITED)).toBeVisible();
		for (let round = 1; round <= 3; round += 1) {
			const [mine, theirs] = [`from ann ${round}`, `from bo ${round}`];
			let begun = Date.now();
			await send(ann.page, mine);
			await expect(message(ann.page, mine)).toContainText(/Sent|Delivered|Read/, {
				timeout: 1_000,
			});
			console.log(`${upgrades}: sent after ${Date.now() - begun} ms`);
			await expect(message(bo.page, mine)).toBeVisible();
			begun = Date.now();
			await send(bo.page, theirs);
			await expect(message(ann.page, theirs)).toBeVisible({ timeout: 2_000 });
			console.log(`${upgrades}: received after ${Date.now() - begun} ms`);
		}
		await expect(message(bo.page, "from bo 3")).toContainText("Read");

		httpProxy.upgrades = "passed";
		httpProxy.cut();
		await ann.page.evaluate(() => window.dispatchEvent(new Event("focus")));
		await expect(ann.page.getByText(LIMITED)).toBeHidden();
		await send(bo.page, "over a socket again");
		await expect(message(ann.page, "over a socket again")).toBeVisible();
	});
}

test("a page that moves to a network without WebSockets catches up at once", async ({
	join,
	httpProxy,
}) => {
	const bo = await join(unique("bo"));
	const ann = await join(unique("ann"), { baseURL: httpProxy.address });
	await openWith(ann.page, bo.name);
	await openWith(bo.page, ann.name);
	await say(bo.page, "over a socket");
	await expect(bubbles(ann.page)).toHaveText(["over a socket"]);
	httpProxy.upgrades = "refused";
	httpProxy.cut();
	await send(bo.page, "meanwhile");
	await expect(message(ann.page, "meanwhile")).toBeVisible({ timeout: 3_000 });
	await send(bo.page, "and now");
	await expect(message(ann.page, "and now")).toBeVisible({ timeout: 2_000 });
});

test("foreign responses of a proxy change nothing: the page stays, and messages wait", async ({
	join,
	httpProxy,
}) => {
	test.setTimeout(120_000);
	const bo = await join(unique("bo"));
	const cy = await join(unique("cy"));
	const ann = await join(unique("ann"), { baseURL: httpProxy.address });
	await openWith(ann.page, cy.name);
	await say(ann.page, "hello");
	await openWith(ann.page, bo.name);
	await say(ann.page, "before");
	await ann.page.evaluate(() => Object.assign(window, { same: true }));
	const said = ["before"];
	for (const status of FOREIGN) {
		httpProxy.foreign = () => ({ status, body: "<html><h1>Accept our terms</h1></html>" });
		httpProxy.cut();
		await expect(ann.page.getByText(OFFLINE)).toBeVisible();
		const text = `written behind a ${status}`;
		await send(ann.page, text);
		await row(ann.page, cy.name).click();
		await expect(bubbles(ann.page)).toHaveText(["hello"]);
		await row(ann.page, bo.name).click();
		await expect(stages(ann.page, "Waiting to be sent")).toHaveCount(1);
		await expect(ann.page.locator(".bubble--failed")).toHaveCount(0);
		httpProxy.foreign = null;
		await ann.page.evaluate(() => window.dispatchEvent(new Event("online")));
		said.push(text);
		await expect(bubbles(ann.page)).toHaveText(said);
		await expect(stages(ann.page, "Waiting to be sent")).toHaveCount(0);
	}
	expect(await ann.page.evaluate(() => "same" in window)).toBe(true);
});

test("the cached page is shown when the page cannot be loaded or a proxy answers instead", async ({
	join,
	httpProxy,
}) => {
	const bo = await join(unique("bo"));
	const { page } = await join(unique("ann"), {
		baseURL: httpProxy.address,
		serviceWorkers: "allow",
	});
	await page.evaluate(async () => {
		await navigator.serviceWorker.ready;
		if (navigator.serviceWorker.controller) return;
		await new Promise((done) => (navigator.serviceWorker.oncontrollerchange = done));
	});
	await openWith(page, bo.name);
	await say(page, "kept");
	await page.reload();
	await expect(bubbles(page)).toHaveText(["kept"]);
	for (const status of [200, 403, 502, 503]) {
		httpProxy.foreign = () => ({ status, body: "<html><h1>Accept our terms</h1></html>" });
		await page.reload();
		await expect(bubbles(page)).toHaveText(["kept"]);
		await expect(page.getByText(OFFLINE)).toBeVisible();
	}
	httpProxy.foreign = null;
	await page.reload();
	await expect(page.getByText(OFFLINE)).toBeHidden();
	await expect(bubbles(page)).toHaveText(["kept"]);
});

test("a page of an earlier version offers an update, and works until it is accepted", async ({
	join,
	httpProxy,
}) => {
	const bo = await join(unique("bo"));
	const { page } = await join(unique("ann"), { baseURL: httpProxy.address });
	await openWith(page, bo.name);
	await say(page, "before");
	const update = page.getByRole("button", { name: "Update" });
	await expect(update).toHaveCount(0);
	httpProxy.version = "abcdef012345";
	await say(page, "after");
	await expect(update).toBeVisible();
	await page.getByRole("textbox", { name: /^Message to/ }).fill("half a thought");
	httpProxy.version = null;
	await update.click();
	await expect(update).toHaveCount(0);
	await expect(bubbles(page)).toHaveText(["before", "after"]);
	await expect(page.getByRole("textbox", { name: /^Message to/ })).toHaveValue("half a thought");
});
