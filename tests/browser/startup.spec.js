// The page starts, whatever is broken in this browser, or says that it could not and lets one try again.
import { expect, openWith, phone, say, test, unique } from "./support/people.js";

/** @typedef {import("@playwright/test").Page} Page */

test.use({ tolerated: [/ERR_|status of \d\d\d|did not come|Failed to fetch|MIME type|JSON/] });

const LATE = "The chat could not be started";

/** @param {Page} page */
const started = (page) =>
	expect(page.getByRole("heading", { name: "Chinwag", exact: true })).toBeVisible({
		timeout: 15_000,
	});

/** Somebody with a conversation. @param {import("./support/people.js").Fixtures["join"]} join */
async function someone(join) {
	const bo = await join(unique("bo"));
	const ann = await join(unique("ann"));
	await openWith(ann.page, bo.name);
	await say(ann.page, "hello");
	return { bo, ann };
}

/**
 * Closes somebody's page once the conversation is kept.
 * @param {import("./support/people.js").Someone} of
 * @returns another page of the same browser, on which nothing happens by itself
 */
async function leave({ page }) {
	const kept = () =>
		page.evaluate(async () => {
			const database = await new Promise((done) => {
				const asked = indexedDB.open("chinwag");
				asked.onsuccess = () => done(asked.result);
			});
			const reading = database.transaction("conversations").objectStore("conversations").getAll();
			await new Promise((done) => (reading.onsuccess = done));
			database.close();
			return JSON.stringify(reading.result);
		});
	await expect.poll(kept).toContain('"hello"');
	const other = await page.context().newPage();
	await other.goto("/healthz");
	await page.close();
	return other;
}

/** @type {Record<string, [pattern: string | RegExp, answer: "fails" | "hangs" | "is damaged"]>} */
const FILES = {
	"the texts fail": ["**/texts/en.json", "fails"],
	"the texts are damaged": ["**/texts/en.json", "is damaged"],
	"the texts hang": ["**/texts/en.json", "hangs"],
	"the script fails": ["**/js/main.js", "fails"],
	"the script is damaged": ["**/js/main.js", "is damaged"],
	"a library hangs": ["**/vendor/preact.js", "hangs"],
};

test("where a file fails, is damaged or hangs, the page says so, and can be tried again", async ({
	join,
}) => {
	const { ann, bo } = await someone(join);
	// All at once: most of it is waiting until a page has waited for long enough.
	const tries = Object.entries(FILES).map(async ([what, [pattern, answer]]) => {
		const page = await ann.page.context().newPage();
		let broken = true;
		await page.route(pattern, (route) => {
			if (!broken) return route.continue();
			if (answer === "fails") return route.abort();
			if (answer === "is damaged") return route.fulfill({ status: 502, body: "<html>" });
		});
		await page.goto("/", { waitUntil: "commit" });
		await expect(page.getByText(LATE), what).toBeVisible({ timeout: 30_000 });
		broken = false;
		await page.getByRole("link", { name: "Try again" }).click();
		await started(page);
		await openWith(page, bo.name);
	});
	await Promise.all(tries);
});

/** What may be missing or broken in a browser, before any script of ours. @type {Record<string, () => void>} */
const BROWSERS = {
	"without Intl.Segmenter": () => Object.assign(Intl, { Segmenter: undefined }),
	"without BroadcastChannel": () => Object.assign(window, { BroadcastChannel: undefined }),
	"without locks": () => Object.defineProperty(navigator, "locks", { value: undefined }),
	"that refuses locks": () => {
		const refuse = () => Promise.reject(new DOMException("no", "SecurityError"));
		Object.defineProperty(navigator, "locks", { value: { request: refuse } });
	},
	"with an odd locale": () => {
		Object.defineProperty(navigator, "languages", { value: ["en-US@posix", "C", "en_GB"] });
	},
	"without IndexedDB": () => Object.defineProperty(window, "indexedDB", { value: undefined }),
	"whose IndexedDB does not open": () => {
		IDBFactory.prototype.open = () => {
			throw new DOMException("no", "SecurityError");
		};
	},
	"whose IndexedDB hangs": () => {
		// @ts-expect-error: a request that is never answered
		IDBFactory.prototype.open = () => new EventTarget();
	},
	"whose IndexedDB opens and is not read": () => {
		// @ts-expect-error: a request that is never answered
		IDBObjectStore.prototype.get = () => new EventTarget();
	},
	"that forbids storage": () => {
		Object.defineProperty(window, "localStorage", {
			get: () => {
				throw new DOMException("no", "SecurityError");
			},
		});
	},
};

test("whatever a browser has not or refuses, the page starts, and messages are sent", async ({
	join,
}) => {
	test.setTimeout(120_000);
	const { ann, bo } = await someone(join);
	for (const [browser, breaks] of Object.entries(BROWSERS)) {
		await test.step(`a browser ${browser}`, async () => {
			const page = await ann.page.context().newPage();
			await page.addInitScript(breaks);
			await page.goto("/");
			await started(page);
			await openWith(page, bo.name);
			await say(page, `sent in a browser ${browser}`);
			await page.close();
		});
	}
});

test("what was kept and cannot be read is dropped", async ({ join }) => {
	const { ann, bo } = await someone(join);
	const page = await leave(ann);
	await page.evaluate(async () => {
		const database = await new Promise((done) => {
			const asked = indexedDB.open("chinwag");
			asked.onsuccess = () => done(asked.result);
		});
		const writing = database.transaction(["conversations", "outbox"], "readwrite");
		const conversations = writing.objectStore("conversations");
		for (const [key, damaged] of [
			[1e6, null],
			[1e6 + 1, { state: { id: 7 } }],
			[1e6 + 2, "text"],
		]) {
			conversations.put(damaged, key);
		}
		writing.objectStore("outbox").put({ body: 7 }, "damaged");
		await new Promise((done) => (writing.oncomplete = done));
		const me = Object.keys(localStorage)
			.find((key) => key.startsWith("chinwag/"))
			?.split("/")[1];
		localStorage.setItem(`chinwag/${me}/draft/%E0%A4%A`, "{");
		localStorage.setItem(`chinwag/${me}/unsent/k`, "{");
	});
	await page.goto("/");
	await started(page);
	await openWith(page, bo.name);
	await expect(page.locator(".bubble__body")).toHaveText(["hello"]);
});

test("what an earlier version kept is there, and what it had not sent goes out", async ({
	join,
}) => {
	const { ann, bo } = await someone(join);
	const page = await leave(ann);
	await page.evaluate(
		async ([me, other]) => {
			const database = await new Promise((done) => {
				const asked = indexedDB.open("chinwag");
				asked.onsuccess = () => done(asked.result);
			});
			const writing = database.transaction(["conversations", "outbox"], "readwrite");
			const conversations = writing.objectStore("conversations");
			const all = conversations.getAll();
			all.onsuccess = () => {
				conversations.clear();
				for (const { newsFrom: _, ...kept } of all.result) {
					const { kind: __, ...state } = kept.state;
					conversations.put({ ...kept, state, name: state.with }, state.with);
				}
			};
			const entry = { client_id: "019a0000-0000-7000-8000-000000000001", recipient: other, at: 1 };
			const rest = { reply_to: null, forward: null, state: "waiting", problem: "", status: 0 };
			writing.objectStore("outbox").put({ ...entry, ...rest, body: "unsent" }, entry.client_id);
			await new Promise((done) => (writing.oncomplete = done));
			localStorage.setItem(`chinwag/${me}/draft/${encodeURIComponent(other)}`, '"half a thought"');
		},
		/** @type {const} */ ([encodeURIComponent(ann.name), bo.name]),
	);
	await page.goto(`/#${encodeURIComponent(bo.name)}`);
	await expect(page).toHaveURL(/#\/c\/\d+$/);
	await expect(page.locator(".bubble__body")).toHaveText(["hello", "unsent"]);
	await expect(page.getByRole("textbox", { name: /^Message to/ })).toHaveValue("half a thought");
});

test("a page that could not start is readable on a phone, too", async ({ join }) => {
	const { page } = await join(unique("ann"), phone);
	await page.route("**/texts/en.json", (route) => route.abort());
	await page.goto("/");
	await expect(page.getByText(LATE)).toBeVisible();
	const fits = () => document.documentElement.scrollWidth <= window.innerWidth;
	expect(await page.evaluate(fits)).toBe(true);
});
