// Adds a large history for a person directly to the database file of a stopped server.
import sqlite from "node-sqlite3-wasm";

const NUMBERS = (/** @type {number} */ count) =>
	`WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${count})`;

/**
 * Gives somebody conversations with `friend-1` to `friend-N`, oldest first, of one message each,
 * and a long one with somebody else. Everything in them has been read.
 * @param {string} file the database
 * @param {{ me: string, friends: number, with: string, messages: number }} wanted
 */
export function stock(file, { me, friends, with: other, messages }) {
	const db = new sqlite.Database(file, { fileMustExist: true });
	try {
		// This SQLite build has no shared memory, so WAL mode needs an exclusive lock.
		db.exec("PRAGMA locking_mode = EXCLUSIVE");
		const number = (/** @type {string} */ sql, /** @type {string[]} */ values = []) =>
			Number(Object.values(db.get(sql, values) ?? {})[0]);
		const idOf = (/** @type {string} */ name) =>
			number("SELECT id FROM users WHERE username = ?", [name]);
		const mine = idOf(me);
		const theirs = idOf(other);
		const user = number("SELECT max(id) FROM users");
		const conversation = number("SELECT coalesce(max(id), 0) FROM conversations");
		const revision = number("SELECT revision FROM state");
		const long = conversation + friends + 1;
		const end = revision + friends + messages;
		const now = Date.now() * 1_000;
		db.exec(`
			BEGIN;
			${NUMBERS(friends)}
			INSERT INTO users (id, username, username_key, email, email_key, password, created_at, revision)
			SELECT ${user} + n, 'friend-' || n, 'friend-' || n, 'f' || n || '@example.test', 'f' || n || '@example.test',
				'!', ${now}, ${revision} FROM numbers;
			INSERT INTO user_names (name, user_id) SELECT username_key, id FROM users WHERE id > ${user};
			INSERT INTO conversations (id, kind, low_user_id, high_user_id, created_at, last_seq, last_message_id, revision)
			SELECT ${conversation} + id - ${user}, 'direct', ${mine}, id, ${now}, 1, ${revision} + id - ${user},
				${revision} + id - ${user} FROM users WHERE id > ${user};
			INSERT INTO conversations (id, kind, low_user_id, high_user_id, created_at, last_seq, last_message_id, revision)
			VALUES (${long}, 'direct', ${Math.min(mine, theirs)}, ${Math.max(mine, theirs)}, ${now}, ${messages}, ${end}, ${end});
			INSERT INTO messages (id, conversation_id, seq, sender_id, body, created_at, revision)
			SELECT revision, id, 1, high_user_id, 'hello from ' || high_user_id, ${now} - (${friends} - id) * 60000000, revision
			FROM conversations WHERE id > ${conversation} AND id < ${long};
			${NUMBERS(messages)}
			INSERT INTO messages (id, conversation_id, seq, sender_id, body, created_at, revision)
			SELECT ${revision + friends} + n, ${long}, n, iif(n % 3, ${theirs}, ${mine}),
				'message ' || n || iif(n % 7, '', replace(hex(zeroblob(n % 90)), '00', ' and so on')),
				${now} - (${messages} - n) * 600000000, ${revision + friends} + n FROM numbers;
			INSERT INTO members (conversation_id, user_id, delivered_seq, read_seq, shown_read_seq, revision)
			SELECT c.id, p.value, c.last_seq, c.last_seq, c.last_seq, c.revision
			FROM conversations c, json_each(json_array(c.low_user_id, c.high_user_id)) p
			WHERE c.id > ${conversation};
			UPDATE state SET revision = ${end};
			COMMIT;
			PRAGMA wal_checkpoint(TRUNCATE);
		`);
	} finally {
		db.close();
	}
}
