// Chinwag as an app: it can be installed, opens without a network, and is one version at a time.
import { createServer } from "node:http";
import {
	bubbles,
	expect,
	logIn,
	loseLogin,
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

const kept = /** @type {const} */ ({ serviceWorkers: "allow" });
// Without a network, everything that needs one says so.
test.use({ tolerated: [/ERR_|WebSocket|status of 403/] });

/** The page is kept and looked after. @param {Page} page */
async function settled(page) {
	await page.evaluate(async () => {
		await navigator.serviceWorker.ready;
		const { controller } = navigator.serviceWorker;
		if (controller) return;
		await new Promise((done) => (navigator.serviceWorker.oncontrollerchange = done));
	});
}

/** What the browser keeps. @param {Page} page @returns {Promise<string[]>} */
const keptNames = (page) => page.evaluate(() => caches.keys());

test("a browser offers to install it, in the reader's language", async ({ join }) => {
	for (const [locale, dir] of [
		["en-GB", "ltr"],
		["ar-EG", "rtl"],
	]) {
		const { page } = await join(unique("ann"), kept);
		await page.context().addCookies([{ name: "lang", value: locale.slice(0, 2), url: page.url() }]);
		await page.goto("/");
		const session = await page.context().newCDPSession(page);
		const { data = "", errors } = await session.send("Page.getAppManifest");
		expect(errors).toEqual([]);
		const manifest = JSON.parse(data);
		expect(manifest).toMatchObject({ dir, lang: locale.slice(0, 2), display: "standalone" });
		const found = await session.send("Page.getInstallabilityErrors");
		const reasons = found.installabilityErrors.map(({ errorId }) => errorId);
		// Tests run in private windows, where nothing is ever offered.
		expect(reasons.filter((reason) => reason !== "in-incognito")).toEqual([]);
	}
});

test("without a network the page opens all the same, and after logging out it does not", async ({
	join,
}) => {
	const { page } = await join(unique("ann"), kept);
	await settled(page);
	await page.context().setOffline(true);
	await page.reload();
	await expect(page.getByRole("heading", { name: "Chinwag", exact: true })).toBeVisible();

	await page.context().setOffline(false);
	// The page may be on its way to somewhere else already, now that it can be.
	await expect(async () => {
		await page.goto("/logout/");
		await expect(page).toHaveURL(/login/, { timeout: 2_000 });
	}).toPass();
	await page.context().setOffline(true);
	await expect(page.goto("/")).rejects.toThrow(/ERR_/);
});

test("what was said last can be read without a network, and what is written then goes out later", async ({
	join,
	server,
}) => {
	const ann = await join(unique("ann"), kept);
	const bo = await join(unique("bo"));
	const zed = await join(unique("zed"));
	await settled(ann.page);
	await sayMany(zed.page, ann.name, 1);
	await sayMany(bo.page, ann.name, 40);
	await openWith(ann.page, bo.name);
	await openWith(bo.page, ann.name);
	await send(bo.page, "the last of all");
	// Only what is kept counts as delivered.
	await expect(message(bo.page, "the last of all")).toContainText(/Delivered|Read/);

	await ann.page.context().setOffline(true);
	expect(await server.stop()).toBe(0);
	await ann.page.close();
	const page = await ann.page.context().newPage();
	await page.goto("/");
	await expect(page.getByText("Offline: messages will be sent")).toBeVisible();
	await expect(row(page, bo.name)).toContainText("the last of all");
	await expect(row(page, zed.name)).toContainText("message 1");
	await row(page, bo.name).click();
	await expect(message(page, "the last of all")).toBeInViewport();
	await expect(bubbles(page)).toHaveCount(30);
	await expect(bubbles(page).first()).toHaveText("message 12");
	await row(page, zed.name).click();
	await expect(bubbles(page)).toHaveText(["message 1"]);

	await row(page, bo.name).click();
	await send(page, "written in the tunnel");
	await expect(stages(page, "Waiting to be sent")).toHaveCount(1);
	await server.start();
	await page.context().setOffline(false);
	await expect(message(page, "written in the tunnel")).toContainText(/Sent|Delivered|Read/, {
		timeout: 40_000,
	});
	await expect(message(bo.page, "written in the tunnel")).toBeVisible({ timeout: 40_000 });
});

test("nobody opens the page of the one before, and no answer of the API is kept", async ({
	join,
}) => {
	const ann = await join(unique("ann"), kept);
	const zed = await join(unique("zed"));
	const { page } = ann;
	await settled(page);
	await page.reload();
	const addresses = await page.evaluate(async () => {
		const names = await caches.keys();
		const stores = await Promise.all(names.map((name) => caches.open(name)));
		const kept = await Promise.all(stores.map((store) => store.keys()));
		return kept.flat().map(({ url }) => new URL(url).pathname);
	});
	expect(addresses.length).toBeGreaterThan(20);
	expect(addresses.filter((path) => path !== "/" && !path.startsWith("/static/"))).toEqual([]);
	await loseLogin(page);
	await logIn(page, zed.name);
	await page.context().setOffline(true);
	await page.reload();
	const me = page.locator('meta[name="chinwag-me"]');
	await expect(me).toHaveAttribute("content", zed.name);
});

test("a new version takes the place of the old one as a whole", async ({ browser, server }) => {
	await server.start();
	let newer = false;
	/** The server behind something that makes another version of its answers. */
	const front = createServer(async (request, response) => {
		const path = request.url ?? "/";
		const answer = await fetch(server.address + path, {
			headers: { cookie: request.headers.cookie ?? "" },
			redirect: "manual",
		});
		const media = answer.headers.get("content-type") ?? "";
		const text = /html|javascript/.test(media) ? await answer.text() : null;
		const version = /"version":"([^"]+)"/.exec(text ?? "")?.[1];
		if (version) old = version;
		const made = newer && old ? text?.replaceAll(old, "abcdef012345") : text;
		const own = newer && old ? "abcdef012345" : (answer.headers.get("chinwag-version") ?? "");
		response.writeHead(answer.status, { "content-type": media, "chinwag-version": own });
		response.end(made ?? Buffer.from(await answer.arrayBuffer()));
	});
	let old = "";
	await new Promise((done) => front.listen(0, "127.0.0.1", () => done(null)));
	const { port } = /** @type {import("node:net").AddressInfo} */ (front.address());
	const context = await browser.newContext({ baseURL: server.address });
	const page = await context.newPage();
	const name = unique("ann");
	await signUp(page, name);

	await page.goto(`http://127.0.0.1:${port}/`);
	await settled(page);
	expect(await keptNames(page)).toEqual([`files ${old}`, `page ${old}`]);
	newer = true;
	await page.reload();
	await page.evaluate(async () => {
		const registration = await navigator.serviceWorker.ready;
		await registration.update();
	});
	const waits = () =>
		page.evaluate(async () => Boolean((await navigator.serviceWorker.ready).waiting));
	await expect.poll(waits).toBe(true);
	expect(await keptNames(page), "the old version is whole while it is shown").toContain(
		`files ${old}`,
	);
	await page.reload();
	// The new one begins when the old one has nothing to do: after half a minute, if nobody hurries it. As soon as it has
	// begun it is left alone, or it would not come to its end.
	const tools = await context.newCDPSession(page);
	await tools.send("ServiceWorker.enable");
	await expect
		.poll(async () => {
			if (await waits()) await tools.send("ServiceWorker.stopAllWorkers");
			return keptNames(page);
		})
		.toEqual(["files abcdef012345", "page abcdef012345"]);
	await context.close();
	front.closeAllConnections();
	front.close();
});
