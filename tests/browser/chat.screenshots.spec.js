// Not a test: pictures of the chat page in every state, for people to look at.
import { join as path } from "node:path";
import {
	bubbles,
	choose,
	composer,
	expect,
	introduce,
	message,
	openWith,
	phone,
	refuseAsTooLong,
	row,
	say,
	sayMany,
	send,
	test,
	unique,
} from "./support/people.js";

const folder = process.env.SCREENS ?? "test-results/screens";
const desktop = { viewport: { width: 1280, height: 800 } };
const looks = {
	"desktop-light": { ...desktop, colorScheme: /** @type {const} */ ("light") },
	"desktop-dark": { ...desktop, colorScheme: /** @type {const} */ ("dark") },
	"phone-light": { ...phone, colorScheme: /** @type {const} */ ("light") },
	"phone-dark": { ...phone, colorScheme: /** @type {const} */ ("dark") },
	"small-light": {
		...phone,
		viewport: { width: 320, height: 568 },
		colorScheme: /** @type {const} */ ("light"),
	},
};

test.use({ tolerated: [/ERR_|WebSocket|status of (4|5)\d\d/] });

for (const [look, options] of Object.entries(looks)) {
	test(`pictures: ${look}`, async ({ join, server }) => {
		test.setTimeout(240_000);
		const ann = await join(unique("ann"), options);
		const { page } = ann;
		await page.evaluate(() => document.fonts.ready);
		const picture = async (/** @type {string} */ name) => {
			await page.waitForTimeout(300);
			await page.screenshot({ path: path(folder, `${name}-${look}.png`) });
		};
		const leave = () => page.keyboard.press("Escape");
		await picture("list-empty");
		const bo = await join(unique("bo"));
		const zed = await join(unique("zoë"));
		const far = await join(unique("سلام"));
		await introduce(bo.page, { display_name: "Bo Kettleworth", about: "Biscuits before meetings" });
		await introduce(zed.page, { display_name: "Zoë" });
		await openWith(zed.page, ann.name);
		await sayMany(zed.page, ann.name, 3);
		await say(zed.page, "The minutes of Tuesday's meeting are in the folder, as promised.");
		await openWith(far.page, ann.name);
		await say(far.page, "مرحبا! كيف حالك اليوم؟");
		await openWith(bo.page, ann.name);
		await send(bo.page, "Kettle's on ☕");
		await expect(row(page, "Bo Kettleworth")).toBeVisible();
		await picture("list");

		await page.goto(`/#/p/${bo.name}`);
		await send(
			page,
			"On my way. Shall I bring the *good* biscuits, or are we pretending to be healthy this week?",
		);
		await expect(bubbles(bo.page)).toHaveCount(2);
		await send(bo.page, "Biscuits.");
		await choose(message(bo.page, "Biscuits."), "Reply");
		await send(bo.page, "Obviously: https://example.test/biscuits?kind=good");
		await expect(bubbles(page)).toHaveCount(4);
		await send(page, "🎉");
		await send(page, "let kind = `good`;\n```\nfn main() {\n    brew();\n}\n```");
		await expect(bubbles(bo.page)).toHaveCount(6);
		await send(bo.page, "Tusday then");
		await choose(message(bo.page, "Tusday then"), "Edit");
		await composer(bo.page).fill("Tuesday then");
		await composer(bo.page).press("Enter");
		await send(bo.page, "wrong chat, sorry");
		await choose(message(bo.page, "wrong chat, sorry"), "Delete…");
		await bo.page.getByRole("button", { name: "Delete for everyone" }).click();
		await message(page, "Tuesday then").click({ button: "right" });
		await page.getByRole("menuitem", { name: "React with 👍" }).click();
		await say(bo.page, "تمام، أراك هناك");
		await send(page, "See you there");
		await expect(bubbles(page).last()).toContainText("See you");
		await picture("conversation");

		await message(page, "See you there").click({ button: "right" });
		await picture("menu-message");
		await leave();
		await choose(message(page, "See you there"), "Reply");
		await composer(page).fill("A long thought\nover\nsome\nlines");
		await picture("replying");
		await leave();
		await composer(page).fill("");
		for (const item of ["Delete…", "Details", "Forward…"]) {
			await choose(message(page, "See you there"), item);
			await expect(page.getByRole("dialog")).toBeVisible();
			await picture(`dialog-${item.toLowerCase().replace("…", "")}`);
			await leave();
		}
		await message(page, "Tuesday then").click({ button: "right" });
		await page.getByRole("menuitem", { name: "Other emoji…" }).click();
		await expect(page.getByRole("dialog")).toBeVisible();
		await picture("dialog-react");
		await leave();
		await page.getByRole("button", { name: "Emoji" }).click();
		await expect(page.getByRole("grid")).toBeVisible();
		await picture("emoji");
		await page.getByRole("button", { name: "Emoji" }).click();
		await page.getByRole("button", { name: "Conversation options" }).click();
		await picture("menu-conversation");
		await page.getByRole("menuitem", { name: "Block" }).click();
		await picture("dialog-block");
		await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
		await composer(page).fill("é".repeat(32_780));
		await picture("too-long");
		await composer(page).fill("x".repeat(3_000));
		await page.getByRole("button", { name: "Send" }).click();
		await picture("long-message");

		await page.goto("/#/p/nobody-at-all");
		await picture("conversation-nobody");
		await page.goto(`/#/p/${ann.name}`);
		await picture("conversation-empty");

		await page.goto(`/#/p/${zed.name}`);
		await expect(message(page, "message 3")).toBeVisible();
		await page.route("**/api/v1/message/", refuseAsTooLong);
		await send(page, "Hello?");
		await expect(page.getByText(/^Not sent\./)).toBeVisible();
		await picture("failed");
		await page.unrouteAll();
		await page.evaluate(() => {
			location.hash = "";
		});
		await expect(row(page, "Zoë")).toBeVisible();
		await picture("nothing-open");
		await row(page, "Zoë").click({ button: "right" });
		await picture("menu-row");
		await page.getByRole("menuitem", { name: "Mute…" }).click();
		await picture("menu-mute");
		await page.getByRole("menuitem", { name: "For 8 hours" }).click();
		await choose(row(page, "Bo Kettleworth"), "Pin to the top");
		await page.getByRole("button", { name: "Menu" }).click();
		await picture("menu-main");
		await page.getByRole("menuitem", { name: "Keyboard shortcuts" }).click();
		await expect(page.getByRole("dialog")).toBeVisible();
		await picture("dialog-keys");
		await leave();
		await page.getByRole("button", { name: "New conversation" }).first().click();
		await picture("new-conversation");
		await page.getByRole("searchbox").fill("b");
		await picture("search");
		await page.getByRole("searchbox").fill("nobody-is-called-this");
		await picture("search-nobody");
		await leave();
		await page.getByRole("button", { name: "Back", exact: true }).click();
		await page.route("**/api/v1/conversation/*/message/**", (route) => route.abort());
		await page.goto(`/#/p/${far.name}`);
		await page.context().setOffline(true);
		await send(page, "in the tunnel");
		await picture("offline");
		await page.context().setOffline(false);
		await server.start();
	});
}

for (const [size, options] of Object.entries({ desktop, phone })) {
	test(`pictures: arabic, ${size}`, async ({ join }) => {
		const look = `${size}-arabic`;
		const ann = await join(unique("سلمى"), { ...options, locale: "ar" });
		const bo = await join(unique("bo"));
		const { page } = ann;
		/** @param {string} name */
		const picture = (name) => page.screenshot({ path: path(folder, `${name}-${look}.png`) });
		await introduce(bo.page, { display_name: "خالد" });
		await openWith(bo.page, ann.name);
		await send(bo.page, "مرحبا! كيف حالك اليوم؟");
		await send(bo.page, "The minutes are in the folder, as promised.");
		await expect(page.locator(".row")).toContainText("The minutes");
		await picture("list");
		await page.goto(`/#/p/${bo.name}`);
		await expect(bubbles(page)).toHaveCount(2);
		await page.locator(".composer__field").fill("بخير، شكرًا. see you on Tuesday");
		await page.locator(".composer__send").click();
		await picture("conversation");
		await bubbles(page).first().click({ button: "right" });
		await picture("menu-message");
	});
}
