import {
	chooseLogOut,
	composer,
	expect,
	logIn,
	openWith,
	PASSWORD,
	test,
	unique,
} from "./support/people.js";

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

test("a rejected sign-up says what is wrong at the field and keeps what was typed", async ({
	join,
	visit,
}) => {
	const { name } = await join(unique("ann"));
	const page = await visit();
	await page.goto("/signup/");
	await page.getByLabel("User name").fill(name);
	await page.getByLabel("E-mail").fill("ann.example.test");
	await page.getByLabel("Password", { exact: true }).fill("short");
	await page.getByLabel("Password again", { exact: true }).fill("shorter");
	await page.getByRole("button", { name: "Create account" }).click();
	const username = page.getByLabel("User name");
	const email = page.getByLabel("E-mail");
	const passwords = [
		page.getByLabel("Password", { exact: true }),
		page.getByLabel("Password again", { exact: true }),
	];
	await expect(username).toHaveValue(name);
	await expect(email).toHaveValue("ann.example.test");
	await expect(email).toHaveAttribute("aria-invalid", "true");
	await expect(email).toHaveAccessibleDescription(/\w/);

	await email.fill(`other-${name}@example.test`);
	for (const password of passwords) {
		await expect(password).toHaveValue("");
		await password.fill(PASSWORD);
	}
	await page.getByRole("button", { name: "Create account" }).click();
	await expect(username).toHaveAttribute("aria-invalid", "true");
	await expect(username).toHaveAccessibleDescription(/taken/i);
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
	await page.context().clearCookies();
	await page.goto("/");
	await logIn(page, zed.name);
	await openWith(page, bo.name);
	await expect(composer(page)).toHaveValue("");
	await page.context().clearCookies();
	await page.goto("/");
	await logIn(page, name);
	await openWith(page, bo.name);
	await expect(composer(page)).toHaveValue("");
});
