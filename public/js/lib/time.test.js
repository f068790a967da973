import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { speak } from "./texts.js";
import { dayLabel, listTime, sameDay } from "./time.js";

speak("en", JSON.parse(readFileSync(new URL("../../texts/en.json", import.meta.url), "utf8")));

const now = new Date(2026, 10, 24, 9, 30);

test("a day's label depends on how recent it is", () => {
	assert.equal(dayLabel(new Date(2026, 10, 24, 0, 0).getTime(), now), "Today");
	assert.equal(dayLabel(new Date(2026, 10, 23, 23, 59).getTime(), now), "Yesterday");
	const weekday = new Intl.DateTimeFormat("en", { weekday: "long" });
	const friday = new Date(2026, 10, 20, 12);
	assert.equal(dayLabel(friday.getTime(), now), weekday.format(friday));
	assert.match(dayLabel(new Date(2025, 4, 2).getTime(), now), /2025/);
});

test("a message time ahead of the local clock is shown as today's", () => {
	const ahead = new Date(2026, 10, 25, 0, 10).getTime();
	assert.doesNotMatch(listTime(ahead, now), /Yesterday/);
});

test("two times are on the same day by the calendar, not within 24 hours", () => {
	const late = new Date(2026, 10, 23, 23, 59).getTime();
	const early = new Date(2026, 10, 24, 0, 1).getTime();
	assert.equal(sameDay(late, early), false);
	assert.equal(sameDay(early, now.getTime()), true);
});
