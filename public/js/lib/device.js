// What a browser calls itself, in words for people. A guess that is good enough to tell one's own devices apart.

/** The first that fits; many claim to be others as well. @type {readonly [sign: RegExp, name: string][]} */
const BROWSERS = [
	[/\bEdgA?\//, "Edge"],
	[/\bOPR\//, "Opera"],
	[/\bSamsungBrowser\//, "Samsung Internet"],
	[/\b(?:Firefox|FxiOS)\//, "Firefox"],
	[/\b(?:HeadlessChrome|Chrome|CriOS)\//, "Chrome"],
	[/\bVersion\/.*\bSafari\//, "Safari"],
];

/** @type {readonly [sign: RegExp, name: string][]} */
const SYSTEMS = [
	[/\bAndroid\b/, "Android"],
	[/\biPad\b/, "iPadOS"],
	[/\biPhone\b/, "iOS"],
	[/\bWindows\b/, "Windows"],
	[/\bCrOS\b/, "ChromeOS"],
	[/\bMacintosh\b/, "macOS"],
	[/\bLinux\b/, "Linux"],
];

/** @param {readonly [sign: RegExp, name: string][]} known @param {string} text */
const first = (known, text) => known.find(([sign]) => sign.test(text))?.[1] ?? "";

/**
 * @param {string} device its `User-Agent`
 * @returns {{ program: string, system: string }} what is not known is empty
 */
export function deviceOf(device) {
	const other = /^[\w.-]+/.exec(device)?.[0] ?? "";
	const program = first(BROWSERS, device) || (other === "Mozilla" ? "" : other);
	return { program, system: first(SYSTEMS, device) };
}
