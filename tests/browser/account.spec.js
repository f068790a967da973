import {
	chooseLogOut,
	composer,
	expect,
	logIn,
	loseLogin,
	openWith,
	PASSWORD,
	test,
	unique,
} from "./support/people.js";

/** The sign-up form. @param {import("@playwright/test").Page} page */
const fields = (page) => ({
	username: page.getByLabel("User name"),
	email: page.getByLabel("E-mail"),
	passwords: [
		page.getByLabel("Password", { exact: true }),
		page.getByLabel("Password again", { exact: true }),
	],
	create: page.getByRole("button", { name: "Create account" }),
});

test("somebody signs up, logs out and logs in again", async ({ join }) => {
	const { name, page } = await join(unique("ann"));
	await expect(page.getByText(name).first()).toBeVisible();
	await chooseLogOut(page);
	await expect(page).toHaveURL(/\/login\//);
	await logIn(page, name);
	await expect(page.getByRole("heading", { name: "Chinwag", exact: true })).toBeVisible();
});

test("a wrong password is explained, and the name stays", async ({ join, visit }) => {
	const { name } = await join(unique("ann"));
	const page = await visit();
	await page.goto("/login/?next=/simpleui/");
	await page.getByLabel("User name").fill(name);
	await page.getByLabel("Password", { exact: true }).fill("not the password");
	await page.getByRole("button", { name: "Log in" }).click();
	await expect(page.getByRole("alert")).toBeVisible();
	await expect(page.getByLabel("User name")).toHaveValue(name);
	await expect(page.getByLabel("Password", { exact: true })).toHaveValue("");
	await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
	await page.getByRole("button", { name: "Log in" }).click();
	await expect(page).toHaveURL(/\/simpleui\//);
});

test("a rejected sign-up says what is wrong at the field and keeps what was typed, without scripts too", async ({
	join,
	visit,
}) => {
	const { name } = await join(unique("ann"));
	const page = await visit({ javaScriptEnabled: false });
	await page.goto("/signup/");
	const { username, email, passwords, create } = fields(page);
	await username.fill(name);
	await email.fill("ann.example.test");
	await passwords[0].fill("short");
	await passwords[1].fill("shorter");
	await create.click();
	await expect(username).toHaveValue(name);
	await expect(email).toHaveValue("ann.example.test");
	await expect(email).toHaveAttribute("aria-invalid", "true");
	await expect(email).toHaveAccessibleDescription(/\w/);

	await email.fill(`other-${name}@example.test`);
	for (const password of passwords) {
		await expect(password).toHaveValue("");
		await password.fill(PASSWORD);
	}
	await create.click();
	await expect(username).toHaveAttribute("aria-invalid", "true");
	await expect(username).toHaveAccessibleDescription(/taken/i);
	await username.fill(unique("ann"));
	for (const password of passwords) await password.fill(PASSWORD);
	await create.click();
	await expect(page).not.toHaveURL(/signup/);
});

test("a slip is told at its field before anything is sent, and goes as soon as it is mended", async ({
	visit,
}) => {
	const page = await visit();
	let sent = 0;
	page.on("request", (request) => (sent += Number(request.method() === "POST")));
	await page.goto("/signup/");
	const { username, email, passwords, create } = fields(page);
	await username.click();
	await email.click();
	await expect(username, "an empty field is no slip yet").not.toHaveAttribute("aria-invalid");
	await email.fill("ann.example.test");
	await passwords[0].fill("short");
	await expect(email).toHaveAccessibleDescription(/valid e-mail/);
	await expect(page.locator("#password1-error")).toBeHidden();

	await create.click();
	await expect(username).toBeFocused();
	await expect(username).toHaveAccessibleDescription(/Letters.*Enter a user name/);
	await expect(passwords[0]).toHaveAccessibleDescription(/at least 8/);
	await username.fill(unique("ann"));
	await expect(username).not.toHaveAttribute("aria-invalid");
	await expect(username).toHaveAccessibleDescription(/^Letters/);

	await email.fill("ann@example.test");
	await passwords[0].fill(PASSWORD);
	await passwords[1].fill("another");
	await expect(passwords[1]).toHaveAccessibleDescription(/differ/);
	await passwords[0].fill("another");
	await expect(passwords[1]).not.toHaveAttribute("aria-invalid");
	expect(sent).toBe(0);
});

test("one click sends a form whose last field was wrong a moment ago", async ({ visit }) => {
	const page = await visit();
	await page.goto("/signup/");
	const { username, email, passwords, create } = fields(page);
	await username.fill(unique("ann"));
	await email.fill(`${unique("ann")}@example.test`);
	await passwords[0].fill(PASSWORD);
	await passwords[1].pressSequentially("no");
	const before = await create.boundingBox();
	await page.mouse.move((before?.x ?? 0) + 20, (before?.y ?? 0) + 20);
	await page.mouse.down();
	await expect(passwords[1]).not.toBeFocused();
	expect(await create.boundingBox(), "the button stays under the finger").toEqual(before);
	await page.mouse.up();
	await expect(passwords[1]).toBeFocused();
	await expect(passwords[1]).toHaveAccessibleDescription(/differ/);
	await passwords[1].fill(PASSWORD);
	await create.click();
	await expect(page).not.toHaveURL(/signup/);
});

test("a password is called weak or strong, and may be weak", async ({ visit }) => {
	const page = await visit();
	await page.goto("/signup/");
	const { username, email, passwords, create } = fields(page);
	const name = unique("ann");
	await username.fill(name);
	await email.fill(`${name}@example.test`);
	await passwords[0].fill("a quiet kettle sings");
	await expect(page.getByText("Strong.")).toBeVisible();
	await passwords[0].fill(`${name}1`);
	await expect(page.getByText("Easy to guess.")).toBeVisible();
	await passwords[1].fill(`${name}1`);
	await create.click();
	await expect(page).not.toHaveURL(/signup/);
});

test("locked capitals are told while a password is typed", async ({ visit }) => {
	const page = await visit();
	await page.goto("/login/");
	const password = page.getByLabel("Password", { exact: true });
	const press = (/** @type {boolean} */ locked) =>
		password.dispatchEvent("keydown", { key: "a", modifierCapsLock: locked, bubbles: true });
	await password.focus();
	await press(true);
	await expect(page.getByText("Caps Lock is on.")).toBeVisible();
	await press(false);
	await expect(page.getByText("Caps Lock is on.")).toBeHidden();
});

test("whoever has to log in or sign up first comes to where they wanted to", async ({
	join,
	visit,
}) => {
	const bo = await join(unique("bo"));
	const page = await visit();
	await page.goto(`/#/p/${bo.name}`);
	await page.getByRole("link", { name: "Create an account" }).click();
	await page.getByRole("link", { name: "Log in" }).click();
	await expect(page).toHaveURL(/\/login\/\?next=%2F/);
	await page.goto(`/#/p/${bo.name}`);
	await logIn(page, (await join(unique("ann"))).name);
	await expect(page.getByRole("heading", { name: bo.name, exact: true })).toBeVisible();
});

test("a password can be looked at and is sent as a password", async ({ visit }) => {
	const page = await visit();
	await page.goto("/login/");
	const password = page.getByLabel("Password", { exact: true });
	await password.fill("seen");
	await page.getByRole("button", { name: "Show password" }).click();
	await expect(password).toHaveAttribute("type", "text");
	await page.getByRole("button", { name: "Hide password" }).click();
	await expect(password).toHaveAttribute("type", "password");
});

test("fields tell password managers and phones what they are", async ({ visit }) => {
	const page = await visit();
	await page.goto("/signup/");
	const username = page.getByLabel("User name");
	await expect(username).toHaveAttribute("autocomplete", "username");
	await expect(username).toHaveAttribute("autocapitalize", "none");
	await expect(username).toHaveAttribute("spellcheck", "false");
	await expect(page.getByLabel("Password", { exact: true })).toHaveAttribute(
		"autocomplete",
		"new-password",
	);
	await page.goto("/login/");
	await expect(page.getByLabel("Password", { exact: true })).toHaveAttribute(
		"autocomplete",
		"current-password",
	);
});

test("what one person left behind is not there for the next at the same browser", async ({
	join,
}) => {
	const bo = await join(unique("bo"));
	const zed = await join(unique("zed"));
	const { name, page } = await join(unique("ann"));
	await openWith(page, bo.name);
	await composer(page).fill("a secret");
	await loseLogin(page);
	await logIn(page, zed.name);
	await openWith(page, bo.name);
	await expect(composer(page)).toHaveValue("");
	await loseLogin(page);
	await logIn(page, name);
	await openWith(page, bo.name);
	await expect(composer(page)).toHaveValue("");
});
