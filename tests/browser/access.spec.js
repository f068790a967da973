import {
	bubbles,
	composer,
	expect,
	openWith,
	phone,
	row,
	say,
	send,
	seriousAxeViolations,
	test,
	unique,
} from "./support/people.js";

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
	test(`every screen is accessible (${colorScheme})`, async ({ join, visit }) => {
		const outside = await visit({ colorScheme });
		for (const path of ["/login/", "/signup/", "/api/docs", "/no-such-page"]) {
			await outside.goto(path);
			expect(await seriousAxeViolations(outside), path).toEqual([]);
		}
		await outside.goto("/signup/");
		await outside.getByLabel("Password", { exact: true }).fill("password");
		await outside.getByRole("button", { name: "Create account" }).click();
		await expect(outside.locator(".field__error").first()).toBeVisible();
		expect(await seriousAxeViolations(outside), "sign-up with errors").toEqual([]);

		const bo = await join(unique("bo"));
		const ann = await join(unique("ann"), { colorScheme });
		const { page } = ann;
		await expect(page.getByText("No conversations yet")).toBeVisible();
		expect(await seriousAxeViolations(page), "empty list").toEqual([]);
		await openWith(bo.page, ann.name);
		await send(bo.page, "unread https://example.test");
		await expect(page.getByText("1 unread")).toBeVisible();
		expect(await seriousAxeViolations(page), "list with unread").toEqual([]);
		await openWith(page, bo.name);
		await send(page, "answer");
		await expect(bubbles(page)).toHaveCount(2);
		await composer(page).fill("x".repeat(70_000));
		expect(await seriousAxeViolations(page), "conversation").toEqual([]);
		await composer(page).fill("");
		await page.setViewportSize(phone.viewport);
		expect(await seriousAxeViolations(page), "conversation on a phone").toEqual([]);
		await page.goto("/simpleui/");
		expect(await seriousAxeViolations(page), "plain list").toEqual([]);
		await page.goto(`/simpleui/?target=${encodeURIComponent(bo.name)}`);
		expect(await seriousAxeViolations(page), "plain conversation").toEqual([]);
	});
}

test("the list and the conversation work with the keyboard alone", async ({ join }) => {
	const bo = await join(unique("bo"));
	const zed = await join(unique("zed"));
	const ann = await join(unique("ann"));
	for (const { page } of [bo, zed]) {
		await openWith(page, ann.name);
		await say(page, "hello");
	}
	const { page } = ann;
	await expect(page.locator(".row").first()).toContainText(zed.name);
	await page.getByRole("searchbox").focus();
	await page.keyboard.press("Tab");
	await expect(row(page, zed.name)).toBeFocused();
	await page.keyboard.press("ArrowDown");
	await expect(row(page, bo.name)).toBeFocused();
	await page.keyboard.press("Home");
	await page.keyboard.press("ArrowDown");
	await page.keyboard.press("Enter");
	await expect(composer(page)).toBeFocused();
	await page.keyboard.type("typed");
	await page.keyboard.press("Enter");
	await expect(bubbles(page)).toHaveText(["hello", "typed"]);
	await page.keyboard.press("Escape");
	await expect(composer(page)).toBeHidden();
	await expect(row(page, bo.name)).toBeFocused();
});
test.use({ tolerated: [/status of 404/] });
