import { defineConfig } from "@playwright/test";

const flags = [
	"--no-sandbox",
	"--disable-gpu",
	"--disable-quic",
	"--no-first-run",
	"--disable-background-networking",
	"--disable-component-update",
	"--disable-sync",
];

export const wholeBrowser = {
	executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
	args: flags,
};

/** The same pages without a window around them, which takes more of the processor than they do. */
const headless = {
	...wholeBrowser,
	executablePath: process.env.CHROMIUM_HEADLESS ?? wholeBrowser.executablePath,
};

export default defineConfig({
	testDir: ".",
	outputDir: "../../test-results/browser",
	testIgnore: process.env.SCREENSHOTS ? [] : ["*screenshots.spec.js"],
	workers: 2,
	timeout: 60_000,
	expect: { timeout: 10_000 },
	forbidOnly: Boolean(process.env.CI),
	reporter: "list",
	use: {
		browserName: "chromium",
		headless: true,
		locale: "en-GB",
		timezoneId: "Europe/Berlin",
		trace: "off",
		launchOptions: headless,
	},
});
