//! The end of an account. What was personal goes; the messages stay with those who got them, and the user name stays
//! taken, so that nobody else can appear under it.

use rusqlite::params;

use super::writer::Change;
use super::{Store, StoreError, profiles, sessions};
use crate::model::{Profile, Revision, User};

/// What is kept of a person besides the row in `users`, and how it ends.
const FORGET: &[&str] = &[
    "DELETE FROM avatars WHERE user_id = ?1",
    "DELETE FROM blocks WHERE user_id = ?1",
    "DELETE FROM user_names WHERE user_id = ?1",
    "UPDATE members SET pinned = 0, archived = 0, muted_until = NULL, marked_unread = 0 WHERE user_id = ?1",
];

impl Store {
    /// Deletes the account of `me`, if `password` is still its password's hash. All its logins end.
    pub async fn delete_account(&self, me: User, password: String) -> Result<bool, StoreError> {
        self.write(move |change| delete(change, &me, &password)).await
    }
}

fn delete(change: &mut Change<'_>, me: &User, password: &str) -> rusqlite::Result<bool> {
    let conn = change.conn;
    // No e-mail address is without an `@`, so nobody else has such a key.
    let mut empty = conn.prepare_cached(
        "UPDATE users SET display_name = NULL, email = '', email_key = 'deleted ' || id, password = '!', is_admin = 0,
                about = '', avatar = NULL, hides_presence = 0, hides_typing = 0, hides_receipts = 0,
                last_seen_at = NULL, deleted_at = ?3
         WHERE id = ?1 AND password = ?2 AND deleted_at IS NULL",
    )?;
    if empty.execute(params![me.id.0, password, change.now.as_micros()])? == 0 {
        return Ok(false);
    }
    for forget in FORGET {
        conn.prepare_cached(forget)?.execute([me.id.0])?;
    }
    change.known.forget_people();
    let revision = Revision(change.next_revision());
    conn.prepare_cached("UPDATE users SET revision = ?2 WHERE id = ?1")?.execute([me.id.0, revision.0])?;
    let gone = Profile { deleted: true, ..Profile::default() };
    profiles::tell_others(change, &me.username, (me.id, revision), &gone)?;
    sessions::end_all(change, me.id, None)?;
    Ok(true)
}
