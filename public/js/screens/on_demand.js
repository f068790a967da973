// Modules that are loaded on first use, so that the page starts small. Each entry names the same file twice: as a URL to
// prefetch, and as an import that the build and the type checker follow.
import { bring } from "../lib/module_files.js";

/**
 * @template M
 * @param {string} path
 * @param {() => Promise<M>} load
 */
const file = (path, load) => async () => {
	await bring(new URL(path, import.meta.url));
	return load();
};

export const panels = {
	settings: file("./settings/settings.js", () => import("./settings/settings.js")),
	account: file("../state/client/account.js", () => import("../state/client/account.js")),
	profile: file("./profile/profile.js", () => import("./profile/profile.js")),
};

export const emojiPicker = file(
	"../components/emoji_picker.js",
	() => import("../components/emoji_picker.js"),
);

export const dialogs = {
	block: file("./dialogs/block.js", () => import("./dialogs/block.js")),
	confirm: file("./dialogs/confirm.js", () => import("./dialogs/confirm.js")),
	delete: file("./dialogs/delete.js", () => import("./dialogs/delete.js")),
	deleteAccount: file("./dialogs/delete_account.js", () => import("./dialogs/delete_account.js")),
	details: file("./dialogs/details.js", () => import("./dialogs/details.js")),
	forward: file("./dialogs/forward.js", () => import("./dialogs/forward.js")),
	keys: file("./dialogs/keys.js", () => import("./dialogs/keys.js")),
	react: file("./dialogs/react.js", () => import("./dialogs/react.js")),
};
