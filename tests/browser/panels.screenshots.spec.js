// Not a test: pictures of settings and profiles, for people to look at.
import { join as path } from "node:path";
import { introduce, phone, send, test, unique } from "./support/people.js";
import { panel } from "./support/settings.js";
import { photograph } from "./support/sight.js";

const folder = process.env.SCREENS ?? "test-results/screens";
const desktop = { viewport: { width: 1280, height: 800 } };
const dark = { colorScheme: /** @type {const} */ ("dark") };
const looks = {
	"desktop-light": desktop,
	"desktop-dark": { ...desktop, ...dark },
	"desktop-arabic": { ...desktop, locale: "ar" },
	"phone-light": phone,
	"phone-dark": { ...phone, ...dark },
	"phone-arabic": { ...phone, locale: "ar" },
};
const subjects = [
	"",
	"/profile",
	"/privacy",
	"/notifications",
	"/appearance",
	"/logins",
	"/account",
];

for (const [look, options] of Object.entries(looks)) {
	test(`pictures of panels: ${look}`, async ({ join }) => {
		const bo = await join(unique("bo"));
		const { page, name } = await join(unique("ann"), options);
		const { mimeType: type, buffer: data } = await photograph(bo.page);
		const headers = { "Content-Type": type };
		await bo.page.request.put("/api/v1/me/avatar/", { data, headers });
		await introduce(bo.page, { about: "Biscuits before meetings" });
		await bo.page.goto(`/#/p/${name}`);
		await send(bo.page, "Kettle’s on ☕");
		const picture = async (/** @type {string} */ what) => {
			await panel(page).first().waitFor();
			await page.waitForTimeout(400);
			await page.screenshot({ path: path(folder, `${what}-${look}.png`) });
		};
		for (const subject of subjects) {
			await page.goto(`/#/p/${bo.name}/settings${subject}`);
			await picture(`settings${subject.replace("/", "-")}`);
		}
		await page.goto(`/#/p/${bo.name}/profile`);
		await picture("profile");
	});
}
