// What people see of each other: names, presence, typing, receipts and blocks.
import {
	bubbles,
	choose,
	composer,
	expect,
	introduce,
	lookAway,
	message,
	openWith,
	row,
	send,
	test,
	unique,
} from "./support/people.js";

test("markup in names and messages is shown as text", async ({ join }) => {
	const ann = await join(unique("ann"));
	const bo = await join(unique("bo"));
	const hostile = `<img src=x onerror="document.title='broken'"><b>&amp;</b> {{ 7*7 }} \u202eabc`;
	await introduce(bo.page, { display_name: `<b onclick="x()">&lt;</b>` });
	await openWith(bo.page, ann.name);
	await send(bo.page, hostile);
	await expect(row(ann.page, `<b onclick="x()">&lt;</b>`)).toContainText("<img src=x");
	await row(ann.page, "<b onclick").click();
	await expect(bubbles(ann.page)).toHaveText([hostile]);
	await expect(ann.page.locator(".bubble__body *")).toHaveCount(0);
	await expect(ann.page).toHaveTitle(/^<b onclick="x\(\)">&lt;<\/b>/);
});

test("right-to-left and very wide names fit into the page", async ({ join }) => {
	const wide = unique(`W${"w".repeat(130)}`).slice(-150);
	const far = unique("אן_سلام");
	const ann = await join(unique("ann"));
	for (const name of [wide, far]) {
		const { page } = await join(name);
		await openWith(page, ann.name);
		await send(page, "hello");
	}
	const { page } = ann;
	for (const name of [wide, far]) {
		const entry = row(page, name);
		await expect(entry).toBeVisible();
		const box = await entry.boundingBox();
		const label = await entry.locator(".row__name").boundingBox();
		const time = await entry.locator(".row__time").boundingBox();
		expect((label?.x ?? 0) + (label?.width ?? 0)).toBeLessThanOrEqual(time?.x ?? 0);
		expect((time?.x ?? 0) + (time?.width ?? 0)).toBeLessThanOrEqual(
			(box?.x ?? 0) + (box?.width ?? 0),
		);
		await entry.click();
		await expect(page.getByRole("heading", { name, exact: true })).toBeVisible();
		expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(1280);
	}
});

test("messages of a blocked person do not arrive until they are unblocked", async ({ join }) => {
	const ann = await join(unique("ann"));
	const bo = await join(unique("bo"));
	await openWith(ann.page, bo.name);
	await openWith(bo.page, ann.name);
	await send(bo.page, "before");
	await expect(bubbles(ann.page)).toHaveText(["before"]);
	await ann.page.getByRole("button", { name: "Conversation options" }).click();
	await ann.page.getByRole("menuitem", { name: "Block" }).click();
	await ann.page.getByRole("dialog").getByRole("button", { name: "Block" }).click();
	await expect(ann.page.getByText("You blocked this person.")).toBeVisible();
	await expect(composer(ann.page)).toBeHidden();
	await send(bo.page, "unheard");
	await expect(message(bo.page, "unheard")).toContainText("Sent");
	await ann.page.getByRole("button", { name: "Unblock" }).click();
	await expect(composer(ann.page)).toBeVisible();
	await send(bo.page, "heard again");
	await expect(bubbles(ann.page)).toHaveText(["before", "heard again"]);
});

test("typing is shown in the list and in the conversation, and ends", async ({ join }) => {
	const bo = await join(unique("bo"));
	const ann = await join(unique("ann"));
	await openWith(bo.page, ann.name);
	await send(bo.page, "hello");
	await expect(row(ann.page, bo.name)).toContainText("hello");
	/** Types until it is shown there. @param {import("@playwright/test").Locator} place */
	const typesUntilSeen = (place) =>
		expect(async () => {
			await composer(bo.page).pressSequentially("m");
			await expect(place).toContainText("typing…", { timeout: 500 });
		}).toPass();
	await typesUntilSeen(row(ann.page, bo.name));
	await row(ann.page, bo.name).click();
	await typesUntilSeen(ann.page.locator(".conversation__presence"));
	await expect(row(ann.page, bo.name)).toContainText("hello", { timeout: 15_000 });
});

test("the header shows presence and the last seen time", async ({ join }) => {
	const bo = await join(unique("bo"));
	const ann = await join(unique("ann"));
	await openWith(bo.page, ann.name);
	await send(bo.page, "hello");
	await row(ann.page, bo.name).click();
	const presence = ann.page.locator(".conversation__presence");
	await expect(presence).toHaveText("online");
	await lookAway(bo.page);
	await expect(presence).toHaveText(/^last seen today at \d\d:\d\d$/);
});

test("the details of a message show when it was delivered and read", async ({ join }) => {
	const ann = await join(unique("ann"));
	const bo = await join(unique("bo"));
	await openWith(ann.page, bo.name);
	await openWith(bo.page, ann.name);
	await send(ann.page, "Are you there?");
	const sent = message(ann.page, "Are you there?");
	await expect(sent).toContainText("Read");
	await choose(sent, "Details");
	const details = ann.page.getByRole("dialog", { name: "Message details" });
	await expect(details).toContainText(/Delivered.*2\d\d\d.*Read.*2\d\d\d/s);
	await details.getByRole("button", { name: "Close" }).click();
	await expect(details).toBeHidden();
});
