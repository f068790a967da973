// Not a test: pictures of the pages around the chat for people to look at.
import { join as path } from "node:path";
import { bubbles, expect, openWith, phone, say, send, test, unique } from "./support/people.js";

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
			await openWith(bo.page, ann.name);
			await openWith(ann.page, bo.name);
			await say(ann.page, "Shall I bring the good biscuits?");
			await send(bo.page, "Biscuits.");
			await expect(bubbles(ann.page)).toHaveCount(2);
			await ann.page.goto("/simpleui/");
			await picture(ann.page, "plain-list");
			await ann.page.goto(`/simpleui/?target=${encodeURIComponent(bo.name)}`);
			await expect(bubbles(ann.page)).toHaveCount(2);
			await picture(ann.page, "plain");
		});
	}
}
test.use({ tolerated: [/status of 404/] });
