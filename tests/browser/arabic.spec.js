// Every screen of the chat in a language that is written from right to left.
import { readFileSync } from "node:fs";
import {
	bubbles,
	expect,
	refuse,
	send,
	seriousAxeViolations,
	test,
	unique,
} from "./support/people.js";

/** @typedef {import("@playwright/test").Page} Page */

const texts = JSON.parse(readFileSync("public/texts/ar.json", "utf8"));

/** Text in Latin letters on purpose; `unique` makes names with a hyphen. */
const INTENDED = /[\p{L}_]+-[a-z0-9]{9,}|nobody|Chinwag|Enter/gu;

/** Texts and labels on the page that are not in Arabic letters. @param {Page} page */
async function untranslated(page) {
	const shown = await page.evaluate(() => {
		const attributes = ["aria-label", "title", "placeholder"];
		const found = [...document.body.querySelectorAll(`[${attributes.join("], [")}]`)].flatMap(
			(element) => attributes.map((name) => element.getAttribute(name) ?? ""),
		);
		const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
		while (walker.nextNode()) {
			const { parentElement, nodeValue } = walker.currentNode;
			if (!parentElement?.closest("kbd, script, style, noscript")) found.push(nodeValue ?? "");
		}
		return found;
	});
	return shown.filter((text) => /[A-Za-z]{2}/.test(text.replaceAll(INTENDED, "")));
}

/** Two people in a conversation, one of them in Arabic. @param {(name: string, options?: object) => Promise<import("./support/people.js").Someone>} join */
async function pair(join) {
	const bo = await join(unique("bo"));
	const { name, page } = await join(unique("ann"), { locale: "ar-EG" });
	return {
		page,
		name,
		bo,
		field: page.locator(".composer__field"),
		/** @param {string} key */
		button: (key) => page.getByRole("button", { name: texts[key], exact: true }),
		/** @param {string} key */
		item: (key) => page.getByRole("menuitem", { name: texts[key], exact: true }),
		/** Asserts that all is in Arabic, and nothing is wider than the page. @param {string} what */
		fits: async (what) => {
			expect(await untranslated(page), what).toEqual([]);
			const excess = await page.evaluate(() => {
				const { scrollWidth, clientWidth } = document.documentElement;
				return scrollWidth - clientWidth;
			});
			expect(excess, what).toBe(0);
		},
	};
}

test("the list and a conversation are in Arabic and mirrored", async ({ join }) => {
	const { page, name, bo, field, button, fits } = await pair(join);
	await expect(page.getByText(texts["list.empty"])).toBeVisible();
	await fits("an empty list");
	await button("list.new").first().click();
	await expect(page.getByRole("link", { name: bo.name })).toBeVisible();
	await fits("people");
	await page.getByRole("link", { name: bo.name }).click();
	await expect(field).toHaveCSS("direction", "rtl");
	await field.fill("see you");
	await expect(field).toHaveCSS("direction", "ltr");
	await field.fill("إلى اللقاء");
	await button("composer.send").click();
	await bo.page.goto(`/#/p/${name}`);
	await expect(bubbles(bo.page)).toHaveText(["إلى اللقاء"]);
	await send(bo.page, "حسنًا");
	await expect(bubbles(page)).toHaveText(["إلى اللقاء", "حسنًا"]);
	await expect(page.locator(".bubble").getByText(texts["tick.read"])).toBeAttached();
	await fits("a conversation");
	expect(await seriousAxeViolations(page)).toEqual([]);
	const list = await page.locator(".sidebar").boundingBox();
	const conversation = await page.locator(".conversation").boundingBox();
	expect(list?.x, "the list is on the right").toBeGreaterThan(conversation?.x ?? 0);
});

test("menus, dialogs and problems are in Arabic", async ({ join }) => {
	const { page, bo, field, button, item, fits } = await pair(join);
	const dialog = page.getByRole("dialog");
	const leave = () => page.keyboard.press("Escape");
	await page.goto(`/#/p/${bo.name}`);
	await field.fill("مرحبا");
	await button("composer.send").click();
	const mine = page.locator(".bubble--mine[data-id]");
	await expect(mine).toBeVisible();
	await button("menu.label").click();
	await fits("the menu");
	await item("keys.title").click();
	await expect(dialog).toBeVisible();
	await fits("the keys");
	await leave();
	for (const key of ["message.details", "message.forward", "message.delete"]) {
		await mine.click({ button: "right" });
		await expect(item(key)).toBeVisible();
		await fits(`the menu before ${key}`);
		await item(key).click();
		await expect(dialog).toBeVisible();
		await fits(key);
		await leave();
		await expect(dialog).toBeHidden();
	}
	for (const key of ["message.edit", "message.reply"]) {
		await mine.click({ button: "right" });
		await item(key).click();
		await fits(key);
		await leave();
	}
	await page
		.getByRole("navigation")
		.getByRole("link", { name: bo.name })
		.click({ button: "right" });
	await fits("the menu of a conversation");
	await item("list.mute").click();
	await fits("muting");
	await leave();
	await page.route("**/api/v1/message/", (route) =>
		refuse(route, 404, {
			code: "no_such_recipient",
			detail: "There is nobody of this user name.",
		}),
	);
	await page.goto(`/#/p/${bo.name}`);
	await field.fill("لا");
	await button("composer.send").click();
	await expect(page.locator(".bubble--failed")).toBeVisible();
	await fits("a message that was refused");
});

test.use({ tolerated: [/status of 404/] });
