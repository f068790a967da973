// Not a test: the pictures in the README, of people with simple names on a separate server.
import {
	bubbles,
	choose,
	composer,
	expect,
	introduce,
	message,
	phone,
	row,
	say,
	send,
	test,
} from "./support/people.js";
import { openSettings } from "./support/settings.js";

/** @typedef {import("./support/people.js").Someone} Someone */

const folder = "docs/screenshots";
const desktop = { viewport: { width: 1200, height: 760 } };
const dark = { colorScheme: /** @type {const} */ ("dark") };

/** Sends the lines in turns. @param {Someone[]} people @param {string[]} lines */
async function talk([one, other], lines) {
	await one.page.goto(`/#/p/${other.name}`);
	await other.page.goto(`/#/p/${one.name}`);
	for (const [turn, line] of lines.entries()) {
		const speaker = turn % 2 === 0 ? one : other;
		await send(speaker.page, line);
		await expect(bubbles(other.page)).toHaveCount(turn + 1);
	}
}

test("the pictures in the README", async ({ join, visit }) => {
	test.setTimeout(240_000);
	const ann = await join("ann", desktop);
	const people = {
		bo: "Bo Kettleworth",
		zoe: "Zoë Adeyemi",
		salma: "سلمى",
		ravi: "Ravi (treasurer)",
	};
	/** @type {Record<string, Someone>} */
	const others = {};
	await introduce(ann.page, { display_name: "Ann Quigley", about: "Tea first." });
	for (const [name, called] of Object.entries(people)) {
		others[name] = await join(name);
		await introduce(others[name].page, { display_name: called });
	}
	const { bo, zoe, salma, ravi } = others;
	await talk(
		[zoe, ann],
		["The minutes are in the folder, as promised.", "Thank you! Reading them now."],
	);
	await talk([ann, salma], ["مرحبا سلمى، هل ستأتين يوم الثلاثاء؟", "نعم، بكل سرور! أراكِ هناك ☕"]);
	await talk([ravi, ann], ["Subs for the autumn are due by Friday.", "Paid this morning 👍"]);
	await talk(
		[bo, ann],
		[
			"Kettle’s on ☕",
			"On my way. Shall I bring the *good* biscuits, or are we pretending to be healthy this week?",
			"Biscuits. Obviously.",
			"🎉",
		],
	);
	await message(ann.page, "Biscuits. Obviously.").click({ button: "right" });
	await ann.page.getByRole("menuitem", { name: "React with ❤️" }).click();
	await say(zoe.page, "Page two is the exciting one.");
	await choose(message(ann.page, "Kettle’s on ☕"), "Reply");
	await send(ann.page, "Milk, no sugar. Ten minutes!");
	await expect(row(ann.page, "Zoë")).toContainText("Page two");
	await composer(ann.page).blur();
	const picture = async (
		/** @type {import("@playwright/test").Page} */ page,
		/** @type {string} */ name,
	) => {
		await page.mouse.move(0, 0);
		await page.waitForTimeout(600);
		await page.screenshot({ path: `${folder}/${name}.png` });
	};
	await picture(ann.page, "conversation");
	await ann.page.emulateMedia(dark);
	await picture(ann.page, "dark");
	await ann.page.emulateMedia({ colorScheme: "light" });
	await openSettings(ann.page);
	await picture(ann.page, "settings");

	const cookies = await ann.page.context().cookies();
	const pocket = await visit({ ...phone, deviceScaleFactor: 2 });
	await pocket.context().addCookies(cookies);
	await pocket.goto("/");
	await expect(row(pocket, "Bo")).toBeVisible();
	await picture(pocket, "phone-list");
	await row(pocket, "Bo").click();
	await expect(message(pocket, "Milk, no sugar. Ten minutes!")).toBeVisible();
	await pocket.emulateMedia(dark);
	await picture(pocket, "phone-dark");

	const east = await visit({ ...phone, deviceScaleFactor: 2, locale: "ar" });
	await east.context().addCookies(await salma.page.context().cookies());
	await east.goto("/#/p/ann");
	await expect(east.locator(".bubble")).toHaveCount(2);
	await picture(east, "phone-arabic");
});
