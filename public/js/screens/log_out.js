// Logs out: deletes what this browser stores, and ends the session on the server.
import { t } from "../lib/texts.js";
// Not loaded on demand like other dialogs: it must open offline.
import LeaveDialog from "./dialogs/leave.js";

/**
 * @param {number} messages
 * @param {number} drafts
 */
function losses(messages, drafts) {
	const lost = [];
	if (messages) lost.push(t("leave.messages", { count: messages }));
	if (drafts) lost.push(t("leave.drafts", { count: drafts }));
	return lost.length === 2 ? t("leave.both", { one: lost[0], other: lost[1] }) : (lost[0] ?? "");
}

/** @param {import("./parts.js").Parts} parts */
async function leaveNow({ leave }) {
	await leave();
	const form = document.createElement("form");
	form.method = "post";
	form.action = "/logout/";
	document.body.append(form);
	form.submit();
}

/** @param {import("./parts.js").Parts} parts */
export function leaveOrAsk(parts) {
	const { client, overlays } = parts;
	const lost = losses(client.outbox.pending.value.length, client.drafts.count);
	if (!lost) return leaveNow(parts);
	return overlays.openDialog(async () => ({ default: LeaveDialog }), {
		overlays,
		lost,
		leave: () => leaveNow(parts),
	});
}
