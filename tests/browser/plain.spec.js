import { bubbles, expect, openWith, send, signUp, test, unique } from "./support/people.js";

/** @param {import("@playwright/test").Page} page @param {string} name */
async function openPlain(page, name) {
	await page.goto(`/simpleui/?target=${encodeURIComponent(name)}`);
	await expect(page.getByRole("heading", { name, exact: true })).toBeVisible();
}

test("the plain page works without scripts", async ({ join, visit }) => {
	const bo = await join(unique("bo"));
	const page = await visit({ javaScriptEnabled: false });
	const name = unique("ann");
	await signUp(page, name);
	await page.goto("/");
	await page.getByRole("link", { name: "Use the plain page" }).click();
	await page.getByRole("searchbox").fill(bo.name);
	await page.getByRole("button", { name: "Find" }).click();
	await page.getByRole("link", { name: bo.name }).click();
	await page.getByLabel(/^Message to/).fill("No script needed");
	await page.getByRole("button", { name: "Send" }).click();
	await expect(bubbles(page)).toHaveText(["No script needed"]);
	await page.getByLabel(/^Message to/).fill("   ");
	await page.getByRole("button", { name: "Send" }).click();
	await expect(page.getByLabel(/^Message to/)).toHaveAttribute("aria-invalid", "true");
	await openWith(bo.page, name);
	await expect(bubbles(bo.page)).toHaveText(["No script needed"]);
	await page.getByRole("button", { name: "Log out" }).click();
	await expect(page).toHaveURL(/\/login\//);
});

test("with scripts the plain page is live, and updates do not disturb typing", async ({ join }) => {
	const ann = await join(unique("ann"));
	const bo = await join(unique("bo"));
	await openPlain(ann.page, bo.name);
	await ann.page.getByLabel(/^Message to/).fill("half a thought");
	await openWith(bo.page, ann.name);
	await send(bo.page, "one");
	await send(bo.page, "two");
	await expect(bubbles(ann.page)).toHaveText(["one", "two"]);
	await expect(ann.page.getByLabel(/^Message to/)).toHaveValue("half a thought");
	await ann.page.reload();
	await expect(bubbles(ann.page)).toHaveText(["one", "two"]);
	await expect(ann.page.getByLabel(/^Message to/)).toHaveValue("half a thought");
	await ann.page.getByRole("button", { name: "Send" }).click();
	await expect(bubbles(ann.page)).toHaveText(["one", "two", "half a thought"]);
	await expect(ann.page.getByLabel(/^Message to/)).toHaveValue("");
	await expect(bubbles(bo.page)).toHaveText(["one", "two", "half a thought"]);
});

test("a double click sends once", async ({ visit, join }) => {
	const bo = await join(unique("bo"));
	const page = await visit({ javaScriptEnabled: false });
	await signUp(page, unique("ann"));
	await openPlain(page, bo.name);
	await page.getByLabel(/^Message to/).fill("once");
	await page.getByRole("button", { name: "Send" }).dblclick();
	await expect(bubbles(page)).toHaveText(["once"]);
	await page.reload();
	await expect(bubbles(page)).toHaveText(["once"]);
});
test.use({ tolerated: [/status of 400/] });
