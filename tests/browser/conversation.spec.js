// A conversation between two people, as both see it.
import {
	bubbles,
	choose,
	composer,
	expect,
	lookAway,
	lookBack,
	message,
	openWith,
	row,
	say,
	sayMany,
	send,
	test,
	unique,
} from "./support/people.js";

/**
 * Two people who have their conversation open.
 * @param {(name: string) => Promise<import("./support/people.js").Someone>} join
 */
async function two(join) {
	const ann = await join(unique("ann"));
	const bo = await join(unique("bo"));
	await openWith(ann.page, bo.name);
	await openWith(bo.page, ann.name);
	return { ann, bo };
}

test("a message is shown as sent, then delivered, then read", async ({ join }) => {
	const ann = await join(unique("ann"));
	const bo = await join(unique("bo"));
	await bo.page.close();
	await openWith(ann.page, bo.name);
	await send(ann.page, "Are you there?");
	const sent = message(ann.page, "Are you there?");
	await expect(sent).toContainText("Sent");
	const back = await bo.page.context().newPage();
	await back.goto("/");
	await expect(sent).toContainText("Delivered");
	await row(back, ann.name).click();
	await expect(sent).toContainText("Read");
});

test("a reply quotes the original message, and links to it", async ({ join }) => {
	const { ann, bo } = await two(join);
	await say(ann.page, "Which biscuits?");
	await sayMany(bo.page, ann.name, 40);
	await expect(message(bo.page, "message 40")).toBeVisible();
	await bo.page.reload();
	await expect(message(bo.page, "message 40")).toBeInViewport();
	await bo.page
		.getByRole("region", { name: /^Messages with/ })
		.evaluate((pane) => pane.scrollTo(0, 0));
	await expect(message(bo.page, "Which biscuits?")).toBeVisible();
	await choose(message(bo.page, "Which biscuits?"), "Reply");
	await expect(composer(bo.page)).toBeFocused();
	await send(bo.page, "The good ones.");
	const answer = message(ann.page, "The good ones.");
	await expect(answer.locator(".quote")).toContainText("Which biscuits?");
	await expect(answer).toBeInViewport();
	await answer.getByRole("button", { name: "Which biscuits?" }).click();
	await expect(message(ann.page, "Which biscuits?").first()).toBeInViewport();
	await ann.page.getByRole("button", { name: "To the newest message" }).click();
	await expect(answer).toBeInViewport();
});

test("a message is edited in place, and the draft is kept", async ({ join }) => {
	const { ann, bo } = await two(join);
	await send(ann.page, "Tusday at noon");
	await expect(message(bo.page, "Tusday at noon")).toBeVisible();
	await composer(ann.page).fill("half a thought");
	await choose(message(ann.page, "Tusday at noon"), "Edit");
	await expect(composer(ann.page)).toHaveValue("Tusday at noon");
	await composer(ann.page).fill("Tuesday at noon");
	await composer(ann.page).press("Enter");
	for (const { page } of [ann, bo]) {
		await expect(message(page, "Tuesday at noon")).toContainText("Edited");
	}
	await expect(composer(ann.page)).toHaveValue("half a thought");
	await composer(ann.page).fill("");
	await composer(ann.page).press("ArrowUp");
	await expect(composer(ann.page)).toHaveValue("Tuesday at noon");
	await composer(ann.page).press("Escape");
	await expect(composer(ann.page)).toHaveValue("");
});

test("a message is deleted for everyone, or only for oneself, after a confirmation", async ({
	join,
}) => {
	const { ann, bo } = await two(join);
	await send(ann.page, "one");
	await send(ann.page, "two");
	await expect(bubbles(bo.page)).toHaveText(["one", "two"]);
	await choose(message(ann.page, "one"), "Delete…");
	await ann.page.getByRole("button", { name: "Cancel" }).click();
	await choose(message(ann.page, "one"), "Delete…");
	await ann.page.getByRole("button", { name: "Delete for everyone" }).click();
	await expect(bubbles(bo.page)).toHaveText(["This message was deleted", "two"]);
	await expect(bubbles(ann.page)).toHaveText(["You deleted this message", "two"]);
	await choose(message(bo.page, "two"), "Delete…");
	await expect(bo.page.getByRole("button", { name: "Delete for everyone" })).toBeHidden();
	await bo.page.getByRole("button", { name: "Delete for me" }).click();
	await expect(bubbles(bo.page)).toHaveText(["This message was deleted"]);
	await expect(bubbles(ann.page)).toHaveText(["You deleted this message", "two"]);
});

test("reactions are added, seen at once, and removed", async ({ join }) => {
	const { ann, bo } = await two(join);
	await send(ann.page, "We won!");
	const there = message(bo.page, "We won!");
	await there.click({ button: "right" });
	await bo.page.getByRole("menuitem", { name: "React with 👍" }).click();
	const reaction = message(ann.page, "We won!").getByRole("button", { name: `👍 by ${bo.name}` });
	await expect(reaction).toBeVisible();
	await reaction.click();
	await expect(there.getByRole("button", { name: /^👍 by/ })).toContainText("2");
	await there.click({ button: "right" });
	await bo.page.getByRole("menuitem", { name: "Other emoji…" }).click();
	const picker = bo.page.getByRole("dialog", { name: "React" });
	await picker.getByRole("searchbox").fill("party popper");
	await picker.getByRole("button", { name: "party popper" }).click();
	await expect(message(ann.page, "We won!").getByRole("button", { name: /^🎉/ })).toBeVisible();
	await there.getByRole("button", { name: /^🎉/ }).click();
	await expect(there.getByRole("button", { name: /^🎉/ })).toBeHidden();
});

test("a message is forwarded to several people, and marked as forwarded", async ({ join }) => {
	const { ann, bo } = await two(join);
	const zed = await join(unique("zed"));
	await send(bo.page, "Kettle is on");
	await choose(message(ann.page, "Kettle is on"), "Forward…");
	const dialog = ann.page.getByRole("dialog", { name: "Forward to" });
	await dialog.getByRole("searchbox").fill(zed.name);
	await dialog.getByRole("checkbox", { name: zed.name }).check();
	await dialog.getByRole("searchbox").fill("");
	await dialog.getByRole("checkbox", { name: bo.name }).check();
	await dialog.getByRole("button", { name: "Forward" }).click();
	await expect(ann.page.getByText("Forwarded to 2 people")).toBeVisible();
	await expect(row(zed.page, ann.name)).toContainText("Kettle is on");
	await row(zed.page, ann.name).click();
	await expect(message(zed.page, "Kettle is on")).toContainText("Forwarded");
});

test("a message is copied as it was written", async ({ join }) => {
	const { ann } = await two(join);
	await ann.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
	await send(ann.page, "*bold* text");
	await choose(ann.page.locator(".bubble"), "Copy");
	await expect(ann.page.getByText("Copied")).toBeVisible();
	expect(await ann.page.evaluate(() => navigator.clipboard.readText())).toBe("*bold* text");
});

test("simple formatting and links are shown, and other markup is not", async ({ join }) => {
	const { ann, bo } = await two(join);
	await send(ann.page, "*bold* _italic_ ~gone~ `code` https://example.test/a_(b). <i>x</i>");
	const body = bubbles(bo.page).first();
	await expect(body.locator("strong")).toHaveText("bold");
	await expect(body.locator("em")).toHaveText("italic");
	await expect(body.locator("s")).toHaveText("gone");
	await expect(body.locator("code")).toHaveText("code");
	const link = body.getByRole("link", { name: "https://example.test/a_(b)", exact: true });
	await expect(link).toHaveAttribute("rel", /noopener/);
	await expect(body).toContainText("<i>x</i>");
});

test("emoji are picked by name or from recent ones, and a message with only emoji is big", async ({
	join,
}) => {
	const { ann, bo } = await two(join);
	await ann.page.getByRole("button", { name: "Emoji" }).click();
	await ann.page.getByRole("searchbox", { name: "Find an emoji" }).fill("hot bev");
	await ann.page.getByRole("button", { name: "hot beverage" }).click();
	await expect(composer(ann.page)).toHaveValue("☕");
	await ann.page.getByRole("button", { name: "Send" }).click();
	await expect(bubbles(bo.page).first()).toHaveClass(/bubble__body--big/);
	await ann.page.reload();
	await ann.page.getByRole("button", { name: "Emoji" }).click();
	await expect(ann.page.getByRole("tab", { name: "Recently used" })).toHaveAttribute(
		"aria-selected",
		"true",
	);
	await ann.page.keyboard.press("ArrowDown");
	await expect(ann.page.getByRole("button", { name: "hot beverage" })).toBeFocused();
	await ann.page.keyboard.press("Enter");
	await expect(composer(ann.page)).toHaveValue("☕");
});

test("messages received while the page is hidden are marked as new, and read on return", async ({
	join,
}) => {
	const { ann, bo } = await two(join);
	await send(bo.page, "before");
	await expect(bubbles(ann.page)).toHaveText(["before"]);
	await lookAway(ann.page);
	await send(bo.page, "meanwhile");
	await expect(bubbles(ann.page)).toHaveText(["before", "meanwhile"]);
	await expect(ann.page.getByText("New messages")).toBeVisible();
	await expect(ann.page).toHaveTitle(/^\(1\)/);
	await expect(message(bo.page, "meanwhile")).toContainText("Delivered");
	await lookBack(ann.page);
	await expect(message(bo.page, "meanwhile")).toContainText("Read");
	await expect(ann.page).not.toHaveTitle(/^\(/);
});

test("opening a conversation scrolls to its first new message", async ({ join }) => {
	const ann = await join(unique("ann"));
	const bo = await join(unique("bo"));
	await openWith(ann.page, bo.name);
	await sayMany(bo.page, ann.name, 20);
	await expect(message(ann.page, "message 20")).toBeInViewport();
	await expect(row(ann.page, bo.name)).not.toContainText("unread");
	await ann.page.keyboard.press("Escape");
	await sayMany(bo.page, ann.name, 20, 21);
	await expect(row(ann.page, bo.name)).toContainText("20 unread");
	await row(ann.page, bo.name).click();
	await expect(ann.page.getByText("New messages")).toBeInViewport();
	await expect(message(ann.page, "message 21")).toBeInViewport();
	await expect(row(ann.page, bo.name)).not.toContainText("unread");
});

test("after scrolling up, a button shows the number of new messages and leads to them", async ({
	join,
}) => {
	const { ann, bo } = await two(join);
	await sayMany(bo.page, ann.name, 40);
	const pane = ann.page.getByRole("region", { name: /^Messages with/ });
	await expect(message(ann.page, "message 40")).toBeInViewport();
	await pane.evaluate((element) => element.scrollBy(0, -600));
	await expect(ann.page.getByRole("button", { name: "To the newest message" })).toBeVisible();
	await send(bo.page, "down here");
	const down = ann.page.getByRole("button", { name: "To the newest message, 1 new" });
	await down.click();
	await expect(message(ann.page, "down here")).toBeInViewport();
	await expect(down).toBeHidden();
});

test("messages and their menus can be reached with the keyboard", async ({ join }) => {
	const { ann } = await two(join);
	await say(ann.page, "one");
	await say(ann.page, "two");
	await ann.page.getByRole("region", { name: /^Messages with/ }).focus();
	await ann.page.keyboard.press("ArrowUp");
	await expect(message(ann.page, "two")).toBeFocused();
	await ann.page.keyboard.press("ArrowUp");
	await expect(message(ann.page, "one")).toBeFocused();
	await ann.page.keyboard.press("Enter");
	await expect(ann.page.getByRole("menu")).toBeVisible();
	await ann.page.keyboard.press("r");
	await expect(ann.page.getByRole("menuitem", { name: "Reply" })).toBeFocused();
	await ann.page.keyboard.press("Enter");
	await expect(composer(ann.page)).toBeFocused();
	await expect(ann.page.locator(".composer__above")).toContainText("one");
});

test("a dialog explains the keyboard shortcuts", async ({ join }) => {
	const { page } = await join(unique("ann"));
	await page.getByRole("heading", { name: "Chinwag", exact: true }).click();
	await page.keyboard.press("?");
	const help = page.getByRole("dialog", { name: "Keyboard shortcuts" });
	await expect(help).toBeVisible();
	await page.keyboard.press("Escape");
	await expect(help).toBeHidden();
});
