// The own account: logins, password and deletion. And the accessibility of every panel.
import {
	expect,
	logIn,
	openWith,
	PASSWORD,
	phone,
	row,
	send,
	seriousAxeViolations,
	test,
	unique,
} from "./support/people.js";
import { openSettings, panel } from "./support/settings.js";
import { fits } from "./support/sight.js";

/** @typedef {import("@playwright/test").Page} Page */

test.use({ tolerated: [/WebSocket|status of 4\d\d/] });

const AGAIN = "an even quieter kettle";

/** @param {Page} page @param {string} name */
const dialogButton = (page, name) => page.getByRole("dialog").getByRole("button", { name });

test("other devices can be logged out, each one or all of them", async ({ join, visit }) => {
	const { page, name } = await join(unique("ann"));
	const others = [];
	for (let number = 0; number < 3; number += 1) {
		const other = await visit({ userAgent: `Mozilla/5.0 (Windows NT 10.0) Firefox/${number}.0` });
		await other.goto("/login/");
		await logIn(other, name);
		await expect(other.getByRole("heading", { name: "Chinwag", exact: true })).toBeVisible();
		others.push(other);
	}
	await openSettings(page, "devices");
	const devices = panel(page).getByRole("listitem");
	await expect(devices).toHaveCount(4);
	await expect(devices.first()).toContainText("This device");
	await expect(devices.first().getByRole("button")).toBeHidden();
	const newest = devices.nth(1).getByRole("button", { name: "Log out: Firefox on Windows" });
	await newest.click();
	await dialogButton(page, "Cancel").click();
	await expect(newest).toBeFocused();
	await newest.click();
	await dialogButton(page, "Log out").click();
	await expect(devices).toHaveCount(3);
	await expect(panel(page)).toBeFocused();
	await expect(others[2]).toHaveURL(/login/);
	await panel(page).getByRole("button", { name: "Log out all others" }).click();
	await dialogButton(page, "Log out all others").click();
	await expect(devices).toHaveCount(1);
	await expect(panel(page)).toBeFocused();
	for (const other of others) await expect(other).toHaveURL(/login/);
	await page.reload();
	await expect(devices).toHaveCount(1);
});

test("changing the password requires the current one, and logs out other devices", async ({
	join,
	visit,
}) => {
	const { page, name } = await join(unique("ann"));
	const other = await visit();
	await other.goto("/login/");
	await logIn(other, name);
	await openSettings(page, "Account");
	const current = page.getByLabel("Current password", { exact: true });
	const next = page.getByLabel("New password", { exact: true });
	const change = panel(page).getByRole("button", { name: "Change password" });
	await expect(current).toHaveAttribute("autocomplete", "current-password");
	await expect(next).toHaveAttribute("autocomplete", "new-password");
	await change.click();
	await expect(current).toHaveAccessibleDescription(/Enter your password/);
	await expect(current).toBeFocused();
	await current.fill("not it, I fear");
	await next.fill("short");
	await expect(next).toHaveAccessibleDescription(/at least 8/);
	await expect(panel(page)).toContainText("Easy to guess");
	await next.fill(AGAIN);
	await expect(panel(page)).toContainText("Strong");
	await page.getByRole("button", { name: "Show new password" }).click();
	await expect(next).toHaveAttribute("type", "text");
	await change.click();
	await expect(current).toHaveAccessibleDescription(/not your password/);
	await expect(next).toHaveValue(AGAIN);
	await current.fill(PASSWORD);
	await change.click();
	await expect(page.getByText("all other devices are logged out")).toBeVisible();
	await expect(current).toHaveValue("");
	await expect(other).toHaveURL(/login/);
	await other.getByLabel("User name").fill(name);
	await other.getByLabel("Password", { exact: true }).fill(AGAIN);
	await other.getByRole("button", { name: "Log in" }).click();
	await expect(other.getByRole("heading", { name: "Chinwag", exact: true })).toBeVisible();
});

test("deleting an account requires its password, and clears the browser", async ({ join }) => {
	const bo = await join(unique("bo"));
	const { page, name } = await join(unique("ann"));
	await openWith(page, bo.name);
	await send(page, "so long");
	await row(bo.page, name).click();
	await openSettings(page, "Account");
	await panel(page).getByRole("button", { name: "Delete account" }).click();
	const dialog = page.getByRole("dialog", { name: "Delete your account for good?" });
	const password = dialog.getByLabel("Password", { exact: true });
	await expect(dialog).toContainText(name);
	await password.fill("not it, I fear");
	await dialogButton(page, "Delete account").click();
	await expect(password).toHaveAccessibleDescription(/not your password/);
	await password.fill(PASSWORD);
	await dialogButton(page, "Delete account").click();
	await expect(page).toHaveURL(/\/login\/$/);
	expect(
		await page.evaluate(() => Object.keys(localStorage).filter((key) => /\//.test(key))),
	).toEqual([]);
	await expect(bo.page.locator(".conversation__presence")).toHaveText("Account deleted");
	await page.getByLabel("User name").fill(name);
	await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
	await page.getByRole("button", { name: "Log in" }).click();
	await expect(page.getByRole("alert")).toBeVisible();
});

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
	test(`every panel is accessible (${colorScheme})`, async ({ join }) => {
		const bo = await join(unique("bo"));
		const { page } = await join(unique("ann"), { colorScheme });
		await openWith(page, bo.name);
		await page.getByRole("button", { name: "Conversation options" }).click();
		await page.getByRole("menuitem", { name: "Block" }).click();
		await dialogButton(page, "Block").click();
		await openSettings(page);
		expect(await seriousAxeViolations(page), "settings").toEqual([]);
		for (const part of await page.locator("[data-part]").all()) {
			await part.click();
			await expect(panel(page).locator(".entries")).toBeHidden();
			await expect(panel(page).getByRole("status")).not.toHaveText(["Loading…"]);
			const name = (await panel(page).getByRole("heading").first().textContent()) ?? "";
			if (name === "Account") {
				await panel(page).getByRole("button", { name: "Change password" }).click();
				await expect(panel(page).locator(".field__error").first()).toBeVisible();
			}
			expect(await seriousAxeViolations(page), name).toEqual([]);
			await page.keyboard.press("Escape");
			await expect(panel(page).locator(".entries")).toBeVisible();
		}
	});
}

test("in Arabic the settings are translated and mirrored", async ({ join }) => {
	const { page } = await join(unique("ليلى"), { ...phone, locale: "ar-EG" });
	await page.getByRole("button", { name: "القائمة" }).tap();
	await page.getByRole("menuitem", { name: "الإعدادات" }).tap();
	await expect(panel(page).locator(".entries")).toBeVisible();
	const back = await page.getByRole("button", { name: "رجوع" }).boundingBox();
	expect(back?.x).toBeGreaterThan(300);
	for (const part of await page.locator("[data-part]").all()) {
		await part.tap();
		await expect(panel(page).locator(".entries")).toBeHidden();
		await expect(panel(page)).not.toContainText(/[a-z]{3,} [a-z]{2,} [a-z]+/);
		expect(await fits(page)).toBe(true);
		await page.goBack();
		await expect(panel(page).locator(".entries")).toBeVisible();
	}
});
