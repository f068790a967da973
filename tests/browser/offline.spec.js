import {
	bubbles,
	chooseLogOut,
	composer,
	expect,
	logIn,
	openWith,
	send,
	stages,
	test,
	unique,
} from "./support/people.js";

test.use({ tolerated: [/ERR_|WebSocket|status of (403|50\d)/] });

test("messages written offline are sent once, in order, when the network is back", async ({
	join,
}) => {
	const bo = await join(unique("bo"));
	const ann = await join(unique("ann"));
	await openWith(bo.page, ann.name);
	await openWith(ann.page, bo.name);
	await send(ann.page, "before");
	await expect(bubbles(bo.page)).toHaveText(["before"]);

	await ann.page.context().setOffline(true);
	await expect(ann.page.getByText("Offline: messages will be sent")).toBeVisible();
	await send(ann.page, "in the tunnel");
	await send(ann.page, "still in the tunnel");
	await expect(stages(ann.page, "Waiting to be sent")).toHaveCount(2);
	await send(bo.page, "meanwhile");
	await expect(stages(bo.page, "Sent")).toHaveCount(1);
	await ann.page.context().setOffline(false);

	await expect(ann.page.getByText("Offline")).toBeHidden();
	await expect(stages(ann.page, "Waiting to be sent")).toHaveCount(0);
	const said = ["before", "meanwhile", "in the tunnel", "still in the tunnel"];
	await expect(bubbles(bo.page)).toHaveText(said);
	await expect(bubbles(ann.page)).toHaveText(said);
});

test("after a server restart the page reconnects by itself and loses nothing", async ({
	join,
	server,
}) => {
	const bo = await join(unique("bo"));
	const ann = await join(unique("ann"));
	await openWith(bo.page, ann.name);
	await openWith(ann.page, bo.name);
	await send(bo.page, "first");
	await expect(bubbles(ann.page)).toHaveText(["first"]);

	expect(await server.stop()).toBe(0);
	await send(ann.page, "into the void");
	await composer(ann.page).fill("unfinished");
	await expect(stages(ann.page, "Waiting to be sent")).toHaveCount(1);
	await expect(ann.page.getByText("Offline: messages will be sent")).toBeVisible();
	await server.start();

	await expect(bubbles(bo.page)).toHaveText(["first", "into the void"], { timeout: 40_000 });
	await expect(bubbles(ann.page)).toHaveText(["first", "into the void"], { timeout: 40_000 });
	await expect(composer(ann.page)).toHaveValue("unfinished");
	await send(bo.page, "and live again");
	await expect(bubbles(ann.page)).toHaveText(["first", "into the void", "and live again"], {
		timeout: 40_000,
	});
});

test("a page closed with an unsent message sends it when it is opened again", async ({
	join,
	server,
}) => {
	const bo = await join(unique("bo"));
	const ann = await join(unique("ann"));
	await openWith(ann.page, bo.name);
	expect(await server.stop()).toBe(0);
	await send(ann.page, "kept");
	await expect(stages(ann.page, "Waiting to be sent")).toHaveCount(1);
	await ann.page.close();
	await server.start();
	const again = await ann.page.context().newPage();
	await openWith(again, bo.name);
	await expect(stages(again, "Sent").or(stages(again, "Delivered"))).toHaveCount(1);
	await openWith(bo.page, ann.name);
	await expect(bubbles(bo.page)).toHaveText(["kept"]);
});

test("logging out asks before it discards unsent messages", async ({ join, server }) => {
	const bo = await join(unique("bo"));
	const { page } = await join(unique("ann"));
	await openWith(page, bo.name);
	expect(await server.stop()).toBe(0);
	await send(page, "unsent");
	await composer(page).fill("and a draft");
	await chooseLogOut(page);
	const dialog = page.getByRole("dialog", {
		name: "Log out and lose one unsent message and one draft?",
	});
	await expect(dialog).toBeVisible();
	await dialog.getByRole("button", { name: "Stay" }).click();
	await expect(dialog).toBeHidden();
	await server.start();
	await expect(stages(page, "Sent").or(stages(page, "Delivered"))).toHaveCount(1, {
		timeout: 40_000,
	});
});

test("an ended session leads to the login page, and unsent messages are sent after the login", async ({
	join,
}) => {
	const bo = await join(unique("bo"));
	const ann = await join(unique("ann"));
	await openWith(ann.page, bo.name);
	await composer(ann.page).fill("not lost");
	await ann.page.context().clearCookies();
	await composer(ann.page).press("Enter");
	await expect(ann.page).toHaveURL(/\/login\/\?next=/);
	await logIn(ann.page, ann.name);
	await openWith(ann.page, bo.name);
	await expect(bubbles(ann.page)).toHaveText(["not lost"]);
});

test("a message written while the session ends is kept, even if storing it is slow", async ({
	join,
}) => {
	const bo = await join(unique("bo"));
	const { page } = await join(unique("ann"));
	await openWith(page, bo.name);
	const late = new Promise((done) => page.exposeFunction("nowStored", done));
	await page.route("**/login/**", async (route) => {
		await late;
		await route.continue();
	});
	// Another transaction blocks the outbox until the page is about to unload.
	await page.evaluate(async () => {
		/** @type {IDBDatabase} */
		const database = await new Promise((done) => {
			const asked = indexedDB.open("chinwag");
			asked.onsuccess = () => done(asked.result);
		});
		let blocked = true;
		const store = database.transaction("outbox", "readwrite").objectStore("outbox");
		const block = () => {
			if (blocked) store.get("nobody").onsuccess = block;
		};
		block();
		window.addEventListener("beforeunload", () => {
			blocked = false;
			const look = () => {
				const all = database.transaction("outbox").objectStore("outbox").getAll();
				all.onsuccess = () => {
					const bodies = all.result.map(({ body }) => body);
					if (bodies.length === 0) return look();
					// The page knows that the message is stored before others can read it.
					/** @type {any} */ (window).nowStored(bodies);
				};
			};
			look();
		});
	});
	await page.context().clearCookies();
	await send(page, "at the last moment");
	expect(await late).toEqual(["at the last moment"]);
	await expect(page).toHaveURL(/\/login\/\?next=/);
});
