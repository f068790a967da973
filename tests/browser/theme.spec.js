// Light and dark theme: from the system or as chosen, from the first frame on.
import { expect, test, unique } from "./support/people.js";
import { openSettings } from "./support/settings.js";

/** @typedef {import("@playwright/test").Page} Page */

/** Whether a corner of the image is light; decodes it in a helper page. @param {Page} helper @param {string} png */
function isLight(helper, png) {
	return helper.evaluate(async (data) => {
		const image = new Image();
		image.src = `data:image/png;base64,${data}`;
		await image.decode();
		const canvas = new OffscreenCanvas(image.width, image.height);
		const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
		context.drawImage(image, 0, 0);
		const corners = [2, image.width - 3].flatMap((x) =>
			[2, image.height - 3].map((y) => context.getImageData(x, y, 1, 1).data),
		);
		return corners.some(([red, green, blue]) => red + green + blue > 300);
	}, png);
}

/** Every frame that was shown while `act` ran. @param {Page} page @param {() => Promise<unknown>} act */
async function frames(page, act) {
	const session = await page.context().newCDPSession(page);
	/** @type {string[]} */
	const seen = [];
	session.on("Page.screencastFrame", ({ data, sessionId }) => {
		seen.push(data);
		session.send("Page.screencastFrameAck", { sessionId }).catch(() => {});
	});
	await session.send("Emulation.setCPUThrottlingRate", { rate: 4 });
	await session.send("Page.startScreencast", { format: "png" });
	await act();
	await page.screenshot();
	await session.send("Page.stopScreencast");
	await session.detach();
	return seen;
}

/** @param {Page} page */
const background = (page) =>
	page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g)?.map(Number));

test("a dark theme never shows a white frame, even on a slow network", async ({ join, visit }) => {
	const helper = await visit();
	for (const colorScheme of /** @type {const} */ (["dark", "light"])) {
		const { page } = await join(unique("owl"), { colorScheme });
		if (colorScheme === "light") {
			await page.context().addCookies([{ name: "theme", value: "dark", url: page.url() }]);
		}
		await page.goto("/signup/");
		await page.route(/\/styles\//, async (route) => {
			await new Promise((done) => setTimeout(done, 200));
			await route.continue().catch(() => {});
		});
		const seen = await frames(page, async () => {
			await page.goto("/");
			await expect(page.getByRole("main")).toBeVisible();
		});
		expect(seen.length).toBeGreaterThan(0);
		for (const frame of seen) expect(await isLight(helper, frame)).toBe(false);
	}
});

test("a chosen theme applies at once, on every page, and without scripts", async ({
	join,
	visit,
	server,
}) => {
	const { page } = await join(unique("ann"), { colorScheme: "light" });
	await openSettings(page, "Appearance");
	const chooses = (/** @type {string} */ theme) => page.getByRole("radio", { name: theme }).check();
	const bar = () =>
		page.evaluate(() =>
			Array.from(document.querySelectorAll('meta[name="theme-color"]'))
				.filter((meta) => matchMedia(meta.getAttribute("media") ?? "all").matches)
				.map((meta) => meta.getAttribute("data-for")),
		);
	const light = await background(page);
	expect(await bar()).toEqual(["light"]);
	await chooses("Dark");
	const dark = await background(page);
	expect(dark).not.toEqual(light);
	expect(await bar()).toEqual(["dark"]);
	await page.reload();
	expect(await background(page)).toEqual(dark);
	expect(await bar()).toEqual(["dark"]);

	const plain = await visit({ colorScheme: "light", javaScriptEnabled: false });
	await plain.context().addCookies([{ name: "theme", value: "dark", url: server.address }]);
	await plain.goto("/signup/");
	await expect(plain.locator("html")).toHaveAttribute("data-theme", "dark");
	await expect(plain.locator("html")).toHaveCSS("color-scheme", "dark");

	await chooses("System");
	await page.reload();
	expect(await background(page)).toEqual(light);
	expect((await page.context().cookies()).map(({ name }) => name)).not.toContain("theme");
});
