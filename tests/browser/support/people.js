// People at browsers of their own. Whatever a test does, no page may ask anybody but the server,
// break the page's policy, or log an error.
import { test as base, expect } from "@playwright/test";
import axe from "axe-core";
import { Server } from "./server.js";

/**
 * @typedef {import("@playwright/test").Page} Page
 * @typedef {import("@playwright/test").BrowserContextOptions} Options
 * @typedef {{ name: string, page: Page }} Someone
 */

export const PASSWORD = "a quiet kettle sings";
export const phone = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true };

let people = 0;

/** A name nobody in this run has. @param {string} name */
export function unique(name) {
	people += 1;
	return `${name}-${Date.now().toString(36)}${people}`;
}

/**
 * @typedef {{
 *   visit: (options?: Options) => Promise<Page>,
 *   join: (name: string, options?: Options) => Promise<Someone>,
 *   tolerated: RegExp[],
 * }} Fixtures
 */

/**
 * @type {import("@playwright/test").Fixtures<
 *   Fixtures,
 *   { server: Server },
 *   import("@playwright/test").PlaywrightTestArgs & import("@playwright/test").PlaywrightTestOptions,
 *   import("@playwright/test").PlaywrightWorkerArgs & import("@playwright/test").PlaywrightWorkerOptions
 * >}
 */
const fixtures = {
	server: [
		// biome-ignore lint/correctness/noEmptyPattern: the test runner reads the parameter's names
		async ({}, use) => {
			const server = await Server.start();
			await use(server);
			expect(await server.stop()).toBe(0);
			await server.forget();
		},
		{ scope: "worker" },
	],

	/** Console errors a test provokes on purpose. */
	tolerated: [[], { option: true }],

	visit: async ({ browser, server, tolerated }, use) => {
		/** @type {string[]} */
		const complaints = [];
		/** @type {import("@playwright/test").BrowserContext[]} */
		const contexts = [];
		await server.start();
		await use(async (options = {}) => {
			const context = await browser.newContext({
				baseURL: server.address,
				locale: "en-GB",
				timezoneId: "Europe/Berlin",
				// A page that is kept would hide from tests what goes over the line.
				serviceWorkers: "block",
				...options,
			});
			contexts.push(context);
			context.on("console", (message) => {
				const text = message.text();
				if (message.type() !== "error" || tolerated.some((known) => known.test(text))) return;
				complaints.push(`console: ${text} (${message.location().url})`);
			});
			context.on("weberror", (error) => {
				const { message, stack } = error.error();
				if (!tolerated.some((known) => known.test(message))) complaints.push(`error: ${stack}`);
			});
			context.on("request", (request) => {
				const { protocol, origin } = new URL(request.url());
				const home = new URL(options.baseURL ?? server.address).origin;
				if (protocol === "data:" || protocol === "blob:" || origin === home) return;
				complaints.push(`third party: ${request.url()}`);
			});
			return context.newPage();
		});
		for (const context of contexts) await context.close();
		expect(complaints).toEqual([]);
	},

	join: async ({ visit }, use) => {
		await use(async (name, options) => {
			const page = await visit(options);
			const form = {
				username: name,
				email: emailOf(name),
				password1: PASSWORD,
				password2: PASSWORD,
			};
			await expect(await page.request.post("/signup/", { form })).toBeOK();
			await page.goto("/");
			return { name, page };
		});
	},
};

export const test = base.extend(fixtures);

/** @param {string} name */
const emailOf = (name) => `${encodeURIComponent(name).replaceAll("%", "")}@example.test`;

/**
 * Signs up as a person does; whoever `join`s has come without the form, which takes longer.
 * @param {Page} page
 * @param {string} name
 */
export async function signUp(page, name) {
	await page.goto("/signup/");
	await page.getByLabel("User name").fill(name);
	await page.getByLabel("E-mail").fill(emailOf(name));
	await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
	await page.getByLabel("Password again", { exact: true }).fill(PASSWORD);
	await page.getByRole("button", { name: "Create account" }).click();
	await expect(page).not.toHaveURL(/signup/);
}

/**
 * @param {Page} page
 * @param {string} name
 */
export async function logIn(page, name) {
	await page.getByLabel("User name").fill(name);
	await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
	await page.getByRole("button", { name: "Log in" }).click();
	await expect(page).not.toHaveURL(/login/);
}

/**
 * The browser loses its login and comes to the page again. No page is open meanwhile, which would go to the login by itself.
 * @param {Page} page
 */
export async function loseLogin(page) {
	await page.goto("about:blank");
	await page.context().clearCookies();
	await page.goto("/");
}

/** Opens the conversation with somebody, by the address. @param {Page} page @param {string} name */
export async function openWith(page, name) {
	await page.goto(`/#/p/${encodeURIComponent(name)}`);
	await expect(page.getByRole("heading", { name, exact: true })).toBeVisible();
}

/** @param {Page} page */
export function composer(page) {
	return page.getByRole("textbox", { name: /^Message to/ });
}

/** @param {Page} page @param {string} text */
export async function send(page, text) {
	await composer(page).fill(text);
	await page.getByRole("button", { name: "Send" }).click();
}

/** Sends, and waits until the server has it: what others do next comes after it. @param {Page} page @param {string} text */
export async function say(page, text) {
	await send(page, text);
	await expect(message(page, text)).toContainText(/Sent|Delivered|Read/);
}

/** Messages as they stand in the open conversation. @param {Page} page */
export function bubbles(page) {
	return page.locator(".bubble__body");
}

/** The row of somebody in the list. @param {Page} page @param {string} name */
export function row(page, name) {
	return page.getByRole("navigation", { name: "Conversations" }).getByRole("link", { name });
}

/** A message as a whole, by its text. @param {Page} page @param {string} text */
export function message(page, text) {
	return page.locator(".bubble").filter({ has: page.getByText(text, { exact: true }) });
}

/** What is said about the messages of the open conversation: how far each has come. @param {Page} page @param {string} stage */
export function stages(page, stage) {
	return page.locator(".bubble").getByText(stage, { exact: true });
}

/** Logs out through the menu. @param {Page} page */
export async function chooseLogOut(page) {
	await page.getByRole("button", { name: "Menu", exact: true }).click();
	await page.getByRole("menuitem", { name: "Log out" }).click();
}

/**
 * Chooses from the menu of a message or a row. A message that is still on its way has none.
 * @param {import("@playwright/test").Locator} of
 * @param {string} item
 */
export async function choose(of, item) {
	await of.and(of.page().locator(":not(.bubble--pending)")).click({ button: "right" });
	await of.page().getByRole("menuitem", { name: item, exact: true }).click();
}

/** Says many things at once, straight to the server. @param {Page} page @param {string} to @param {number} count @param {number} [first] */
export async function sayMany(page, to, count, first = 1) {
	await page.evaluate(
		async ([recipient, many, from]) => {
			for (let number = from; number < from + many; number += 1) {
				const answer = await fetch("/api/v1/message/", {
					method: "POST",
					headers: { "Content-Type": "application/json" },
					body: JSON.stringify({ recipient, body: `message ${number}` }),
				});
				if (!answer.ok) throw new Error(await answer.text());
			}
		},
		/** @type {const} */ ([to, count, first]),
	);
}

/**
 * Answers in the server's place that it refuses.
 * @param {import("@playwright/test").Route} route
 * @param {number} status
 * @param {Partial<import("../../../public/js/protocol/types.js").Problem>} problem
 */
export async function refuse(route, status, problem) {
	const own = await route.request().frame().page().request.get("/healthz");
	const headers = { "Chinwag-Version": own.headers()["chinwag-version"] };
	await route.fulfill({ status, headers, json: { status, detail: "", ...problem } });
}

/** What a message that is too long is answered. @param {import("@playwright/test").Route} route */
export const refuseAsTooLong = (route) =>
	refuse(route, 400, {
		code: "invalid",
		errors: { body: [{ code: "too_long", detail: "This message is too long." }] },
	});

/** Says who one is, straight to the server. @param {Page} page @param {Record<string, string>} data */
export async function introduce(page, data) {
	await expect(await page.request.patch("/api/v1/me/", { data })).toBeOK();
}

/** The person turns to another window. @param {Page} page */
export async function lookAway(page) {
	await page.evaluate(() => {
		document.hasFocus = () => false;
		window.dispatchEvent(new Event("blur"));
	});
}

/** The person comes back. @param {Page} page */
export async function lookBack(page) {
	await page.evaluate(() => {
		document.hasFocus = () => true;
		window.dispatchEvent(new Event("focus"));
	});
}

/** What opens is there as a whole. @param {Page} page */
function atRest(page) {
	return page.evaluate(async () => {
		const ending = document
			.getAnimations()
			.filter(({ effect }) => effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY);
		await Promise.allSettled(ending.map(({ finished }) => finished));
	});
}

/** What axe finds to be serious or worse. @param {Page} page */
export async function seriousAxeViolations(page) {
	await atRest(page);
	await page.evaluate(axe.source);
	// No rule needs the styles' text, and taking it from an imported file breaks the page's policy.
	const { violations } = await page.evaluate(() =>
		/** @type {{ axe: typeof axe }} */ (/** @type {unknown} */ (globalThis)).axe.run(document, {
			preload: false,
		}),
	);
	return violations
		.filter(({ impact }) => impact === "serious" || impact === "critical")
		.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join("\n")}`);
}

export { expect };
