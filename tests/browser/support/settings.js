// Helpers for the settings.

/** @typedef {import("@playwright/test").Page} Page */

/** Opens the settings from the menu, and one of their panels. @param {Page} page @param {string} [subject] */
export async function openSettings(page, subject) {
	await page.getByRole("button", { name: "Menu", exact: true }).click();
	await page.getByRole("menuitem", { name: "Settings" }).click();
	if (subject) await panel(page).getByRole("button", { name: subject }).click();
}

/** The panel that is open. @param {Page} page */
export const panel = (page) => page.locator(".panel");

/** @param {Page} page @param {string} name */
export const toggle = (page, name) => page.getByRole("switch", { name });
