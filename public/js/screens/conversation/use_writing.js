// The composer's text: a draft to send, or an edit to save.

/**
 * @param {import("../parts.js").Parts} parts
 * @param {import("../../state/types.js").Conversation} conversation
 * @param {import("./ui_state.js").ConversationUiState} ui
 * @returns {{ text: string, write: (text: string) => void, finish: () => void }}
 */
export function useWriting({ client, overlays }, conversation, ui) {
	const editing = ui.editing.value;
	if (editing) {
		const { message, text } = editing;
		return {
			text,
			write: (changed) => {
				ui.editing.value = { message, text: changed };
			},
			finish: async () => {
				ui.editing.value = null;
				if (text.trim() === message.body) return;
				const saved = await overlays.attempt(client.actions.edit(message, text.trim()));
				if (!saved) ui.editing.value ??= editing;
			},
		};
	}
	const { key } = conversation;
	const text = client.drafts.of(key);
	return {
		text,
		write: (changed) => client.drafts.write(key, changed),
		finish: () => {
			const replyTo = ui.replyTo.peek();
			client.send(conversation, text, replyTo ? { replyTo } : {});
			ui.replyTo.value = null;
			ui.divider.value = null;
		},
	};
}
