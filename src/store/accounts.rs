//! One's own account: reading it, and telling its owner of a change.

use rusqlite::{Connection, OptionalExtension, Row};

use super::columns::Columns;
use super::users::user_from;
use super::writer::Change;
use super::{Store, StoreError};
use crate::model::{Account, Event, PrivacySettings, Profile, Revision, UserId};

pub(super) const ACCOUNT: &str = "SELECT id, username, is_admin, display_name, about, avatar, deleted_at IS NOT NULL,
            email, hides_presence, hides_typing, hides_receipts, revision
     FROM users WHERE id = ?1 AND deleted_at IS NULL";
pub(super) const BLOCKED: &str = "SELECT u.username FROM blocks b JOIN users u ON u.id = b.blocked_id
     WHERE b.user_id = ?1 AND u.deleted_at IS NULL ORDER BY b.blocked_id";

impl Store {
    /// The account of `me`; nothing once it is deleted.
    pub async fn account(&self, me: UserId) -> Result<Option<Account>, StoreError> {
        self.read(move |conn| account(conn, me)).await
    }
}

pub(super) fn account(conn: &Connection, me: UserId) -> rusqlite::Result<Option<Account>> {
    let Some(mut account) = conn.prepare_cached(ACCOUNT)?.query_row([me.0], account_from).optional()? else {
        return Ok(None);
    };
    let mut blocked = conn.prepare_cached(BLOCKED)?;
    account.blocked = blocked.query_map([me.0], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    Ok(Some(account))
}

/// The account of `me` if it changed after `since`.
pub(super) fn changed(conn: &Connection, me: UserId, since: Revision) -> rusqlite::Result<Option<Account>> {
    Ok(account(conn, me)?.filter(|account| account.revision > since))
}

/// Stamps `me`'s account and tells its owner. To be called after whatever changed in it.
pub(super) fn touch(change: &mut Change<'_>, me: UserId) -> rusqlite::Result<Account> {
    let revision = change.next_revision();
    let conn = change.conn;
    conn.prepare_cached("UPDATE users SET revision = ?2 WHERE id = ?1")?.execute([me.0, revision])?;
    let account = account(conn, me)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    change.announce(Event::AccountChanged(account.clone()));
    Ok(account)
}

/// A row with the columns of [`ACCOUNT`].
fn account_from(row: &Row<'_>) -> rusqlite::Result<Account> {
    Ok(Account {
        user: user_from(row)?,
        profile: profile_from(&mut Columns::from(row, 3))?,
        email: row.get("email")?,
        hides: PrivacySettings {
            presence: row.get("hides_presence")?,
            typing: row.get("hides_typing")?,
            receipts: row.get("hides_receipts")?,
        },
        blocked: Vec::new(),
        revision: Revision(row.get("revision")?),
    })
}

/// Reads `display_name`, `about`, `avatar`, and whether it is deleted.
pub(super) fn profile_from(columns: &mut Columns<'_>) -> rusqlite::Result<Profile> {
    Ok(Profile {
        display_name: columns.read()?,
        about: columns.read()?,
        avatar: columns.read()?,
        deleted: columns.read()?,
    })
}
