import { bubbles, composer, expect, openWith, row, send, test, unique } from "./support/people.js";

test("two people talk, each at an own browser", async ({ join }) => {
	const ann = await join(unique("ann"));
	const bo = await join(unique("bo"));
	await openWith(bo.page, ann.name);
	await openWith(ann.page, bo.name);
	await expect(ann.page.getByText("Say hello")).toBeVisible();

	await send(ann.page, "Is this on?");
	await expect(bubbles(ann.page)).toHaveText(["Is this on?"]);
	await expect(ann.page.getByText("Sent", { exact: true })).toBeAttached();
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

test("a stranger who writes appears at the top of the list, unread and announced", async ({
	join,
}) => {
	const ann = await join(unique("ann"));
	await expect(ann.page.getByRole("navigation", { name: "Conversations" })).toBeVisible();
	const stranger = await join(unique("newcomer"));
	await openWith(stranger.page, ann.name);
	await send(stranger.page, "I am new here");

	const first = ann.page.locator(".person").first();
	await expect(first).toContainText(stranger.name);
	await expect(first).toContainText("I am new here");
	await expect(first).toContainText("1 unread");
	await expect(ann.page).toHaveTitle(/^\(1\)/);
	await expect(ann.page.locator("[aria-live=polite]")).toHaveText(
		`${stranger.name}: I am new here`,
	);

	await first.click();
	await expect(bubbles(ann.page)).toHaveText(["I am new here"]);
	await expect(first).not.toContainText("unread");
	await expect(ann.page).not.toHaveTitle(/^\(/);
});

test("a person is found by the beginning of the name", async ({ join }) => {
	const name = unique("quincy");
	await join(name);
	const { page } = await join(unique("ann"));
	const search = page.getByRole("searchbox", { name: "Find a person by name" });
	await search.fill("quin");
	await expect(row(page, name)).toBeVisible();
	await search.fill(`${name}-nobody`);
	await expect(page.getByText("Nobody's name begins with")).toBeVisible();
	await search.fill(name);
	await expect(row(page, name)).toBeVisible();
	await search.press("Enter");
	await expect(composer(page)).toBeFocused();
});

test("markup and odd scripts stay text, in names and in messages", async ({ join }) => {
	const ann = await join(unique("אן_سلام"));
	const bo = await join(unique("bo"));
	const hostile = `<img src=x onerror="document.title='broken'"><b>&amp;</b> {{ 7*7 }} \u202eabc`;
	await openWith(bo.page, ann.name);
	await send(bo.page, hostile);
	await openWith(ann.page, bo.name);
	await expect(bubbles(ann.page)).toHaveText([hostile]);
	await expect(ann.page.locator(".bubble__body *")).toHaveCount(0);
	await expect(row(bo.page, ann.name)).toContainText("<b>");
	await ann.page.goto(`/simpleui/?target=${encodeURIComponent(bo.name)}`);
	await expect(bubbles(ann.page)).toHaveText([hostile]);
});

test("lines, spaces and links of a message are kept", async ({ join }) => {
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

test("a draft survives a reload and waits for its own conversation", async ({ join }) => {
	const bo = await join(unique("bo"));
	const zed = await join(unique("zed"));
	const { page } = await join(unique("ann"));
	await openWith(page, bo.name);
	await composer(page).fill("half a thought");
	await page.reload();
	await expect(composer(page)).toHaveValue("half a thought");
	await openWith(page, zed.name);
	await expect(composer(page)).toHaveValue("");
	await expect(row(page, bo.name)).toContainText("Draft: half a thought");
	await openWith(page, bo.name);
	await expect(composer(page)).toHaveValue("half a thought");
});

test("the Enter that ends an input method's composition does not send", async ({ join }) => {
	const bo = await join(unique("bo"));
	const { page } = await join(unique("ann"));
	await openWith(page, bo.name);
	await composer(page).focus();
	const input = await page.context().newCDPSession(page);
	await input.send("Input.imeSetComposition", {
		text: "にほん",
		selectionStart: 3,
		selectionEnd: 3,
	});
	await page.keyboard.press("Enter");
	await input.send("Input.insertText", { text: "日本" });
	await expect(composer(page)).toHaveValue(/日本/);
	await expect(bubbles(page)).toHaveCount(0);
	await page.keyboard.press("Enter");
	await expect(bubbles(page)).toHaveText([/日本/]);
});

test("a message that is too long is not sent and not lost", async ({ join }) => {
	const bo = await join(unique("bo"));
	const { page } = await join(unique("ann"));
	await openWith(page, bo.name);
	await composer(page).fill("é".repeat(32_769));
	await expect(page.getByRole("alert")).toContainText("too long by 2 bytes");
	await expect(page.getByRole("button", { name: "Send" })).toBeDisabled();
	await composer(page).press("Enter");
	await expect(bubbles(page)).toHaveCount(0);
	await send(page, "é".repeat(32_768));
	await expect(bubbles(page)).toHaveCount(1);
	await page.getByRole("button", { name: "Read on" }).click();
	await expect(bubbles(page)).toHaveText("é".repeat(32_768));
});

test("older messages come as one scrolls up, and the view does not jump", async ({ join }) => {
	const bo = await join(unique("bo"));
	const { page } = await join(unique("ann"));
	await page.evaluate(async (recipient) => {
		for (let number = 1; number <= 130; number += 1) {
			await fetch("/api/v1/message/", {
				method: "POST",
				headers: { "Content-Type": "application/json" },
				body: JSON.stringify({ recipient, body: `message ${number}` }),
			});
		}
	}, bo.name);
	await openWith(page, bo.name);
	const pane = page.getByRole("region", { name: /^Messages with/ });
	await expect(pane.getByText("message 130", { exact: true })).toBeInViewport();
	const before = await bubbles(page).count();
	expect(before).toBeLessThan(130);

	const watched = bubbles(page).first();
	const text = await watched.textContent();
	await pane.evaluate((element) => {
		element.scrollTop = 40;
	});
	const place = () => pane.getByText(text ?? "", { exact: true }).boundingBox();
	const top = (await place())?.y;
	await expect.poll(() => bubbles(page).count()).toBeGreaterThan(before);
	expect(Math.abs(((await place())?.y ?? 0) - (top ?? 0))).toBeLessThanOrEqual(2);

	await expect(async () => {
		await pane.evaluate((element) => {
			element.scrollTop = 0;
		});
		await expect(bubbles(page)).toHaveCount(130, { timeout: 500 });
	}).toPass();
	await expect(bubbles(page).first()).toHaveText("message 1");
	await page.getByRole("button", { name: "To the newest message" }).click();
	await expect(pane.getByText("message 130", { exact: true })).toBeInViewport();
});

test("a person who does not exist is said, and the text goes back", async ({ join }) => {
	const { page } = await join(unique("ann"));
	await openWith(page, "nobody-at-all");
	await send(page, "Hello?");
	await expect(page.getByText(/^Not sent\./)).toBeVisible();
	await page.getByRole("button", { name: "Discard" }).click();
	await expect(composer(page)).toHaveValue("Hello?");
	await expect(bubbles(page)).toHaveCount(0);
});
test.use({ tolerated: [/status of 404/] });
