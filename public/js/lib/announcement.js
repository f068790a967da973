// What a screen reader says when messages come in.
import { beginning } from "./text.js";
import { list, t } from "./texts.js";

const SPOKEN = 200;

/**
 * @param {import("../protocol/api.js").Message[]} news
 * @returns {string}
 */
export function announcement(news) {
	if (news.length === 0) return "";
	const senders = [...new Set(news.map((message) => message.user))];
	if (news.length > 1) {
		return t("announce.several", { count: news.length, names: list(senders) });
	}
	const [{ user, body }] = news;
	const spoken = beginning(body, SPOKEN);
	return `${user}: ${spoken}${spoken.length < body.length ? "…" : ""}`;
}
