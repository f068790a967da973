// Two people use one browser, one after the other and with pages of both open: what a page sends, saves, reads and shows is
// its own person's, or nothing.

import {
	bubbles,
	choose,
	composer,
	expect,
	message,
	openWith,
	PASSWORD,
	row,
	say,
	send,
	test,
	unique,
} from "./support/people.js";
import { HttpProxy } from "./support/proxy.js";

/** @typedef {import("@playwright/test").Page} Page */

test.use({ tolerated: [/ERR_|WebSocket|status of (401|403|409|50\d)/] });

/** Logs in in this browser as somebody else, without leaving the page. @param {Page} page @param {string} username */
async function logInAs(page, username) {
	const form = { username, password: PASSWORD };
	await expect(await page.request.post("/login/", { form })).toBeOK();
}

/** Whose page it is; nobody's where one logs in, and while one page gives way to another. @param {Page} page */
const owner = (page) =>
	page
		.evaluate(
			() => document.querySelector('meta[name="chinwag-me"]')?.getAttribute("content") ?? "",
		)
		.catch(() => "");

/** What is written and read from a page, one thing at a time. @type {Record<string, (page: Page, other: string) => Promise<unknown>>} */
const DEEDS = {
	"edits a message": async (page) => {
		await choose(message(page, "mine"), "Edit");
		await composer(page).fill("changed");
		await page.keyboard.press("Enter");
	},
	"deletes a message": async (page) => {
		await choose(message(page, "mine"), "Delete…");
		await page.getByRole("button", { name: "Delete for everyone" }).click();
	},
	"reacts to a message": async (page) => {
		await message(page, "mine").click({ button: "right" });
		await page.getByRole("menuitem", { name: /👍/ }).click();
	},
	"pins a conversation": async (page, other) => choose(row(page, other), "Pin to the top"),
	"asks for a message's details": (page) => choose(message(page, "mine"), "Details"),
	"searches people": (page) => page.getByRole("searchbox").fill("a"),
	"opens its logins": async (page) => {
		await page.goto("/#/settings/logins");
	},
	// Last: it waits until its writer is back.
	"sends a message": (page) => send(page, "not theirs"),
};

test("the page of the one before leaves with whatever it does, and nothing of it happens", async ({
	join,
	server,
}) => {
	test.setTimeout(180_000);
	const bo = await join(unique("bo"));
	const zed = await join(unique("zed"));
	const between = await HttpProxy.start(server.address);
	const ann = await join(unique("ann"), { baseURL: between.address });
	await openWith(ann.page, bo.name);
	await say(ann.page, "mine");
	await openWith(bo.page, ann.name);
	for (const [deed, happen] of Object.entries(DEEDS)) {
		await test.step(deed, async () => {
			await ann.page.goto("about:blank");
			between.foreign = null;
			await logInAs(ann.page, ann.name);
			await openWith(ann.page, bo.name);
			await expect(bubbles(ann.page)).toHaveText(["mine"]);
			// Nothing comes by itself, so that only the answer to what it does can tell it.
			const deaf = { status: 502, body: "" };
			between.foreign = (path) => (path.startsWith("/api/v1/sync/") ? deaf : null);
			between.cut();
			await logInAs(ann.page, zed.name);
			await happen(ann.page, bo.name);
			await expect.poll(() => owner(ann.page), { timeout: 15_000 }).toBe(zed.name);
			await expect(ann.page.getByText("mine")).toHaveCount(0);
			await expect(bubbles(bo.page)).toHaveText(["mine"]);
			await expect(row(bo.page, zed.name)).toHaveCount(0);
		});
	}
	await between.stop();
});

test("without a socket the page of the one before leaves as well, by itself", async ({
	join,
	server,
}) => {
	const zed = await join(unique("zed"));
	const between = await HttpProxy.start(server.address);
	const ann = await join(unique("ann"), { baseURL: between.address });
	between.upgrades = "refused";
	between.cut();
	await logInAs(ann.page, zed.name);
	// The old login may have ended before this browser has got the new one.
	await expect.poll(() => owner(ann.page), { timeout: 15_000 }).not.toBe(ann.name);
	await expect(async () => {
		await ann.page.goto("/");
		expect(await owner(ann.page)).toBe(zed.name);
	}).toPass({ timeout: 15_000 });
	await between.stop();
});

test("with its socket open the page of the one before leaves at once, by itself", async ({
	join,
}) => {
	const bo = await join(unique("bo"));
	const zed = await join(unique("zed"));
	const ann = await join(unique("ann"));
	await openWith(ann.page, bo.name);
	await say(ann.page, "mine");
	await openWith(bo.page, ann.name);
	await logInAs(ann.page, zed.name);
	await expect.poll(() => owner(ann.page)).toBe(zed.name);
	await send(bo.page, "for ann alone");
	await expect(ann.page.getByText("for ann alone")).toHaveCount(0);
	await expect(ann.page.getByText("mine")).toHaveCount(0);
});

test("a sign-up in another tab ends the page of the one before as well", async ({ join }) => {
	const bo = await join(unique("bo"));
	const ann = await join(unique("ann"));
	await openWith(ann.page, bo.name);
	await say(ann.page, "mine");
	const name = unique("new");
	const form = {
		username: name,
		email: `${name}@example.test`,
		password1: PASSWORD,
		password2: PASSWORD,
	};
	await expect(await ann.page.request.post("/signup/", { form })).toBeOK();
	await expect.poll(() => owner(ann.page)).toBe(name);
});

test("messages that wait stay their writer's, and go out when they are back", async ({ join }) => {
	const bo = await join(unique("bo"));
	const zed = await join(unique("zed"));
	const ann = await join(unique("ann"));
	const { page } = ann;
	await openWith(page, bo.name);
	await say(page, "mine");
	await openWith(bo.page, ann.name);
	await page.context().setOffline(true);
	await expect(page.getByText("Offline: messages will be sent")).toBeVisible();
	await send(page, "waits");
	await expect(message(page, "waits")).toContainText("Waiting to be sent");
	// `request` has a connection of its own.
	await logInAs(page, zed.name);
	await page.context().setOffline(false);
	await expect.poll(() => owner(page)).toBe(zed.name);
	await openWith(page, bo.name);
	await expect(page.locator(".bubble")).toHaveCount(0);
	await say(page, "from zed");
	await expect(bubbles(bo.page)).toHaveText(["mine"]);

	await logInAs(page, ann.name);
	await expect.poll(() => owner(page)).toBe(ann.name);
	await expect(bubbles(bo.page)).toHaveText(["mine", "waits"]);
});
