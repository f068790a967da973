// Validation of the account forms, with the server's own messages. The server decides: nothing it
// would accept is rejected here.

/** @typedef {Partial<Record<string, string>>} Filled the entered values, by field name */

/** @param {Filled} filled */
function userName({ username = "" }) {
	const name = username.trim().normalize("NFKC");
	if (!name) return "Enter a user name.";
	if ([...name].length > 150) return "A user name has at most 150 characters.";
	if (!/^[\p{Alphabetic}\p{M}\p{N}\p{Join_C}@.+\-_]+$/u.test(name)) {
		return "A user name may contain letters, digits and @ . + - _ only.";
	}
	if (!/[\p{Alphabetic}\p{N}]/u.test(name))
		return "A user name needs at least one letter or digit.";
	return "";
}

/** @param {Filled} filled */
function email({ email = "" }) {
	if (!email.trim()) return "Enter an e-mail address.";
	if (/^[^\s@]+@[^\s@.]+(?:\.[^\s@.]+)+$/.test(email.trim())) return "";
	return "Enter a valid e-mail address, such as name@example.org.";
}

/** @param {Filled} filled */
function newPassword({ password1 = "", username = "" }) {
	const length = [...password1].length;
	if (length === 0) return "Enter a password.";
	if (length < 8) return "A password needs at least 8 characters.";
	if (length > 256) return "A password has at most 256 characters.";
	const isName = password1.toLowerCase() === username.trim().toLowerCase();
	return isName ? "The password must not be the user name." : "";
}

/** @param {Filled} filled */
function passwordAgain({ password1, password2 }) {
	if (!password2) return "Enter the password again.";
	return password1 === password2 ? "" : "The two passwords differ.";
}

/** By form path and field name. @type {Record<string, Record<string, (filled: Filled) => string>>} */
const rules = {
	"/login/": {
		username: ({ username }) => (username?.trim() ? "" : "Enter your user name."),
		password: ({ password }) => (password ? "" : "Enter your password."),
	},
	"/signup/": { username: userName, email, password1: newPassword, password2: passwordAgain },
};

/**
 * What is wrong with a field, or an empty string.
 * @param {string} form the path it is sent to
 * @param {string} field
 * @param {Filled} filled
 */
export function problemWith(form, field, filled) {
	return rules[form]?.[field]?.(filled) ?? "";
}
