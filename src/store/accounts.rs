//! One's own account: reading it, and notifying its owner of a change.

use super::engine::{self, Columns, Db, Row};
use super::users::user_from;
use super::writer::Change;
use super::{Store, StoreError};
use crate::model::{Account, Event, PrivacySettings, Profile, Revision, UserId};

pub(super) const ACCOUNT: &str = "SELECT id, username, is_admin, display_name, about, avatar, deleted_at IS NOT NULL,
            email, hides_presence, hides_typing, hides_receipts, revision
     FROM users WHERE id = $1 AND deleted_at IS NULL";
pub(super) const BLOCKED: &str = "SELECT u.username FROM blocks b JOIN users u ON u.id = b.blocked_id
     WHERE b.user_id = $1 AND u.deleted_at IS NULL ORDER BY b.blocked_id";
pub(super) const STAMP: &str = "UPDATE users SET revision = $1 WHERE id = $2";

impl Store {
    /// The account of `me`; nothing once it is deleted.
    pub async fn account(&self, me: UserId) -> Result<Option<Account>, StoreError> {
        self.read(move |db| account(db, me)).await
    }
}

pub(super) fn account(db: &mut dyn Db, me: UserId) -> engine::Result<Option<Account>> {
    let Some(mut account) = db.first(ACCOUNT, &[me.0.into()], account_from)? else { return Ok(None) };
    account.blocked = db.all(BLOCKED, &[me.0.into()], |row| row.get(0))?;
    Ok(Some(account))
}

/// The account of `me` if it changed after `since`.
pub(super) fn changed(db: &mut dyn Db, me: UserId, since: Revision) -> engine::Result<Option<Account>> {
    Ok(account(db, me)?.filter(|account| account.revision > since))
}

/// Stamps `me`'s account and notifies its owner. To be called after the change.
pub(super) fn touch(change: &mut Change<'_>, me: UserId) -> engine::Result<Account> {
    let revision = change.next_revision();
    change.db.execute(STAMP, &[revision.into(), me.0.into()])?;
    let account = account(change.db, me)?.ok_or_else(|| engine::Error::Other("the account is gone".into()))?;
    change.announce(Event::AccountChanged(account.clone()));
    Ok(account)
}

/// A row with the columns of [`ACCOUNT`].
fn account_from(row: &dyn Row) -> engine::Result<Account> {
    Ok(Account {
        user: user_from(row)?,
        profile: profile_from(&mut row.columns(3))?,
        email: row.get(7)?,
        hides: PrivacySettings { presence: row.get(8)?, typing: row.get(9)?, receipts: row.get(10)? },
        blocked: Vec::new(),
        revision: Revision(row.get(11)?),
    })
}

/// Reads `display_name`, `about`, `avatar`, and whether it is deleted.
pub(super) fn profile_from(columns: &mut Columns<'_>) -> engine::Result<Profile> {
    Ok(Profile {
        display_name: columns.read()?,
        about: columns.read()?,
        avatar: columns.read()?,
        deleted: columns.read()?,
    })
}
