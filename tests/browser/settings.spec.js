// The own profile and settings.
import {
	composer,
	expect,
	openWith,
	phone,
	refuse,
	row,
	send,
	test,
	unique,
} from "./support/people.js";
import { openSettings, panel, toggle } from "./support/settings.js";
import { fits, photograph, tooSmall } from "./support/sight.js";

test.use({ tolerated: [/ERR_|WebSocket|Failed to load|status of 4\d\d/] });

/** A person's picture in a part of the page. @param {import("@playwright/test").Locator} place */
const pictureIn = (place) => place.locator(".badge__picture");

test("the settings open from the menu and close by key, and the focus returns", async ({
	join,
}) => {
	const { page } = await join(unique("ann"));
	const menu = page.getByRole("button", { name: "Menu", exact: true });
	await menu.focus();
	await page.keyboard.press("Enter");
	await expect(page.getByRole("menu")).toBeVisible();
	await page.keyboard.press("s");
	await expect(page.getByRole("menuitem", { name: "Settings" })).toBeFocused();
	await page.keyboard.press("Enter");
	const settings = page.getByRole("region", { name: "Settings" });
	await expect(settings.getByRole("button", { name: "Privacy" })).toBeVisible();
	await expect(settings.getByRole("button", { name: "Back" })).toBeFocused();
	await page.keyboard.press("Tab");
	await page.keyboard.press("Tab");
	await expect(settings.getByRole("button", { name: "Privacy" })).toBeFocused();
	await page.keyboard.press("Enter");
	await expect(page.getByRole("heading", { name: "Privacy" })).toBeVisible();
	await page.reload();
	await expect(page.getByRole("heading", { name: "Privacy" })).toBeVisible();
	await page.keyboard.press("Escape");
	await expect(settings.getByRole("button", { name: "Privacy" })).toBeFocused();
	await page.keyboard.press("Escape");
	await expect(settings).toBeHidden();
	await expect(menu).toBeFocused();
});

test("a new name reaches others at once", async ({ join }) => {
	const bo = await join(unique("bo"));
	const { page, name } = await join(unique("ann"));
	await openWith(page, bo.name);
	await send(page, "hello");
	await expect(row(bo.page, name)).toBeVisible();
	await page.getByRole("button", { name: "Your profile" }).click();
	const save = page.getByRole("button", { name: "Save" });
	await page.getByLabel("Name", { exact: true }).fill("Ann Quigley");
	await page.getByLabel("About", { exact: true }).fill("x".repeat(130));
	await expect(panel(page)).toContainText("10 left");
	await expect(panel(page)).toContainText("Not saved yet");
	await save.click();
	await expect(page.getByText("Saved", { exact: true })).toBeVisible();
	await expect(panel(page)).not.toContainText("Not saved yet");
	await expect(row(bo.page, "Ann Quigley")).toBeVisible();
});

test("an invalid field shows its error, and no input is lost", async ({ join }) => {
	const { page } = await join(unique("ann"));
	await openSettings(page, "@");
	const name = page.getByLabel("Name", { exact: true });
	const about = page.getByLabel("About", { exact: true });
	const save = page.getByRole("button", { name: "Save" });
	await about.fill("Tea first.");
	await name.fill("n".repeat(65));
	await save.click();
	await expect(name).toHaveAccessibleDescription(/at most 64 characters/);
	await expect(name).toBeFocused();
	await name.fill("hid\u200bden");
	await save.click();
	await expect(name).toHaveAccessibleDescription(/invisible characters/);
	await name.fill("Ann");

	await page.context().setOffline(true);
	await save.click();
	await expect(panel(page).getByRole("alert")).toContainText("nothing was changed");
	await page.getByRole("button", { name: "Back" }).click();
	await page.locator("[data-part=profile]").click();
	await expect(name).toHaveValue("Ann");
	await expect(about).toHaveValue("Tea first.");
	await page.context().setOffline(false);
	await save.click();
	await expect(page.getByText("Saved", { exact: true })).toBeVisible();
	await page.getByRole("button", { name: "Back" }).click();
	await expect(page.locator("[data-part=profile]")).toContainText("Ann");
});

test("a new picture is shown at once, here and to others, and can be removed", async ({ join }) => {
	const bo = await join(unique("bo"));
	const { page, name } = await join(unique("ann"));
	await openWith(page, bo.name);
	await send(page, "hello");
	await openWith(bo.page, name);
	const header = bo.page.locator(".conversation__header");
	const before = await header.locator(".badge").boundingBox();
	await page.getByRole("button", { name: "Your profile" }).click();
	const file = panel(page).locator("input[type=file]");
	await page.route("**/me/avatar/", async (route) => {
		await expect(panel(page).locator(".portrait__chosen")).toBeVisible();
		await route.continue();
	});
	await file.setInputFiles(await photograph(page));
	await expect(page.getByText("Your picture is changed")).toBeVisible();
	await page.unroute("**/me/avatar/");
	await expect(pictureIn(panel(page))).toBeVisible();
	await expect(pictureIn(page.locator(".sidebar__header"))).toBeAttached();
	await expect(pictureIn(row(bo.page, name))).toBeVisible();
	await expect(pictureIn(header)).toBeVisible();
	expect(await header.locator(".badge").boundingBox()).toEqual(before);

	await page.getByRole("button", { name: "Remove" }).click();
	await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
	await expect(page.getByRole("dialog")).toBeHidden();
	await expect(pictureIn(panel(page))).toBeHidden();
	await expect(pictureIn(header)).toBeHidden();
});

test("a large photograph is made smaller, and other files are refused", async ({ join }) => {
	const { page } = await join(unique("ann"));
	await page.getByRole("button", { name: "Your profile" }).click();
	const file = panel(page).locator("input[type=file]");
	const alert = panel(page).getByRole("alert");
	await file.setInputFiles({ name: "me.png", mimeType: "image/png", buffer: Buffer.from("no") });
	await expect(alert).toContainText("not a picture");
	await expect(alert.getByRole("button")).toBeHidden();
	await page.route("**/api/v1/me/avatar/", (route) =>
		refuse(route, 400, { code: "invalid", detail: "This is not a picture." }),
	);
	await file.setInputFiles(await photograph(page));
	await expect(alert).toContainText("not a picture");
	await expect(alert.getByRole("button")).toBeHidden();
	await page.unrouteAll();
	const large = await photograph(page, { width: 5000, height: 3600 });
	await file.setInputFiles(large);
	await expect(page.getByText("Your picture is changed")).toBeVisible();
	await expect(alert).toBeHidden();

	await page.context().setOffline(true);
	await file.setInputFiles(await photograph(page));
	await expect(alert).toContainText("cannot be reached");
	await page.context().setOffline(false);
	await alert.getByRole("button", { name: "Try again" }).click();
	await expect(alert).toBeHidden();
	await expect(panel(page).locator(".portrait__chosen")).toBeHidden();
});

test("privacy settings apply in both directions", async ({ join }) => {
	const bo = await join(unique("bo"));
	const { page, name } = await join(unique("ann"));
	await openWith(bo.page, name);
	await send(bo.page, "hello");
	await openWith(page, bo.name);
	const theirs = bo.page.locator(".conversation__presence");
	const mine = page.locator(".conversation__presence");
	await expect(theirs).toHaveText("online");
	await expect(mine).toHaveText("online");
	await openSettings(page, "Privacy");
	await toggle(page, "Hide when you are here").click();
	await expect(toggle(page, "Hide when you are here")).toBeChecked();
	await expect(theirs).not.toHaveText(/online|seen/);
	await expect(mine).not.toHaveText(/online|seen/);
	await page.context().setOffline(true);
	await toggle(page, "Hide that you are typing").click();
	await expect(panel(page).getByRole("alert")).toContainText("nothing was changed");
	await expect(toggle(page, "Hide that you are typing")).not.toBeChecked();
});

test("blocked people are listed in the settings, and can be unblocked there", async ({ join }) => {
	const bo = await join(unique("bo"));
	const { page } = await join(unique("ann"));
	await openWith(page, bo.name);
	await page.getByRole("button", { name: "Conversation options" }).click();
	await page.getByRole("menuitem", { name: "Block" }).click();
	await page.getByRole("dialog").getByRole("button", { name: "Block" }).click();
	await expect(page.getByText("You blocked this person.")).toBeVisible();
	await openSettings(page, "Privacy");
	await panel(page)
		.getByRole("button", { name: `Unblock ${bo.name}` })
		.click();
	await expect(panel(page).getByText("You have blocked nobody.")).toBeVisible();
	await expect(composer(page)).toBeVisible();
});

test("a theme applies at once and is kept, on the login page too", async ({ join }) => {
	const { page } = await join(unique("ann"), { colorScheme: "light" });
	await openSettings(page, "Appearance");
	await page.getByRole("radio", { name: "Dark" }).check();
	await expect(page.locator("html")).toHaveCSS("color-scheme", "dark");
	await page.reload();
	await expect(page.getByRole("radio", { name: "Dark" })).toBeChecked();
	await page.goto("/logout/");
	await expect(page).toHaveURL(/login/);
	await expect(page.locator("html")).toHaveCSS("color-scheme", "dark");
});

test("the language can be changed, and set back to that of the browser", async ({ join }) => {
	const { page } = await join(unique("ann"));
	await openSettings(page, "Appearance");
	await page.getByRole("radio", { name: "العربية" }).click();
	await expect(page.locator("html")).toHaveAttribute("dir", "rtl");
	await expect(page.getByRole("heading", { name: "المظهر واللغة" })).toBeVisible();
	await page.getByRole("radio", { name: "لغة المتصفح" }).click();
	await expect(page.getByRole("heading", { name: "Appearance" })).toBeVisible();
	await page.context().setOffline(true);
	await expect(page.getByRole("radio", { name: "English" })).toBeDisabled();
	await expect(panel(page)).toContainText("The language can be changed when you are back.");
});

test("Enter can be set to start a new line, and the setting is kept", async ({ join }) => {
	const bo = await join(unique("bo"));
	const { page } = await join(unique("ann"));
	await openWith(page, bo.name);
	await openSettings(page, "Appearance");
	await toggle(page, "Enter sends").click();
	await page.reload();
	await expect(toggle(page, "Enter sends")).not.toBeChecked();
	await composer(page).click();
	await page.keyboard.type("one");
	await page.keyboard.press("Enter");
	await page.keyboard.type("two");
	await expect(composer(page)).toHaveValue("one\ntwo");
	await page.keyboard.press("Control+Enter");
	await expect(page.locator(".bubble__body")).toHaveText(["one\ntwo"]);
});

test("on a phone the settings fill the screen, and Back closes them", async ({ join }) => {
	const { page } = await join(unique("ann"), phone);
	await openSettings(page);
	const heading = (/** @type {string} */ name) => page.getByRole("heading", { name, exact: true });
	for (const subject of ["Privacy", "Notifications", "Appearance", "devices", "Account", "@"]) {
		expect(await tooSmall(page)).toEqual([]);
		await panel(page).getByRole("button", { name: subject }).tap();
		await expect(heading("Settings")).toBeHidden();
		await expect(panel(page)).toHaveCSS("width", "390px");
		await expect(panel(page).getByRole("status")).not.toHaveText(["Loading…"]);
		expect(await tooSmall(page), subject).toEqual([]);
		expect(await fits(page), subject).toBe(true);
		await page.goBack();
		await expect(heading("Settings")).toBeVisible();
	}
	await page.getByRole("button", { name: "Back" }).tap();
	await expect(heading("Chinwag")).toBeVisible();
	await expect(panel(page)).toBeHidden();
	await expect(page).not.toHaveURL(/#/);
});

test("a panel that could not be loaded can be loaded again", async ({ join }) => {
	const { page } = await join(unique("ann"));
	await page.route("**/settings/settings.js", (route) => route.abort());
	await page.getByRole("button", { name: "Your profile" }).click();
	await expect(panel(page).getByRole("alert")).toContainText("could not be loaded");
	await page.unroute("**/settings/settings.js");
	await panel(page).getByRole("button", { name: "Try again" }).click();
	await expect(page.getByRole("heading", { name: "Your profile" })).toBeVisible();
	await page.keyboard.press("Escape");
	await page.keyboard.press("Escape");
	await page.route("**/api/v1/session/", (route) => route.abort());
	await openSettings(page, "devices");
	await expect(panel(page).getByRole("alert")).toContainText("cannot be reached");
	await page.unroute("**/api/v1/session/");
	await panel(page).getByRole("button", { name: "Try again" }).click();
	await expect(panel(page)).toContainText("This device");
});
