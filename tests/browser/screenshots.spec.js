// Not a test: pictures of the screens for people to look at.
import { join as path } from "node:path";
import { bubbles, expect, openWith, phone, row, send, test, unique } from "./support/people.js";

const folder = process.env.SCREENS ?? "test-results/screens";
const sizes = { desktop: { viewport: { width: 1280, height: 800 } }, phone };

for (const [size, options] of Object.entries(sizes)) {
	for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
		test(`pictures: ${size}, ${colorScheme}`, async ({ join, visit }) => {
			/** @param {import("@playwright/test").Page} page @param {string} name */
			const picture = (page, name) =>
				page.screenshot({ path: path(folder, `${name}-${size}-${colorScheme}.png`) });
			const look = { ...options, colorScheme };

			const outside = await visit(look);
			await outside.goto("/login/");
			await picture(outside, "login");
			await outside.goto("/signup/");
			await outside.getByRole("button", { name: "Create account" }).click();
			await expect(outside.locator(".field__error").first()).toBeVisible();
			await picture(outside, "signup");
			await outside.goto("/no-such-page");
			await picture(outside, "problem");
			await outside.goto("/api/docs");
			await picture(outside, "docs");

			const ann = await join(unique("ann"), look);
			const bo = await join(unique("bo"));
			const zed = await join(unique("zoë"));
			const far = await join(unique("سلام"));
			await openWith(zed.page, ann.name);
			await send(zed.page, "The minutes of Tuesday's meeting are in the folder, as promised.");
			await openWith(far.page, ann.name);
			await send(far.page, "مرحبا! كيف حالك اليوم؟");
			await openWith(bo.page, ann.name);
			await send(bo.page, "Kettle's on ☕");
			await ann.page.goto("/");
			await expect(row(ann.page, bo.name)).toBeVisible();
			await picture(ann.page, "list");
			await openWith(ann.page, bo.name);
			await send(
				ann.page,
				"On my way. Shall I bring the good biscuits, or are we pretending to be healthy this week?",
			);
			await send(bo.page, "Biscuits.");
			await send(bo.page, "Obviously: https://example.test/biscuits?kind=good");
			await send(zed.page, "And a question about the agenda");
			await expect(bubbles(ann.page).last()).toContainText("Obviously");
			await picture(ann.page, "conversation");
			await ann.page.goto("/simpleui/");
			await picture(ann.page, "plain-list");
			await ann.page.goto(`/simpleui/?target=${encodeURIComponent(bo.name)}`);
			await expect(ann.page.getByText("Biscuits.", { exact: true })).toBeVisible();
			await picture(ann.page, "plain");
		});
	}
}
test.use({ tolerated: [/status of 404/] });
