// Formatted times, in the page's language and the reader's time zone. Pure functions of their
// arguments and that language.
import { date, t } from "./texts.js";

const DAY = 24 * 60 * 60 * 1000;

/** @type {Record<string, Intl.DateTimeFormatOptions>} */
const kinds = {
	clock: { timeStyle: "short" },
	weekday: { weekday: "long" },
	dayOfYear: { weekday: "long", day: "numeric", month: "long" },
	fullDay: { day: "numeric", month: "long", year: "numeric" },
	shortDay: { day: "2-digit", month: "2-digit", year: "2-digit" },
	complete: { dateStyle: "full", timeStyle: "short" },
};

/**
 * Calendar days from one time to another, in local time. Rounded because a day with a clock change
 * has 23 or 25 hours.
 * @param {Date} from
 * @param {Date} to
 */
function daysBetween(from, to) {
	const start = new Date(from.getFullYear(), from.getMonth(), from.getDate());
	const end = new Date(to.getFullYear(), to.getMonth(), to.getDate());
	return Math.round((end.getTime() - start.getTime()) / DAY);
}

/**
 * @param {string | number} a
 * @param {string | number} b
 */
export function sameDay(a, b) {
	return daysBetween(new Date(a), new Date(b)) === 0;
}

/** @param {string | number} at */
export function timeOfDay(at) {
	return date(new Date(at), kinds.clock);
}

/** @param {string | number} at */
export function completeTime(at) {
	return date(new Date(at), kinds.complete);
}

/**
 * The label of a day separator.
 * @param {string | number} at
 * @param {Date} now
 */
export function dayLabel(at, now) {
	const moment = new Date(at);
	const days = daysBetween(moment, now);
	if (days === 0) return t("time.today");
	if (days === 1) return t("time.yesterday");
	if (days > 1 && days < 7) return date(moment, kinds.weekday);
	if (moment.getFullYear() === now.getFullYear()) return date(moment, kinds.dayOfYear);
	return date(moment, kinds.fullDay);
}

/**
 * The short time beside a conversation in the list.
 * @param {string | number} at
 * @param {Date} now
 */
export function listTime(at, now) {
	const moment = new Date(at);
	const days = daysBetween(moment, now);
	if (days <= 0) return date(moment, kinds.clock);
	if (days === 1) return t("time.yesterday");
	if (days < 7) return date(moment, kinds.weekday);
	return date(moment, kinds.shortDay);
}
