// What the composer's text is and where it goes: a draft that is sent, or an edit that is saved.

/**
 * @param {import("../parts.js").Parts} parts
 * @param {string} name
 * @param {import("./desk.js").Desk} desk
 * @returns {{ text: string, write: (text: string) => void, finish: () => void }}
 */
export function useWriting({ centre, overlays }, name, desk) {
	const editing = desk.editing.value;
	if (editing) {
		const { message, text } = editing;
		return {
			text,
			write: (changed) => {
				desk.editing.value = { message, text: changed };
			},
			finish: async () => {
				desk.editing.value = null;
				if (text.trim() === message.body) return;
				const saved = await overlays.attempt(centre.edit(message, text.trim()));
				if (!saved) desk.editing.value ??= editing;
			},
		};
	}
	const text = centre.drafts.of(name);
	return {
		text,
		write: (changed) => centre.drafts.write(name, changed),
		finish: () => {
			const replyTo = desk.replyTo.peek();
			centre.send(name, text, replyTo ? { replyTo } : {});
			desk.replyTo.value = null;
			desk.divider.value = null;
		},
	};
}
