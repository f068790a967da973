// The list of conversations, as its users see it.
import {
	choose,
	composer,
	expect,
	openWith,
	row,
	say,
	send,
	test,
	unique,
} from "./support/people.js";

test("a first message of a new person is at the top of the list, unread and announced once", async ({
	join,
}) => {
	const ann = await join(unique("ann"));
	await expect(ann.page.getByText("No conversations yet")).toBeVisible();
	const stranger = await join(unique("newcomer"));
	await openWith(stranger.page, ann.name);
	await send(stranger.page, "I am *new* here");

	const first = ann.page.locator(".row").first();
	await expect(first).toContainText(stranger.name);
	await expect(first).toContainText("I am new here");
	await expect(first).toContainText("1 unread");
	await expect(ann.page).toHaveTitle("(1) Chinwag");
	await expect(ann.page.locator("[aria-live=polite]")).toHaveText(
		`${stranger.name}: I am new here`,
	);

	await first.click();
	await expect(ann.page.locator(".bubble__body")).toHaveText(["I am new here"]);
	await expect(first).not.toContainText("unread");
	await expect(ann.page).toHaveTitle(`${stranger.name} · Chinwag`);
});

test("the icons of the page and of the app show unread messages until they are read", async ({
	join,
}) => {
	const bo = await join(unique("bo"));
	const { name, page } = await join(unique("ann"));
	await page.addInitScript(() => {
		const setBadge = (/** @type {string} */ shown) =>
			document.body.setAttribute("data-badge", shown);
		navigator.setAppBadge = async (count = 0) => setBadge(`${count}`);
		navigator.clearAppBadge = async () => setBadge("none");
	});
	await page.reload();
	const icon = page.locator('link[rel="icon"]');
	const badge = page.locator("body");
	await expect(badge).toHaveAttribute("data-badge", "none");
	await expect(icon).toHaveAttribute("href", /mark\.svg$/);

	await openWith(bo.page, name);
	await send(bo.page, "look here");
	await expect(badge).toHaveAttribute("data-badge", "1");
	await expect(icon).toHaveAttribute("href", /mark-unread\.svg$/);
	const drawing = await page.request.get((await icon.getAttribute("href")) ?? "");
	await expect(drawing).toBeOK();
	expect(drawing.headers()["content-type"]).toBe("image/svg+xml");

	await row(page, bo.name).click();
	await expect(badge).toHaveAttribute("data-badge", "none");
	await expect(icon).toHaveAttribute("href", /mark\.svg$/);
});

test("the newest conversation is first, with its last message and that message's state", async ({
	join,
}) => {
	const bo = await join(unique("bo"));
	const zed = await join(unique("zed"));
	const ann = await join(unique("ann"));
	const rows = ann.page.locator(".row");
	await openWith(bo.page, ann.name);
	await send(bo.page, "first");
	await expect(rows).toHaveText([/bo.*first/s]);
	await openWith(zed.page, ann.name);
	await send(zed.page, "second");
	await expect(rows).toHaveText([/zed.*second/s, /bo.*first/s]);
	await row(ann.page, bo.name).click();
	await send(ann.page, "answer");
	await expect(rows).toHaveText([/bo.*Read.*answer/s, /zed/]);
});

test("a read conversation is bold again after a new message", async ({ join }) => {
	const bo = await join(unique("bo"));
	const zed = await join(unique("zed"));
	const { page, name } = await join(unique("ann"));
	await openWith(page, zed.name);
	await say(page, "one");
	await openWith(page, bo.name);
	await say(page, "two");
	const preview = row(page, zed.name).locator(".row__preview");
	await expect(preview).toHaveCSS("font-weight", "400");
	await openWith(zed.page, name);
	await send(zed.page, "three");
	await expect(preview).toContainText("three");
	await expect(preview).toHaveCSS("font-weight", "600");
});

test("a conversation can be started with anyone on the server", async ({ join }) => {
	const bo = await join(unique("bo"));
	const { page } = await join(unique("ann"));
	await page.getByRole("button", { name: "New conversation" }).first().click();
	await page.getByRole("searchbox", { name: "Find a person by name" }).fill(bo.name);
	await page.getByRole("link", { name: bo.name }).click();
	await expect(composer(page)).toBeFocused();
	await send(page, "hello");
	await expect(row(page, bo.name)).toContainText("hello");
});

test("people are found by a prefix of their name, and conversations by any part", async ({
	join,
}) => {
	const quincy = await join(unique("quincy"));
	const { page } = await join(unique("ann"));
	const search = page.getByRole("searchbox", { name: "Search people and conversations" });
	await search.fill("quin");
	const results = page.getByRole("navigation", { name: "Search results" });
	await expect(results.getByRole("link", { name: quincy.name })).toBeVisible();
	await search.fill(`${quincy.name}-nobody`);
	await expect(page.getByText("Nobody is called")).toBeVisible();
	await search.fill(quincy.name);
	await expect(results.getByRole("link", { name: quincy.name })).toBeVisible();
	await search.press("Enter");
	await send(page, "hello");
	await search.fill(quincy.name.slice(3));
	await expect(results.getByRole("heading", { name: "Conversations" })).toBeVisible();
	await expect(results.getByRole("link", { name: quincy.name })).toBeVisible();
});

test("pinned conversations stay on top, on every screen", async ({ join }) => {
	const bo = await join(unique("bo"));
	const zed = await join(unique("zed"));
	const ann = await join(unique("ann"));
	const other = await ann.page.context().newPage();
	await other.goto("/");
	const rows = other.locator(".row");
	for (const { page, name } of [bo, zed]) {
		await openWith(page, ann.name);
		await send(page, "hello");
		await expect(rows.first()).toContainText(name);
	}
	await expect(rows).toHaveText([/zed/, /bo/]);
	await choose(row(ann.page, bo.name), "Pin to the top");
	await expect(rows).toHaveText([/bo/, /zed/]);
	await choose(row(ann.page, bo.name), "Unpin");
	await expect(rows).toHaveText([/zed/, /bo/]);
});

test("a conversation can be archived and taken out of the archive", async ({ join }) => {
	const bo = await join(unique("bo"));
	const { page, name } = await join(unique("ann"));
	await openWith(bo.page, name);
	await send(bo.page, "hello");
	await choose(row(page, bo.name), "Archive");
	await expect(row(page, bo.name)).toBeHidden();
	await page.getByRole("button", { name: "Archived 1" }).click();
	const archive = page.getByRole("navigation", { name: "Archived" });
	await choose(archive.getByRole("link", { name: bo.name }), "Take out of the archive");
	await expect(page.getByText("Nothing is archived.")).toBeVisible();
	await page.getByRole("button", { name: "Back", exact: true }).click();
	await expect(row(page, bo.name)).toBeVisible();
});

test("a muted conversation does not count as unread", async ({ join }) => {
	const bo = await join(unique("bo"));
	const { page, name } = await join(unique("ann"));
	await openWith(bo.page, name);
	await send(bo.page, "hello");
	await expect(page).toHaveTitle(/^\(1\)/);
	await choose(row(page, bo.name), "Mute…");
	await page.getByRole("menuitem", { name: "For 8 hours" }).click();
	await expect(row(page, bo.name)).toContainText("muted");
	await expect(page).toHaveTitle("Chinwag");
	await choose(row(page, bo.name), "Unmute");
	await expect(page).toHaveTitle(/^\(1\)/);
});

test("a conversation can be marked as unread, until it is opened", async ({ join }) => {
	const bo = await join(unique("bo"));
	const { page, name } = await join(unique("ann"));
	await openWith(bo.page, name);
	await send(bo.page, "later, please");
	await row(page, bo.name).click();
	await expect(page).toHaveTitle(/^bo/);
	await page.keyboard.press("Escape");
	await choose(row(page, bo.name), "Mark as unread");
	await expect(row(page, bo.name)).toContainText("marked as unread");
	await expect(page).toHaveTitle("(1) Chinwag");
	await row(page, bo.name).click();
	await expect(row(page, bo.name)).not.toContainText("marked as unread");
	await expect(page).not.toHaveTitle(/^\(/);
});

test("the list and the menu of a row work with the keyboard", async ({ join }) => {
	const bo = await join(unique("bo"));
	const zed = await join(unique("zed"));
	const { page, name } = await join(unique("ann"));
	for (const person of [bo, zed]) {
		await openWith(person.page, name);
		await say(person.page, "hello");
	}
	await expect(page.locator(".row").first()).toContainText(zed.name);
	await page.keyboard.press("Control+k");
	await page.keyboard.press("ArrowDown");
	await expect(row(page, zed.name)).toBeFocused();
	await page.keyboard.press("ArrowDown");
	await expect(row(page, bo.name)).toBeFocused();
	await page.keyboard.press("Shift+F10");
	await expect(page.getByRole("menuitem", { name: "Pin to the top" })).toBeFocused();
	await page.keyboard.press("Enter");
	await expect(page.locator(".row").first()).toContainText(bo.name);
	await expect(row(page, bo.name)).toBeFocused();
	await page.keyboard.press("Enter");
	await expect(composer(page)).toBeFocused();
	await page.keyboard.press("Alt+ArrowDown");
	await expect(page.getByRole("heading", { name: zed.name })).toBeVisible();
});

test("a shortcut starts a new conversation, from the list and from the archive", async ({
	join,
}) => {
	const { page } = await join(unique("ann"));
	const people = page.getByRole("searchbox", { name: "Find a person by name" });
	await expect(page.getByText("No conversations yet")).toBeVisible();
	await page.keyboard.press("Alt+KeyN");
	await expect(page.getByRole("heading", { name: "New conversation" })).toBeVisible();
	await expect(people).toBeFocused();
	await page.getByRole("button", { name: "Back" }).focus();
	await page.keyboard.press("Alt+KeyN");
	await expect(people).toBeFocused();
	await page.keyboard.press("Escape");
	await expect(people).toBeHidden();
	await page.getByRole("button", { name: "Menu", exact: true }).click();
	await page.getByRole("menuitem", { name: "Archived" }).click();
	await expect(page.getByRole("heading", { name: "Archived" })).toBeVisible();
	await page.keyboard.press("Alt+KeyN");
	await expect(people).toBeFocused();
});
