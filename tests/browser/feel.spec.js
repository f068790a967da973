// The page reacts at once, and its layout does not shift.
import { createServer } from "node:http";
import {
	bubbles,
	composer,
	expect,
	logIn,
	message,
	openWith,
	refuseAsTooLong,
	row,
	say,
	sayMany,
	send,
	test,
	unique,
} from "./support/people.js";

/** @typedef {import("@playwright/test").Page} Page */

/** @typedef {{ shifts: { value: number, what: string[] }[], ends: number[] }} Moves */

/**
 * Records layout shifts, and where the newest message ends in each frame. Day groups are ignored:
 * they grow upwards, out of sight, while their messages stay where they are.
 * @param {Page} page
 */
const watchMoves = (page) =>
	page.addInitScript(() => {
		/** @type {Moves} */
		const moves = { shifts: [], ends: [] };
		Object.assign(window, { moves });
		const look = () => {
			const newest = [...document.querySelectorAll(".bubble")].at(-1);
			const end = newest?.getBoundingClientRect().bottom;
			if (end !== undefined && end !== moves.ends.at(-1)) moves.ends.push(end);
			requestAnimationFrame(look);
		};
		requestAnimationFrame(look);
		new PerformanceObserver((list) => {
			for (const entry of list.getEntries()) {
				const { value, sources } =
					/** @type {PerformanceEntry & { value: number, sources: { node: HTMLElement | null }[] }} */ (
						entry
					);
				const what = sources.map(({ node }) => node?.className ?? "gone");
				if (what.some((name) => name !== "day")) moves.shifts.push({ value, what });
			}
		}).observe({ type: "layout-shift", buffered: true });
	});

test("a sent message is shown as pending in the next frame, even on a slow network", async ({
	join,
}) => {
	const bo = await join(unique("bo"));
	const { page } = await join(unique("ann"));
	await openWith(page, bo.name);
	await say(page, "warm-up");
	let answer = () => {};
	const answered = new Promise((done) => {
		answer = () => done(null);
	});
	await page.route("**/api/v1/message/", async (route) => {
		await answered;
		await route.continue();
	});
	await composer(page).fill("right now");
	await page.evaluate(() => {
		document.addEventListener(
			"keydown",
			() => {
				let frames = 0;
				const look = () => {
					frames += 1;
					const there = document.querySelectorAll(".bubble--pending").length > 0;
					if (there || frames > 60) Object.assign(window, { frames });
					else requestAnimationFrame(look);
				};
				requestAnimationFrame(look);
			},
			{ capture: true, once: true },
		);
	});
	await composer(page).press("Enter");
	await expect(message(page, "right now")).toContainText("Waiting to be sent");
	const frames = () =>
		page.evaluate(
			() => /** @type {{ frames?: number }} */ (/** @type {unknown} */ (window)).frames,
		);
	await expect.poll(frames).toBe(1);
	const clock = await message(page, "right now").elementHandle();
	answer();
	await expect(message(page, "right now")).toContainText(/Sent|Delivered/);
	expect(await clock?.evaluate((element) => element.isConnected), "it is the same element").toBe(
		true,
	);
});

test("nothing visible moves while the page loads, on a first or a later visit", async ({
	join,
	visit,
}) => {
	const bo = await join(unique("bo"));
	const ann = await join(unique("ann"));
	await sayMany(ann.page, bo.name, 40);
	await openWith(ann.page, bo.name);
	await expect(message(ann.page, "message 40")).toBeInViewport();

	/** @param {Page} page */
	async function slow(page) {
		await watchMoves(page);
		await page.route("**/api/**", async (route) => {
			await new Promise((done) => setTimeout(done, 150));
			await route.continue();
		});
	}
	/** @param {Page} page */
	async function calm(page) {
		await expect(message(page, "message 40")).toBeInViewport();
		await expect(row(page, bo.name)).toBeVisible();
		await page.evaluate(() => new Promise((done) => setTimeout(done, 500)));
		const { shifts, ends } = await page.evaluate(
			() => /** @type {{ moves: Moves }} */ (/** @type {unknown} */ (window)).moves,
		);
		expect(shifts).toEqual([]);
		expect(Math.max(...ends) - Math.min(...ends)).toBeLessThanOrEqual(2);
	}

	const stranger = await visit();
	await slow(stranger);
	await stranger.goto("/login/");
	await logIn(stranger, ann.name);
	await stranger.evaluate((name) => {
		location.hash = name;
	}, bo.name);
	await calm(stranger);

	const known = await ann.page.context().newPage();
	await slow(known);
	await known.goto(`/#/p/${bo.name}`);
	await calm(known);
});

test("the page is painted in its theme before any script, and nothing moves when scripts load", async ({
	join,
}) => {
	const { page } = await join(unique("ann"), { colorScheme: "dark" });
	await watchMoves(page);
	let come = () => {};
	const scripts = new Promise((done) => {
		come = () => done(null);
	});
	await page.route(/\/(js|vendor)\//, async (route) => {
		await scripts;
		await route.continue();
	});
	await page.goto("/", { waitUntil: "commit" });
	const mark = page.locator(".shell__loading img");
	await expect(mark).toBeVisible();
	await expect(mark).toHaveJSProperty("complete", true);
	const painted = () => page.evaluate(() => performance.getEntriesByName("first-paint").length);
	await expect.poll(painted).toBe(1);
	const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
	expect(Math.max(...(background.match(/\d+/g) ?? ["255"]).map(Number))).toBeLessThan(60);
	come();
	await expect(page.getByText("No conversations yet")).toBeVisible();
	const { shifts } = await page.evaluate(
		() => /** @type {{ moves: Moves }} */ (/** @type {unknown} */ (window)).moves,
	);
	expect(shifts).toEqual([]);
});

test("a form does not move while it loads in pieces", async ({ visit, server }) => {
	await server.start();
	const front = createServer(async (request, response) => {
		const answer = await fetch(server.address + request.url);
		const whole = Buffer.from(await answer.arrayBuffer());
		const media = answer.headers.get("content-type") ?? "";
		response.writeHead(answer.status, { "content-type": media });
		const half = media.startsWith("text/html") ? Math.ceil(whole.length / 2) : whole.length;
		response.write(whole.subarray(0, half));
		setTimeout(() => response.end(whole.subarray(half)), half < whole.length ? 800 : 0);
	});
	await new Promise((done) => front.listen(0, "127.0.0.1", () => done(null)));
	const { port } = /** @type {import("node:net").AddressInfo} */ (front.address());
	const page = await visit({ baseURL: `http://127.0.0.1:${port}` });
	await watchMoves(page);
	await page.goto("/signup/");
	await expect(page.getByRole("button", { name: "Create account" })).toBeVisible();
	const { shifts } = await page.evaluate(
		() => /** @type {{ moves: Moves }} */ (/** @type {unknown} */ (window)).moves,
	);
	front.closeAllConnections();
	front.close();
	expect(shifts).toEqual([]);
});

test("a loaded conversation is shown again in the next frame, without a request", async ({
	join,
}) => {
	const bo = await join(unique("bo"));
	const zed = await join(unique("zed"));
	const { page } = await join(unique("ann"));
	for (const person of [bo, zed]) await sayMany(page, person.name, 30);
	await row(page, bo.name).click();
	await expect(message(page, "message 30")).toBeInViewport({ ratio: 1 });
	const pane = page.locator(".messages__pane");
	await pane.evaluate((element) => element.scrollTo({ top: 0 }));
	await expect(bubbles(page), "all messages, even if only a few were loaded at first").toHaveCount(
		30,
	);
	await pane.evaluate((element) => element.scrollTo({ top: element.scrollHeight }));
	await expect(message(page, "message 30")).toBeInViewport({ ratio: 1 });
	await expect(page.locator(".to-end")).toBeHidden();
	await row(page, zed.name).click();
	await expect(page.getByRole("heading", { name: zed.name, exact: true })).toBeVisible();
	await page.route("**/api/**", () => {});
	const link = row(page, bo.name);
	const shown = await link.evaluate(async (element) => {
		/** @type {HTMLElement} */ (element).click();
		await new Promise((done) => requestAnimationFrame(done));
		return {
			name: document.querySelector("#conversation-name")?.textContent,
			count: document.querySelectorAll(".bubble__body").length,
		};
	});
	expect(shown).toEqual({ name: bo.name, count: 30 });
	await expect(message(page, "message 30")).toBeInViewport({ ratio: 1 });
});

test("the newest message stays visible when the composer grows during a scroll", async ({
	join,
}) => {
	const bo = await join(unique("bo"));
	const { page } = await join(unique("ann"));
	await sayMany(page, bo.name, 30);
	await openWith(page, bo.name);
	const newest = message(page, "message 30");
	await expect(newest).toBeInViewport({ ratio: 1 });
	await page.locator(".messages__pane").evaluate((pane) => {
		const field = /** @type {HTMLElement} */ (document.querySelector(".composer__field"));
		field.style.minHeight = "200px";
		pane.dispatchEvent(new Event("scroll"));
	});
	await expect(newest).toBeInViewport({ ratio: 1 });
	await expect(page.locator(".to-end")).toBeHidden();
});

test("a refused message shows the reason, and can be sent again", async ({ join }) => {
	const bo = await join(unique("bo"));
	const { page } = await join(unique("ann"));
	await openWith(page, bo.name);
	await page.route("**/api/v1/message/", refuseAsTooLong);
	await send(page, "take this");
	const failed = page.locator(".bubble--failed");
	await expect(failed).toContainText("take this");
	await expect(failed).toContainText("Not sent. This message is too long.");
	await expect(composer(page)).toHaveValue("");
	await page.reload();
	await expect(failed).toContainText("Not sent.");
	await page.unroute("**/api/v1/message/");
	await failed.getByRole("button", { name: "Try again" }).click();
	await expect(message(page, "take this")).toContainText(/Sent|Delivered/);
	await expect(failed).toHaveCount(0);
});

test("text is pasted plain, and the composer grows up to a limit", async ({ join }) => {
	const bo = await join(unique("bo"));
	const { page } = await join(unique("ann"));
	await openWith(page, bo.name);
	const low = (await composer(page).boundingBox())?.height ?? 0;
	await composer(page).focus();
	await composer(page).evaluate((field) => {
		const data = new DataTransfer();
		data.setData("text/html", "<b>rich</b>");
		data.setData("text/plain", "rich");
		field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
		document.execCommand("insertText", false, "one\ntwo\nthree");
	});
	await expect(composer(page)).toHaveValue("one\ntwo\nthree");
	const high = (await composer(page).boundingBox())?.height ?? 0;
	expect(high).toBeGreaterThan(low + 30);
	await composer(page).fill("line\n".repeat(100));
	const highest = (await composer(page).boundingBox())?.height ?? 0;
	expect(highest).toBeLessThan(400);
	await composer(page).fill("");
	expect((await composer(page).boundingBox())?.height).toBe(low);
});
test.use({ tolerated: [/status of 400/] });
