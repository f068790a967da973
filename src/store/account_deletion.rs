//! Deleting an account. Personal data is removed; the messages stay with those who got them, and the user name stays
//! taken, so that nobody else can appear under it.

use super::writer::Change;
use super::{Store, StoreError, accounts, engine, profiles, sessions};
use crate::model::{Profile, Revision, User};

/// What is left of the row in `users`. Every e-mail address has an `@`, so nobody else has such a key.
pub(super) const EMPTY: &str =
    "UPDATE users SET display_name = NULL, email = '', email_key = $1, password = '!', is_admin = 0, about = '',
            avatar = NULL, hides_presence = 0, hides_typing = 0, hides_receipts = 0, last_seen_at = NULL, deleted_at = $2
     WHERE id = $3 AND password = $4 AND deleted_at IS NULL";
/// Removes a person's rows in other tables.
pub(super) const FORGET: &[&str] = &[
    "DELETE FROM avatars WHERE user_id = $1",
    "DELETE FROM blocks WHERE user_id = $1",
    "DELETE FROM user_names WHERE user_id = $1",
    "UPDATE members SET pinned = 0, archived = 0, muted_until = NULL, marked_unread = 0 WHERE user_id = $1",
];

impl Store {
    /// Deletes the account of `me`, if `password` is still its password's hash. All its logins end.
    pub async fn delete_account(&self, me: User, password: String) -> Result<bool, StoreError> {
        self.write(move |change| delete(change, &me, &password)).await
    }
}

fn delete(change: &mut Change<'_>, me: &User, password: &str) -> engine::Result<bool> {
    let key = format!("deleted {}", me.id.0);
    let params = [key.as_str().into(), change.now.as_micros().into(), me.id.0.into(), password.into()];
    if change.db.execute(EMPTY, &params)? == 0 {
        return Ok(false);
    }
    for forget in FORGET {
        change.db.execute(forget, &[me.id.0.into()])?;
    }
    let revision = Revision(change.next_revision());
    change.db.execute(accounts::STAMP, &[revision.0.into(), me.id.0.into()])?;
    let gone = Profile { deleted: true, ..Profile::default() };
    profiles::notify_others(change, &me.username, (me.id, revision), &gone)?;
    sessions::end_all(change, me.id, None)?;
    Ok(true)
}
