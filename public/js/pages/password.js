// Lets a person see the password they type. Without this script the buttons stay hidden.
import { loadTexts, t } from "../lib/texts.js";

await loadTexts();

for (const button of document.querySelectorAll("button[data-reveal]")) {
	const field = document.getElementById(button.getAttribute("data-reveal") ?? "");
	if (!(field instanceof HTMLInputElement) || !(button instanceof HTMLButtonElement)) continue;
	const name = field.labels?.[0]?.textContent?.toLowerCase() ?? "";
	/** @param {boolean} shown */
	const show = (shown) => {
		field.type = shown ? "text" : "password";
		button.textContent = t(shown ? "password.hide" : "password.show");
		button.setAttribute(
			"aria-label",
			t(shown ? "password.hideField" : "password.showField", { field: name }),
		);
	};
	const page = new AbortController();
	const { signal } = page;
	button.hidden = false;
	show(false);
	button.addEventListener("click", () => show(field.type === "password"), { signal });
	// A browser saves what was typed in a password field, not in one that looks like text.
	field.form?.addEventListener("submit", () => show(false), { signal });
	window.addEventListener("pagehide", () => show(false), { signal });
}
