// Every state of a screen has a message, and is accessible.
import {
	bubbles,
	choose,
	composer,
	expect,
	message,
	openWith,
	refuse,
	refuseAsTooLong,
	row,
	say,
	sayMany,
	send,
	seriousAxeViolations,
	test,
	unique,
} from "./support/people.js";

/** @typedef {import("@playwright/test").Page} Page */

test.use({ tolerated: [/ERR_|WebSocket|status of (4|5)\d\d/] });

test("empty and failed states are shown, and loading can be tried again", async ({ join }) => {
	const bo = await join(unique("bo"));
	const ann = await join(unique("ann"));
	const { page } = ann;
	await expect(page.getByText("No conversations yet")).toBeVisible();
	expect(await seriousAxeViolations(page), "no conversations").toEqual([]);
	await openWith(page, bo.name);
	await expect(page.getByText("Nothing said yet.")).toBeVisible();
	expect(await seriousAxeViolations(page), "nothing said").toEqual([]);
	await sayMany(page, bo.name, 40);

	const other = await bo.page.context().newPage();
	let broken = true;
	await other.route("**/message/?*", (route) =>
		broken ? refuse(route, 503, { code: "busy", detail: "later" }) : route.continue(),
	);
	await openWith(other, ann.name);
	await expect(other.getByRole("alert").filter({ hasText: "could not be loaded" })).toBeVisible();
	expect(await seriousAxeViolations(other), "not loaded").toEqual([]);
	broken = false;
	await other.getByRole("button", { name: "Try again" }).first().click();
	await expect(message(other, "message 40")).toBeAttached();
});

test("a module that failed to load is loaded at the next use", async ({ join }) => {
	const bo = await join(unique("bo"));
	const { page } = await join(unique("ann"));
	await openWith(page, bo.name);
	const missing = page.getByText("This could not be loaded.");
	// The last module that the picker imports, in two steps.
	await page.route("**/vendor/emoji.js", (route) => route.abort());
	await page.getByRole("button", { name: "Emoji" }).click();
	await expect(missing).toBeVisible();
	await page.unroute("**/vendor/emoji.js");
	await page.getByRole("button", { name: "Emoji" }).click();
	await expect(page.getByRole("searchbox", { name: "Find an emoji" })).toBeVisible();
	await page.getByRole("button", { name: "Emoji" }).click();
	await page.getByRole("heading", { name: "Chinwag" }).click();
	await expect(missing).toBeHidden();
	await page.route("**/dialogs/keys.js", (route) => route.abort());
	await page.keyboard.press("?");
	await expect(missing).toBeVisible();
	await page.unroute("**/dialogs/keys.js");
	await page.keyboard.press("?");
	await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
});

test("menus, dialogs and the emoji picker are accessible", async ({ join }) => {
	const bo = await join(unique("bo"));
	const { page } = await join(unique("ann"));
	await openWith(page, bo.name);
	await say(page, "hello");
	for (const item of ["Details", "Forward…", "Delete…"]) {
		await message(page, "hello").click({ button: "right" });
		expect(await seriousAxeViolations(page), "menu of a message").toEqual([]);
		await page.getByRole("menuitem", { name: item, exact: true }).click();
		await expect(page.getByRole("dialog")).toBeVisible();
		expect(await seriousAxeViolations(page), item).toEqual([]);
		await page.keyboard.press("Escape");
		await expect(page.getByRole("dialog")).toBeHidden();
	}
	await choose(message(page, "hello"), "Reply");
	await page.getByRole("button", { name: "Emoji" }).click();
	await expect(page.getByRole("grid")).toBeVisible();
	expect(await seriousAxeViolations(page), "reply and emoji").toEqual([]);
	await page.keyboard.press("Escape");
	await expect(page.getByRole("grid")).toBeHidden();
	await expect(composer(page)).toBeFocused();
	await page.getByRole("button", { name: "Menu" }).click();
	expect(await seriousAxeViolations(page), "menu").toEqual([]);
	await page.getByRole("menuitem", { name: "Keyboard shortcuts" }).click();
	await expect(page.getByRole("dialog")).toBeVisible();
	expect(await seriousAxeViolations(page), "keys").toEqual([]);
	await page.keyboard.press("Escape");
	await page.getByRole("searchbox").fill("nobody-is-called-this");
	await expect(page.getByText("Nobody is called")).toBeVisible();
	expect(await seriousAxeViolations(page), "nobody found").toEqual([]);
});

test("offline and refused messages are accessible, also in dark and in forced colours", async ({
	join,
}) => {
	const bo = await join(unique("bo"));
	const { page } = await join(unique("ann"));
	await openWith(page, bo.name);
	await say(page, "hello");
	await page.route("**/api/v1/message/", refuseAsTooLong);
	await send(page, "refused");
	await expect(page.getByText(/^Not sent\./)).toBeVisible();
	await page.context().setOffline(true);
	await expect(page.getByText("Offline: messages will be sent")).toBeVisible();
	for (const looks of /** @type {const} */ ([
		{ colorScheme: "light" },
		{ colorScheme: "dark" },
		{ forcedColors: "active" },
	])) {
		await page.emulateMedia(looks);
		expect(await seriousAxeViolations(page), JSON.stringify(looks)).toEqual([]);
	}
});

test("at 200 % zoom nothing is lost or needs sideways scrolling", async ({ join }) => {
	const bo = await join(unique("bo"));
	const zoomed = { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 };
	const { page } = await join(unique("ann"), zoomed);
	await openWith(page, bo.name);
	await say(page, "as big as I need it");
	await expect(bubbles(page).last()).toBeInViewport({ ratio: 1 });
	await expect(composer(page)).toBeInViewport({ ratio: 1 });
	expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(640);
	await message(page, "as big as I need it").click({ button: "right" });
	const last = page.getByRole("menuitem").last();
	await last.scrollIntoViewIfNeeded();
	await expect(last).toBeInViewport({ ratio: 1 });
	await page.keyboard.press("Escape");
	await page.getByRole("button", { name: "Back to the list" }).click();
	await expect(row(page, bo.name)).toBeInViewport({ ratio: 1 });
	expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(640);
});

test("reduced motion disables animations", async ({ join }) => {
	const bo = await join(unique("bo"));
	const { page } = await join(unique("ann"), { reducedMotion: "reduce" });
	await openWith(page, bo.name);
	await say(page, "still");
	await message(page, "still").click({ button: "right" });
	await expect(page.getByRole("menu")).toBeVisible();
	const durations = await page.evaluate(() =>
		[...document.querySelectorAll("*")].flatMap((element) => {
			const { animationDuration, transitionDuration } = getComputedStyle(element);
			return `${animationDuration},${transitionDuration}`.split(",").map(Number.parseFloat);
		}),
	);
	expect(Math.max(...durations)).toBeLessThanOrEqual(0.001);
});
