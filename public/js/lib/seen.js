// When a person was last online, in words.
import { t } from "./texts.js";
import { dayLabel, sameDay, timeOfDay } from "./time.js";

/**
 * @param {string} at
 * @param {Date} now
 */
export function seenAt(at, now) {
	const time = timeOfDay(at);
	if (sameDay(at, now.getTime())) return t("presence.lastSeenToday", { time });
	return t("presence.lastSeenAt", { day: dayLabel(at, now), time });
}
