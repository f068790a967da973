// Enhances the log-in and sign-up forms: errors are shown at the field before anything is sent, a
// password can be revealed, and a hint shows how hard it is to guess. The forms also work without
// this script.
import { problemWith } from "../lib/account_rules.js";
import { strength } from "../lib/password_strength.js";
import { loadTexts, t, translated } from "../lib/texts.js";

const page = new AbortController();
const { signal } = page;

/** @param {string} tag @param {string} className @param {string} id */
function create(tag, className, id) {
	const element = document.createElement(tag);
	element.className = className;
	element.id = id;
	return element;
}

/** @param {HTMLInputElement} field @param {string} id @param {boolean} describes */
function describe(field, id, describes) {
	const ids = new Set(field.getAttribute("aria-describedby")?.split(" "));
	if (describes) ids.add(id);
	else ids.delete(id);
	if (ids.size) field.setAttribute("aria-describedby", [...ids].join(" "));
	else field.removeAttribute("aria-describedby");
}

/** Shows a field's error. @param {HTMLInputElement} field @param {string} problem */
function showProblem(field, problem) {
	const id = `${field.id}-error`;
	const before = document.getElementById(id);
	if (!problem) {
		before?.remove();
		field.removeAttribute("aria-invalid");
	} else {
		const message = before ?? create("p", "field__error", id);
		message.textContent = translated(problem);
		(field.closest(".field__row") ?? field).after(message);
		field.setAttribute("aria-invalid", "true");
	}
	describe(field, id, Boolean(problem));
}

/** @param {HTMLFormElement} form */
const filledIn = (form) =>
	Object.fromEntries(Array.from(new FormData(form), ([name, value]) => [name, String(value)]));

/**
 * A field is checked on blur, and on every input while it has an error.
 * @param {HTMLFormElement} form
 * @param {HTMLInputElement[]} fields
 */
function checkWhileFilling(form, fields) {
	const path = new URL(form.action).pathname;
	/** @param {HTMLInputElement} field */
	const check = (field) => {
		const problem = problemWith(path, field.name, filledIn(form));
		showProblem(field, problem);
		return !problem;
	};
	let tried = false;
	let pressing = false;
	/** @type {Set<HTMLInputElement>} */
	const left = new Set();
	// An error that appears between press and release would move the button away from the pointer.
	const checkLeft = () => {
		if (pressing) return;
		for (const field of left) if (field.value || tried) check(field);
		left.clear();
	};
	const released = () => {
		pressing = false;
		setTimeout(checkLeft);
	};
	document.addEventListener("pointerdown", () => (pressing = true), { signal });
	document.addEventListener("pointerup", released, { signal });
	document.addEventListener("pointercancel", released, { signal });

	for (const field of fields) {
		field.addEventListener(
			"blur",
			() => {
				left.add(field);
				checkLeft();
			},
			{ signal },
		);
		field.addEventListener(
			"input",
			() => {
				const other = fields.find(({ name }) => name === "password2");
				const wrong = [field, other].filter((one) => one?.hasAttribute("aria-invalid"));
				for (const one of wrong) if (one) check(one);
			},
			{ signal },
		);
	}
	form.addEventListener(
		"submit",
		(event) => {
			tried = true;
			left.clear();
			const wrong = fields.filter((field) => !check(field));
			if (wrong.length === 0) return;
			event.preventDefault();
			event.stopImmediatePropagation();
			wrong[0].focus();
		},
		{ signal },
	);
}

/** @param {HTMLButtonElement} button @param {HTMLInputElement} field */
function enableReveal(button, field) {
	const name = field.labels?.[0]?.textContent?.toLowerCase() ?? "";
	/** @param {boolean} shown */
	const show = (shown) => {
		field.type = shown ? "text" : "password";
		button.textContent = t(shown ? "password.hide" : "password.show");
		const label = t(shown ? "password.hideField" : "password.showField", { field: name });
		button.setAttribute("aria-label", label);
	};
	button.hidden = false;
	show(false);
	button.addEventListener("click", () => show(field.type === "password"), { signal });
	// Browsers save passwords only from fields of type password.
	field.form?.addEventListener("submit", () => show(false), { signal });
	window.addEventListener("pagehide", () => show(false), { signal });
}

/** Warns while Caps Lock is on. @param {HTMLInputElement} field */
function watchCapsLock(field) {
	const warning = create("p", "field__hint", `${field.id}-caps`);
	warning.setAttribute("role", "status");
	field.closest(".field__row")?.after(warning);
	/** @param {KeyboardEvent} event */
	const update = (event) => {
		const locked = event.getModifierState?.("CapsLock") ?? false;
		const text = locked ? t("password.capsLock") : "";
		if (warning.textContent !== text) warning.textContent = text;
	};
	field.addEventListener("keydown", update, { signal });
	field.addEventListener("keyup", update, { signal });
	field.addEventListener("blur", () => warning.replaceChildren(), { signal });
}

/** @param {HTMLInputElement} field @param {HTMLFormElement} form */
function showStrength(field, form) {
	const words = [t("password.weak"), t("password.fair"), t("password.good"), t("password.strong")];
	const hint = create("div", "strength", `${field.id}-strength`);
	const bar = create("div", "strength__bar", "");
	const word = create("p", "strength__word", "");
	word.setAttribute("role", "status");
	hint.append(bar, word);
	hint.hidden = true;
	document.getElementById(`${field.id}-help`)?.before(hint);
	form.addEventListener(
		"input",
		() => {
			const { username, email } = filledIn(form);
			const level = strength(field.value, [username, email]);
			hint.hidden = field.value === "";
			hint.dataset.level = String(level);
			if (word.textContent !== words[level]) word.textContent = words[level];
		},
		{ signal },
	);
}

/** Hashing takes the server a moment; a second press must not submit the form again. @param {HTMLFormElement} form */
function sendOnce(form) {
	const button = form.querySelector('button[type="submit"]');
	let sent = false;
	/** @param {boolean} now */
	const set = (now) => {
		sent = now;
		button?.setAttribute("aria-disabled", String(now));
	};
	form.addEventListener(
		"submit",
		(event) => {
			if (sent) event.preventDefault();
			set(true);
			// If the submission failed, the user can press again.
			setTimeout(() => set(false), 5000);
		},
		{ signal },
	);
	window.addEventListener("pageshow", () => set(false), { signal });
}

await loadTexts();
const form = document.querySelector("form");
if (form) {
	const fields = Array.from(form.querySelectorAll("input")).filter(({ type }) => type !== "hidden");
	checkWhileFilling(form, fields);
	sendOnce(form);
	for (const field of fields) {
		const button = form.querySelector(`button[data-reveal="${field.id}"]`);
		if (!(button instanceof HTMLButtonElement)) continue;
		enableReveal(button, field);
		watchCapsLock(field);
		if (field.name === "password1") showStrength(field, form);
	}
	// The server never sees the fragment, which names the conversation; the redirect leads back to it.
	form.action += location.hash;
}
