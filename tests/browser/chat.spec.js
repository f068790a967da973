import {
	bubbles,
	composer,
	expect,
	message,
	openWith,
	refuse,
	send,
	test,
	unique,
} from "./support/people.js";

test("two people chat from separate browsers", async ({ join }) => {
	const ann = await join(unique("ann"));
	const bo = await join(unique("bo"));
	await openWith(bo.page, ann.name);
	await openWith(ann.page, bo.name);
	await expect(ann.page.getByText("Nothing said yet.")).toBeVisible();

	await send(ann.page, "Is this on?");
	await expect(bubbles(ann.page)).toHaveText(["Is this on?"]);
	await expect(message(ann.page, "Is this on?")).toContainText("Read");
	await expect(bubbles(bo.page)).toHaveText(["Is this on?"]);

	await composer(bo.page).fill("Loud and clear");
	await composer(bo.page).press("Enter");
	await expect(bubbles(ann.page)).toHaveText(["Is this on?", "Loud and clear"]);
	await expect(bubbles(bo.page)).toHaveText(["Is this on?", "Loud and clear"]);
	await expect(ann.page.getByText("Today")).toBeVisible();

	for (const { page } of [ann, bo]) {
		await page.reload();
		await expect(bubbles(page)).toHaveText(["Is this on?", "Loud and clear"]);
	}
});

test("line breaks, spaces and links of a message are kept", async ({ join }) => {
	const ann = await join(unique("ann"));
	const bo = await join(unique("bo"));
	await openWith(ann.page, bo.name);
	await composer(ann.page).pressSequentially("one");
	await composer(ann.page).press("Shift+Enter");
	await composer(ann.page).pressSequentially("  two https://example.test/a_(b).");
	await composer(ann.page).press("Enter");
	await expect(bubbles(ann.page)).toHaveText("one\n  two https://example.test/a_(b).", {
		useInnerText: true,
	});
	const link = ann.page.getByRole("link", { name: "https://example.test/a_(b)", exact: true });
	await expect(link).toHaveAttribute("rel", /noopener/);
});

test("a message that is too long is not sent and not lost", async ({ join }) => {
	const bo = await join(unique("bo"));
	const { page } = await join(unique("ann"));
	await openWith(page, bo.name);
	await composer(page).fill("é".repeat(32_769));
	await expect(page.locator(".composer [role=alert]")).toContainText("too long by 2 bytes");
	await expect(page.getByRole("button", { name: "Send" })).toBeDisabled();
	await composer(page).press("Enter");
	await expect(bubbles(page)).toHaveCount(0);
	await send(page, "é".repeat(32_768));
	await expect(bubbles(page)).toHaveCount(1);
	await page.getByRole("button", { name: "Read on" }).click();
	await expect(bubbles(page)).toHaveText("é".repeat(32_768));
});

test("an unknown person is reported, and has no composer", async ({ join }) => {
	const { page } = await join(unique("ann"));
	for (const address of ["/#/p/nobody-at-all", "/#nobody-at-all"]) {
		await page.goto(address);
		await expect(page.getByText("Nobody here is called nobody-at-all.")).toBeVisible();
		await expect(composer(page)).toHaveCount(0);
	}
	await page.goto("/#/c/4000000000");
	await expect(page.getByText("There is no such conversation.")).toBeVisible();
});

test("a message to a missing person fails, and can be taken back as a draft", async ({ join }) => {
	const bo = await join(unique("bo"));
	const { page } = await join(unique("ann"));
	await openWith(page, bo.name);
	await page.route("**/api/v1/message/", (route) =>
		refuse(route, 404, { code: "no_such_recipient", detail: "There is nobody of this name." }),
	);
	await send(page, "Hello?");
	await expect(page.getByText(/^Not sent\./)).toBeVisible();
	await page.getByRole("button", { name: "Discard" }).click();
	await expect(composer(page)).toHaveValue("Hello?");
	await expect(bubbles(page)).toHaveCount(0);
});
test.use({ tolerated: [/status of 404/] });
