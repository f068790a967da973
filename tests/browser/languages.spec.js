// Pages in another language, with and without scripts.
import { expect, signUp, test, unique } from "./support/people.js";

const arabic = { locale: "ar-EG" };

test("a browser that prefers Arabic gets mirrored Arabic pages, including errors", async ({
	visit,
}) => {
	const page = await visit({ ...arabic, javaScriptEnabled: false });
	await page.goto("/signup/");
	const document = page.locator("html");
	await expect(document).toHaveAttribute("lang", "ar");
	await expect(document).toHaveAttribute("dir", "rtl");
	await page.getByLabel("اسم المستخدم").fill("ليلى!");
	await page.getByRole("button", { name: "إنشاء الحساب" }).click();
	const name = page.getByLabel("اسم المستخدم");
	await expect(name).toHaveValue("ليلى!");
	await expect(name).toHaveAccessibleDescription(/يتكوّن اسم المستخدم/);
	await expect(page.locator("main")).not.toContainText(/[A-Za-z]{4,} [a-z]+/);
});

test("the API reference stays English", async ({ visit }) => {
	const page = await visit(arabic);
	await page.goto("/api/docs");
	await expect(page.locator("html")).toHaveAttribute("lang", "en");
});

test("a chosen language takes precedence over that of the browser", async ({ visit, server }) => {
	const page = await visit(arabic);
	await page.context().addCookies([{ name: "lang", value: "en", url: server.address }]);
	await signUp(page, unique("ann"));
	await expect(page.locator("html")).toHaveAttribute("lang", "en");
});
