// Common complaints about other chats, which must not happen here.
import {
	bubbles,
	composer,
	expect,
	lookAway,
	lookBack,
	message,
	openWith,
	phone,
	row,
	sayMany,
	send,
	test,
	unique,
} from "./support/people.js";

/** @param {import("@playwright/test").Page} page */
const paneOf = (page) => page.getByRole("region", { name: /^Messages with/ });

test("the view does not jump when older messages load or a message grows", async ({ join }) => {
	const bo = await join(unique("bo"));
	const { page } = await join(unique("ann"));
	await sayMany(page, bo.name, 300);
	await openWith(page, bo.name);
	await expect(message(page, "message 300")).toBeInViewport();
	const worst = await paneOf(page).evaluate(async (pane) => {
		const frame = () => new Promise((done) => requestAnimationFrame(done));
		const bubbleAt = (/** @type {number} */ y) => {
			const top = pane.getBoundingClientRect().top + y;
			const all = [.../** @type {NodeListOf<HTMLElement>} */ (pane.querySelectorAll(".bubble"))];
			return all.find((bubble) => bubble.getBoundingClientRect().bottom > top);
		};
		let jump = 0;
		for (let round = 0; round < 400; round += 1) {
			const watched = bubbleAt(200);
			const key = watched?.dataset.key;
			const before = watched?.getBoundingClientRect().top ?? 0;
			const room = Math.min(120, pane.scrollTop);
			pane.scrollTop -= room;
			await frame();
			await frame();
			const after = [.../** @type {NodeListOf<HTMLElement>} */ (pane.querySelectorAll(".bubble"))]
				.find((bubble) => bubble.dataset.key === key)
				?.getBoundingClientRect().top;
			jump = Math.max(jump, Math.abs((after ?? -9999) - before - room));
			if (room === 0 && pane.textContent?.includes("message 1")) {
				const first = pane.querySelector(".bubble__body")?.textContent;
				if (first === "message 1") return jump;
			}
		}
		return 9999;
	});
	expect(worst).toBeLessThanOrEqual(2);

	const box = () => message(page, "message 9").boundingBox();
	// Scroll anchoring does not work for changes in the same frame as the scroll, so wait for two
	// frames.
	await paneOf(page).evaluate(async (pane) => {
		pane.scrollTo(0, 300);
		for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
	});
	const top = (await box())?.y ?? -1;
	await page.evaluate(() => {
		const first = /** @type {HTMLElement} */ (document.querySelector(".bubble__body"));
		first.style.height = "300px";
	});
	await expect.poll(async () => Math.abs(((await box())?.y ?? 0) - top)).toBeLessThanOrEqual(2);
});

test("the keyboard of a phone covers neither the field nor the last message", async ({ join }) => {
	const bo = await join(unique("bo"));
	const { page } = await join(unique("ann"), phone);
	await sayMany(page, bo.name, 30);
	await openWith(page, bo.name);
	await expect(message(page, "message 30")).toBeInViewport();
	await composer(page).tap();
	await page.setViewportSize({ width: 390, height: 420 });
	await expect(composer(page)).toBeInViewport({ ratio: 1 });
	await expect(message(page, "message 30")).toBeInViewport({ ratio: 1 });
	await page.setViewportSize(phone.viewport);

	// If the keyboard covers the page instead, only the visual viewport shrinks.
	await page.evaluate(() => {
		const view = /** @type {VisualViewport} */ (window.visualViewport);
		Object.defineProperty(view, "height", { get: () => 400 });
		view.dispatchEvent(new Event("resize"));
	});
	for (const part of [composer(page), message(page, "message 30")]) {
		await expect
			.poll(async () => {
				const box = await part.boundingBox();
				return (box?.y ?? 999) + (box?.height ?? 0);
			})
			.toBeLessThanOrEqual(400);
	}
});

test("a read conversation is not unread: at once, after a reload, and on other screens", async ({
	join,
}) => {
	const bo = await join(unique("bo"));
	const ann = await join(unique("ann"));
	const other = await ann.page.context().newPage();
	await other.goto("/");
	await openWith(bo.page, ann.name);
	await send(bo.page, "read me");
	await expect(row(other, bo.name)).toContainText("1 unread");
	await row(ann.page, bo.name).click();
	await expect(row(ann.page, bo.name)).not.toContainText("unread");
	await expect(row(other, bo.name)).not.toContainText("unread");
	await expect(other).toHaveTitle("Chinwag");
	await ann.page.goto("/");
	await ann.page.reload();
	await expect(row(ann.page, bo.name)).toBeVisible();
	await expect(row(ann.page, bo.name)).not.toContainText("unread");
});

test("a dead connection is noticed when the person returns to the page", async ({ join }) => {
	const bo = await join(unique("bo"));
	const ann = await join(unique("ann"));
	const page = await ann.page.context().newPage();
	await ann.page.close();
	let frozen = false;
	await page.routeWebSocket(/\/ws(\?|$)/, (socket) => {
		const server = socket.connectToServer();
		const dead = () => frozen;
		socket.onMessage((frame) => {
			if (!dead()) server.send(frame);
		});
		server.onMessage((frame) => {
			if (!dead()) socket.send(frame);
		});
	});
	await openWith(page, bo.name);
	await openWith(bo.page, ann.name);
	await send(bo.page, "before sleep");
	await expect(bubbles(page)).toHaveText(["before sleep"]);
	frozen = true;
	await lookAway(page);
	await send(bo.page, "during sleep");
	await expect(message(bo.page, "during sleep")).toContainText("Sent");
	frozen = false;
	await page.evaluate(() => window.dispatchEvent(new Event("online")));
	await lookBack(page);
	await expect(bubbles(page)).toHaveText(["before sleep", "during sleep"]);
});

test("a draft survives switching and reload, and stays in its own conversation", async ({
	join,
}) => {
	const bo = await join(unique("bo"));
	const zed = await join(unique("zed"));
	const { page, name } = await join(unique("ann"));
	for (const person of [bo, zed]) {
		await openWith(person.page, name);
		await send(person.page, "hello");
	}
	await row(page, bo.name).click();
	await composer(page).pressSequentially("half a thought");
	await row(page, zed.name).click();
	await expect(composer(page)).toHaveValue("");
	await expect(row(page, bo.name)).toContainText("Draft: half a thought");
	await page.reload();
	await row(page, bo.name).click();
	await expect(composer(page)).toHaveValue("half a thought");
});

test("a second tab works as well as the first", async ({ join }) => {
	const bo = await join(unique("bo"));
	const ann = await join(unique("ann"));
	const second = await ann.page.context().newPage();
	await openWith(ann.page, bo.name);
	await openWith(second, bo.name);
	await send(second, "from the second");
	await expect(bubbles(ann.page)).toHaveText(["from the second"]);
	await send(ann.page, "from the first");
	await expect(bubbles(second)).toHaveText(["from the second", "from the first"]);
});

test("the Enter that ends an input method's composition does not send", async ({ join }) => {
	const bo = await join(unique("bo"));
	const { page } = await join(unique("ann"));
	await openWith(page, bo.name);
	await composer(page).focus();
	const input = await page.context().newCDPSession(page);
	await input.send("Input.imeSetComposition", {
		text: "にほん",
		selectionStart: 3,
		selectionEnd: 3,
	});
	await page.keyboard.press("Enter");
	await input.send("Input.insertText", { text: "日本" });
	await expect(composer(page)).toHaveValue(/日本/);
	await expect(bubbles(page)).toHaveCount(0);
	await composer(page).dispatchEvent("keydown", { key: "Enter", keyCode: 229 });
	await expect(bubbles(page)).toHaveCount(0);
	await page.keyboard.press("Enter");
	await expect(bubbles(page)).toHaveText([/日本/]);
});

/** Records what the live regions say that are on the page now. @param {import("@playwright/test").Page} page */
function listen(page) {
	return page.evaluate(() => {
		/** @type {string[]} */
		const announced = [];
		Object.assign(window, { announced });
		for (const region of document.querySelectorAll("[aria-live], [role=status], [role=alert]")) {
			new MutationObserver(() => {
				if (region.textContent?.trim()) announced.push(region.textContent.trim());
			}).observe(region, { childList: true, characterData: true, subtree: true });
		}
	});
}

/** @param {import("@playwright/test").Page} page */
function announced(page) {
	return page.evaluate(() => /** @type {{ announced?: string[] }} */ (window).announced);
}

test("a screen reader announces each received message once, and no own messages", async ({
	join,
}) => {
	const bo = await join(unique("bo"));
	const { page, name } = await join(unique("ann"));
	await openWith(page, bo.name);
	await openWith(bo.page, name);
	await listen(page);
	await send(page, "my own");
	await expect(message(page, "my own")).toContainText("Read");
	await send(bo.page, "theirs");
	await expect(bubbles(page)).toHaveText(["my own", "theirs"]);
	await expect.poll(() => announced(page)).toEqual([`${bo.name}: theirs`]);
});

test("a screen reader does not announce that a conversation just opened is empty", async ({
	join,
}) => {
	const bo = await join(unique("bo"));
	const { page } = await join(unique("ann"));
	let release = () => {};
	const released = new Promise((done) => {
		release = () => done(undefined);
	});
	await page.route("**/api/v1/conversation/?*", async (route) => {
		await released;
		await route.continue();
	});
	await openWith(page, bo.name);
	await expect(page.getByText("Loading messages")).toBeAttached();
	await listen(page);
	release();
	await expect(page.getByText("Nothing said yet")).toBeVisible();
	expect(await announced(page)).toEqual([]);
});

test("a notification is shown only while the page is hidden, and closes when it is read elsewhere", async ({
	join,
}) => {
	const bo = await join(unique("bo"));
	const ann = await join(unique("ann"));
	const { page } = ann;
	await page.addInitScript(() => {
		/** @type {string[]} */
		const shown = [];
		Object.assign(window, { shown });
		/** A substitute, because a test cannot see the notifications of the system. */
		class Shown extends EventTarget {
			static permission = "granted";
			/** @type {(() => void) | null} */
			onclose = null;
			#text;
			/** @param {string} title @param {{ body: string }} options */
			constructor(title, { body }) {
				super();
				this.#text = `${title}: ${body}`;
				shown.push(this.#text);
			}
			close() {
				shown.splice(shown.indexOf(this.#text), 1);
				this.onclose?.();
			}
		}
		Object.assign(window, { Notification: Shown });
	});
	const shown = () =>
		page.evaluate(
			() => /** @type {{ shown?: string[] }} */ (/** @type {unknown} */ (window)).shown,
		);
	await page.reload();
	await openWith(page, bo.name);
	await openWith(bo.page, ann.name);
	await send(bo.page, "I see you");
	await expect(bubbles(page)).toHaveText(["I see you"]);
	expect(await shown()).toEqual([]);
	await lookAway(page);
	await send(bo.page, "hello?");
	await expect.poll(shown).toEqual([`${bo.name}: hello?`]);
	const other = await page.context().newPage();
	await openWith(other, bo.name);
	await expect.poll(shown).toEqual([]);
});

test("a dark page is dark before any script runs", async ({ join }) => {
	const { page } = await join(unique("ann"), { colorScheme: "dark" });
	await page.route("**/*.js", () => {});
	await page.goto("/", { waitUntil: "commit" });
	await expect(page.locator(".shell")).toBeAttached();
	const colour = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
	const light = Math.max(...(colour.match(/\d+/g) ?? ["255"]).slice(0, 3).map(Number));
	expect(light).toBeLessThan(64);
});
