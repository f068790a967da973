import assert from "node:assert/strict";
import { test } from "node:test";
import { deviceOf } from "./device.js";

const MOZILLA = "Mozilla/5.0";
const WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)";

test("browsers and systems are recognised although most also claim to be others", () => {
	for (const [device, program, system] of [
		[`${MOZILLA} (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0`, "Firefox", "Linux"],
		[
			`${MOZILLA} (Windows NT 10.0; Win64) ${WEBKIT} Chrome/140.0 Safari/537.36`,
			"Chrome",
			"Windows",
		],
		[`${MOZILLA} (Windows NT 10.0) ${WEBKIT} Chrome/140 Safari/537.36 Edg/140`, "Edge", "Windows"],
		[
			`${MOZILLA} (Linux; Android 15; K) ${WEBKIT} Chrome/140 Mobile Safari/537.36`,
			"Chrome",
			"Android",
		],
		[`${MOZILLA} (Macintosh; Intel) ${WEBKIT} Version/18.1 Safari/605.1.15`, "Safari", "macOS"],
		[
			`${MOZILLA} (iPhone; CPU iPhone OS 18) ${WEBKIT} CriOS/140 Mobile Safari/604.1`,
			"Chrome",
			"iOS",
		],
		[
			`${MOZILLA} (iPad; CPU OS 18_0) ${WEBKIT} Version/18.0 Mobile Safari/604.1`,
			"Safari",
			"iPadOS",
		],
		["curl/8.14.1", "curl", ""],
		[`${MOZILLA} (Plan 9)`, "", ""],
		["", "", ""],
	]) {
		assert.deepEqual(deviceOf(device), { program, system }, device);
	}
});
