// A readable name for a browser's User-Agent: a guess, good enough for users to recognise their devices.

/** The first match counts; many also claim to be other browsers. @type {readonly [pattern: RegExp, name: string][]} */
const BROWSERS = [
	[/\bEdgA?\//, "Edge"],
	[/\bOPR\//, "Opera"],
	[/\bSamsungBrowser\//, "Samsung Internet"],
	[/\b(?:Firefox|FxiOS)\//, "Firefox"],
	[/\b(?:HeadlessChrome|Chrome|CriOS)\//, "Chrome"],
	[/\bVersion\/.*\bSafari\//, "Safari"],
];

/** @type {readonly [pattern: RegExp, name: string][]} */
const SYSTEMS = [
	[/\bAndroid\b/, "Android"],
	[/\biPad\b/, "iPadOS"],
	[/\biPhone\b/, "iOS"],
	[/\bWindows\b/, "Windows"],
	[/\bCrOS\b/, "ChromeOS"],
	[/\bMacintosh\b/, "macOS"],
	[/\bLinux\b/, "Linux"],
];

/** @param {readonly [pattern: RegExp, name: string][]} known @param {string} text */
const first = (known, text) => known.find(([pattern]) => pattern.test(text))?.[1] ?? "";

/**
 * @param {string} device its `User-Agent`
 * @returns {{ program: string, system: string }} empty where unknown
 */
export function deviceOf(device) {
	const other = /^[\w.-]+/.exec(device)?.[0] ?? "";
	const program = first(BROWSERS, device) || (other === "Mozilla" ? "" : other);
	return { program, system: first(SYSTEMS, device) };
}
