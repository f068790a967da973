// Permissions for notifications, which the headless shell does not have.
import { wholeBrowser } from "./playwright.config.js";
import { expect, test, unique } from "./support/people.js";
import { openSettings, toggle } from "./support/settings.js";

test.use({ launchOptions: wholeBrowser });

test("the notification setting shows what the browser forbids, and can be changed otherwise", async ({
	join,
	server,
}) => {
	const { page } = await join(unique("ann"));
	const system = toggle(page, "System notifications");
	await page.context().clearPermissions();
	await openSettings(page, "Notifications");
	await expect(system).not.toBeChecked();
	await page.context().grantPermissions(["notifications"], { origin: server.address });
	await page.reload();
	await expect(system).toBeChecked();
	await system.click();
	await expect(system).not.toBeChecked();
	await toggle(page, "Sound").click();
	await page.reload();
	await expect(system).not.toBeChecked();
	await expect(toggle(page, "Sound")).not.toBeChecked();
});
