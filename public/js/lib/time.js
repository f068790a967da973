// Times as a person reads them, in the reader's own language and zone.
// Everything here is a pure function of its arguments.

const DAY = 24 * 60 * 60 * 1000;

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "long" });
const dayOfYear = new Intl.DateTimeFormat(undefined, {
	weekday: "long",
	day: "numeric",
	month: "long",
});
const fullDay = new Intl.DateTimeFormat(undefined, {
	day: "numeric",
	month: "long",
	year: "numeric",
});
const shortDay = new Intl.DateTimeFormat(undefined, {
	day: "2-digit",
	month: "2-digit",
	year: "2-digit",
});
const complete = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });

/**
 * Whole calendar days from one moment to another, in local time. Rounded because a day with a
 * clock change has 23 or 25 hours.
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
	return clock.format(new Date(at));
}

/** @param {string | number} at */
export function completeTime(at) {
	return complete.format(new Date(at));
}

/**
 * The label of a day separator.
 * @param {string | number} at
 * @param {Date} now
 */
export function dayLabel(at, now) {
	const moment = new Date(at);
	const days = daysBetween(moment, now);
	if (days === 0) return "Today";
	if (days === 1) return "Yesterday";
	if (days > 1 && days < 7) return weekday.format(moment);
	if (moment.getFullYear() === now.getFullYear()) return dayOfYear.format(moment);
	return fullDay.format(moment);
}

/**
 * The short time beside a conversation in the list.
 * @param {string | number} at
 * @param {Date} now
 */
export function listTime(at, now) {
	const moment = new Date(at);
	const days = daysBetween(moment, now);
	if (days <= 0) return clock.format(moment);
	if (days === 1) return "Yesterday";
	if (days < 7) return weekday.format(moment);
	return shortDay.format(moment);
}
