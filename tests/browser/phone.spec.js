import {
	bubbles,
	composer,
	expect,
	openWith,
	phone,
	row,
	say,
	send,
	test,
	unique,
} from "./support/people.js";
import { tooSmall } from "./support/sight.js";

test("on a phone the list and the conversation are two screens, and Back returns to the list", async ({
	join,
}) => {
	const bo = await join(unique("bo"));
	const ann = await join(unique("ann"), phone);
	const { page } = ann;
	await openWith(bo.page, ann.name);
	await send(bo.page, "Pocket test");

	await expect(row(page, bo.name)).toBeVisible();
	await expect(composer(page)).toBeHidden();
	await row(page, bo.name).tap();
	await expect(bubbles(page)).toHaveText(["Pocket test"]);
	await expect(row(page, bo.name)).toBeHidden();
	await expect(composer(page)).not.toBeFocused();

	await page.goBack();
	await expect(row(page, bo.name)).toBeVisible();
	await expect(page).not.toHaveURL(/#/);
	await row(page, bo.name).tap();
	await page.getByRole("button", { name: "Back to the list" }).tap();
	await expect(row(page, bo.name)).toBeVisible();
	await expect(composer(page)).toBeHidden();
});

test("on a phone Enter starts a new line and the button sends", async ({ join }) => {
	const bo = await join(unique("bo"));
	const { page } = await join(unique("ann"), phone);
	await openWith(page, bo.name);
	await composer(page).tap();
	await page.keyboard.type("one");
	await page.keyboard.press("Enter");
	await page.keyboard.type("two");
	await expect(composer(page)).toHaveValue("one\ntwo");
	await page.getByRole("button", { name: "Send" }).tap();
	await expect(bubbles(page)).toHaveText(["one\ntwo"]);
});

for (const width of [320, 390, 430]) {
	test(`nothing is wider than a screen of ${width} pixels`, async ({ join }) => {
		const long = unique(`a-very-long-name-${"of-many-letters-".repeat(7)}`).slice(-150);
		const bo = await join(long);
		const { page } = await join(unique("ann"), { ...phone, viewport: { width, height: 640 } });
		const fits = () =>
			page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
		await openWith(page, bo.name);
		await send(page, `${"W".repeat(300)} https://example.test/${"x".repeat(300)}`);
		await expect(bubbles(page)).toHaveCount(1);
		expect(await fits()).toBe(true);
		await page.getByRole("button", { name: "Back to the list" }).tap();
		await expect(row(page, bo.name)).toBeVisible();
		expect(await fits()).toBe(true);
		await page.goto(`/simpleui/?target=${encodeURIComponent(bo.name)}`);
		expect(await fits()).toBe(true);
	});
}

test("on a phone a long touch opens a message's menu at the bottom", async ({ join }) => {
	const bo = await join(unique("bo"));
	const { page } = await join(unique("ann"), phone);
	await openWith(page, bo.name);
	await say(page, "touch me");
	const touches = await page.context().newCDPSession(page);
	const box = await bubbles(page).first().boundingBox();
	const point = { x: (box?.x ?? 0) + 20, y: (box?.y ?? 0) + 10 };
	await touches.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [point] });
	const menu = page.getByRole("menu", { name: "Message options" });
	await expect(menu).toBeVisible();
	await touches.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
	await expect
		.poll(() => menu.evaluate((element) => element.getBoundingClientRect().bottom))
		.toBeCloseTo(phone.viewport.height, 0);
	await menu.getByRole("menuitem", { name: "Reply" }).tap();
	await expect(page.locator(".composer__above")).toContainText("touch me");
});

test("on a phone all touch targets are at least 44 pixels high and wide", async ({ join }) => {
	const bo = await join(unique("bo"));
	const { page, name } = await join(unique("ann"), phone);
	await openWith(bo.page, name);
	await send(bo.page, "hello");
	await expect(row(page, bo.name)).toBeVisible();
	expect(await tooSmall(page)).toEqual([]);
	await page.getByRole("button", { name: "Menu" }).tap();
	expect(await tooSmall(page)).toEqual([]);
	await page.keyboard.press("Escape");
	await row(page, bo.name).tap();
	await expect(composer(page)).toBeVisible();
	expect(await tooSmall(page)).toEqual([]);
	await page.getByRole("button", { name: "Emoji" }).tap();
	await expect(page.getByRole("grid")).toBeVisible();
	const emoji = await page.locator(".emoji__one").first().boundingBox();
	expect(Math.min(emoji?.width ?? 0, emoji?.height ?? 0)).toBeGreaterThanOrEqual(44);
});
