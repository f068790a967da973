// A rough estimate of how hard a password is to guess: a hint for users, never a rule.

/** What attackers try first, and the most common parts of passwords. */
const COMMON =
	/pass(?:word|wort)?|qwert[yz]?|azerty|asdf|letmein|welcome|admin|login|chinwag|dragon|monkey|iloveyou|football|abc(?:de?f?)?|(?:19|20)\d\d/gi;

/** The length without runs of consecutive or equal letters or digits. @param {string} text */
function withoutRuns(text) {
	const codes = Array.from(text.toLowerCase(), (character) => character.codePointAt(0) ?? 0);
	return codes.filter((code, index) => {
		const step = code - codes[index - 1];
		return index < 2 || Math.abs(step) > 1 || step !== codes[index - 1] - codes[index - 2];
	}).length;
}

/** How many characters an attacker who knows the character classes has to try. @param {string} text */
function alphabet(text) {
	const kinds = /** @type {const} */ ([
		[/\p{Ll}/u, 26],
		[/\p{Lu}/u, 26],
		[/\d/, 10],
		[/[^\p{L}\d]/u, 20],
		[/[^\p{ASCII}]/u, 60],
	]);
	return kinds.reduce((sum, [kind, size]) => sum + (kind.test(text) ? size : 0), 0);
}

/**
 * From 0 (guessed at once) to 3 (practically not guessable).
 * @param {string} password
 * @param {readonly string[]} known what an attacker knows about its owner
 * @returns {0 | 1 | 2 | 3}
 */
export function strength(password, known = []) {
	const names = known.flatMap((name) => name.toLowerCase().split(/[^\p{L}\p{N}]+/u));
	let rest = password.toLowerCase();
	for (const name of names) if (name.length > 2) rest = rest.replaceAll(name, "a");
	rest = rest.replace(COMMON, "a");
	const different = new Set(rest).size;
	const bits =
		Math.min(withoutRuns(rest), different * 2) * Math.log2(Math.max(alphabet(password), 2));
	if (bits < 36) return 0;
	if (bits < 52) return 1;
	return bits < 88 ? 2 : 3;
}
