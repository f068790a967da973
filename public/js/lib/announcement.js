// The screen reader announcement for new messages.
import { preview } from "./format.js";
import { beginning } from "./text.js";
import { list, t } from "./texts.js";

const SPOKEN = 200;

/**
 * @param {{ user: string, body: string }[]} news
 * @param {(user: string) => string} called a person's display name
 * @returns {string}
 */
export function announcement(news, called = (user) => user) {
	if (news.length === 0) return "";
	const senders = [...new Set(news.map(({ user }) => called(user)))];
	if (news.length > 1) {
		return t("announce.several", { count: news.length, names: list(senders) });
	}
	const [{ user, body }] = news;
	const readable = preview(body, 4 * SPOKEN);
	const spoken = beginning(readable, SPOKEN);
	return `${called(user)}: ${spoken}${spoken.length < readable.length ? "…" : ""}`;
}
