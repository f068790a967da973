// The other person's profile, with mute, archive and block.
import {
	composer,
	expect,
	introduce,
	message,
	openWith,
	phone,
	row,
	sayMany,
	send,
	seriousAxeViolations,
	test,
	unique,
} from "./support/people.js";
import { panel } from "./support/settings.js";
import { fits, photograph, tooSmall } from "./support/sight.js";

/** @typedef {import("@playwright/test").Page} Page */

/** Sets a profile and a picture. @param {Page} page @param {Record<string, string>} changes */
async function setProfile(page, changes) {
	const { mimeType, buffer } = await photograph(page);
	await introduce(page, changes);
	const shown = await page.request.put("/api/v1/me/avatar/", {
		data: buffer,
		headers: { "Content-Type": mimeType },
	});
	await expect(shown).toBeOK();
}

/** @param {Page} page */
const header = (page) => page.locator(".conversation__header");

/** Opens the profile by the name above the conversation. @param {Page} page @param {string} name */
const openProfile = (page, name) => header(page).getByRole("button", { name }).click();

/** @param {Page} page @param {string} name */
const entry = (page, name) => panel(page).getByRole("button", { name, exact: true });

test("a click on the name opens the profile, and Escape closes it", async ({ join }) => {
	const bo = await join(unique("bo"));
	const { page, name } = await join(unique("ann"));
	await setProfile(bo.page, { display_name: "Bo Kettleworth", about: "Biscuits first." });
	await openWith(bo.page, name);
	await send(bo.page, "hello");
	await row(page, "Bo Kettleworth").click();
	await openProfile(page, "Bo Kettleworth");
	const profile = page.getByRole("region", { name: "Profile" });
	await expect(profile.getByRole("heading", { name: "Bo Kettleworth" })).toBeVisible();
	await expect(profile).toContainText(`@${bo.name}`);
	await expect(profile).toContainText("Biscuits first.");
	await expect(profile).toContainText("online");
	await expect(profile.locator(".badge__picture")).toBeVisible();
	await expect(profile.getByRole("button", { name: "Close the profile" })).toBeFocused();
	await expect(composer(page)).toBeVisible();
	expect(await seriousAxeViolations(page)).toEqual([]);
	await page.keyboard.press("Escape");
	await expect(profile).toBeHidden();
	await expect(header(page).getByRole("button", { name: "Bo Kettleworth" })).toBeFocused();
	await page.keyboard.press("Enter");
	await expect(profile).toBeVisible();
	await bo.page.request.patch("/api/v1/me/", { data: { about: "Tea first." } });
	await expect(profile).toContainText("Tea first.");
	await page.goBack();
	await expect(profile).toBeHidden();
	await expect(composer(page)).toBeVisible();
});

test("a profile has buttons to mute, archive and block", async ({ join }) => {
	const bo = await join(unique("bo"));
	const { page, name } = await join(unique("ann"));
	await openWith(bo.page, name);
	await send(bo.page, "hello");
	await row(page, bo.name).click();
	await openProfile(page, bo.name);
	await entry(page, "Mute…").click();
	await entry(page, "For a week").click();
	await expect(row(page, bo.name)).toContainText("muted");
	await expect(panel(page)).toContainText("Muted until:");
	await panel(page).getByRole("button", { name: "Unmute" }).click();
	await expect(row(page, bo.name)).not.toContainText("muted");
	await entry(page, "Mute…").click();
	await entry(page, "Until I unmute it").click();
	await expect(panel(page)).toContainText("Muted until you unmute it");

	await entry(page, "Archive").click();
	await expect(row(page, bo.name)).toBeHidden();
	await entry(page, "Take out of the archive").click();
	await expect(row(page, bo.name)).toBeVisible();

	await entry(page, "Block").click();
	await page.getByRole("dialog").getByRole("button", { name: "Block" }).click();
	await expect(page.getByText("You blocked this person.")).toBeVisible();
	await entry(page, "Unblock").click();
	await expect(composer(page)).toBeVisible();
});

test("on a phone the profile fills the screen, and Back returns to the same message", async ({
	join,
}) => {
	const bo = await join(unique("bo"));
	const { page, name } = await join(unique("ann"), phone);
	await sayMany(page, bo.name, 60);
	await row(page, bo.name).tap();
	const pane = page.getByRole("region", { name: /^Messages with/ });
	await expect(pane.getByText("message 60", { exact: true })).toBeInViewport();
	await pane.evaluate((element) => element.scrollTo(0, 400));
	const [watched] = await pane
		.locator(".bubble")
		.evaluateAll((all) =>
			all
				.filter((bubble) => bubble.getBoundingClientRect().top > 200)
				.map((bubble) => bubble.querySelector(".bubble__body")?.textContent ?? ""),
		);
	const place = async () => (await message(page, watched).boundingBox())?.y ?? 0;
	const before = await place();
	await header(page).getByRole("button", { name: bo.name }).tap();
	await expect(panel(page)).toHaveCSS("width", "390px");
	await expect(panel(page).getByRole("heading", { name: bo.name })).toBeVisible();
	await entry(page, "Mute…").tap();
	expect(await tooSmall(page)).toEqual([]);
	expect(await fits(page)).toBe(true);
	expect(await seriousAxeViolations(page)).toEqual([]);
	await openWith(bo.page, name);
	await send(bo.page, "Nobody sees this yet");
	await expect(page).toHaveTitle(/^\(1\)/);
	await page.goBack();
	await expect(panel(page)).toBeHidden();
	await expect(page).not.toHaveTitle(/^\(1\)/);
	expect(Math.abs((await place()) - before)).toBeLessThanOrEqual(2);
	await page.goBack();
	await expect(row(page, bo.name)).toBeVisible();
});

test("a person without messages has a name and a picture too", async ({ join }) => {
	const bo = await join(unique("bo"));
	const { page } = await join(unique("ann"));
	const called = `Zebedee ${unique("")}`;
	await setProfile(bo.page, { display_name: called });
	await page.getByRole("button", { name: "New conversation" }).first().click();
	await page.getByRole("searchbox", { name: "Find a person by name" }).fill(called);
	const found = page.getByRole("link", { name: called });
	await expect(found.locator(".badge__picture")).toBeVisible();
	await found.click();
	await expect(header(page).locator(".badge__picture")).toBeVisible();
	await openProfile(page, called);
	await expect(panel(page)).toContainText(`@${bo.name}`);
	await expect(entry(page, "Archive")).toBeHidden();
	await entry(page, "Block").click();
	await page.getByRole("dialog").getByRole("button", { name: "Block" }).click();
	await expect(page.getByText("You blocked this person.")).toBeVisible();
	await entry(page, "Unblock").click();
	await expect(composer(page)).toBeVisible();
});

test("long and right-to-left names fit into the profile, which is on the left in Arabic", async ({
	join,
}) => {
	const bo = await join(unique("bo"));
	const { page, name } = await join(unique("ann"), { ...phone, locale: "ar-EG" });
	await setProfile(bo.page, { display_name: "W".repeat(64), about: `سلام ${"w".repeat(130)}` });
	await openWith(bo.page, name);
	await send(bo.page, "hello");
	await page.goto(`/#/p/${encodeURIComponent(bo.name)}/profile`);
	await expect(panel(page).getByRole("heading", { name: "W".repeat(64) })).toBeVisible();
	await expect(panel(page)).toContainText("سلام");
	expect(await fits(page)).toBe(true);
	const close = page.getByRole("button", { name: "إغلاق الملف الشخصي" });
	await expect.poll(async () => (await close.boundingBox())?.x ?? 0).toBeGreaterThan(300);
	await page.setViewportSize({ width: 1280, height: 800 });
	await expect.poll(async () => (await panel(page).boundingBox())?.x ?? 1).toBeLessThanOrEqual(1);
});
