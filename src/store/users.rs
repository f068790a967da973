//! Accounts: making one, finding one, and its password's hash.

use super::engine::{self, Row};
use super::writer::Change;
use super::{Store, StoreError, profiles, sessions};
use crate::model::{NewUser, SessionKey, User, UserId, Username, fold_name};

pub(super) const BY_KEY: &str =
    "SELECT id, username, is_admin, password, deleted_at IS NOT NULL FROM users WHERE username_key = $1";
pub(super) const KEYS_TAKEN: &str = "SELECT EXISTS (SELECT 1 FROM users WHERE username_key = $1),
                                            EXISTS (SELECT 1 FROM users WHERE email_key = $2)";
pub(super) const INSERT: &str = "INSERT INTO users
       (id, username, username_key, display_name, email, email_key, password, is_admin, created_at, revision)
     VALUES ($1, $2, $3, $4, $5, $6, $7, CASE WHEN EXISTS (SELECT 1 FROM users) THEN 0 ELSE 1 END, $8, $1)";
pub(super) const REPLACE_PASSWORD: &str = "UPDATE users SET password = $1 WHERE id = $2 AND password = $3";

/// What another account has already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameTaken {
    pub username: bool,
    pub email: bool,
}

/// What a password is checked against.
pub struct Credentials {
    pub user: User,
    /// The stored hash; see the schema for its forms.
    pub password: String,
}

impl Store {
    /// Makes an account, unless its user name or e-mail address is taken. The first one made is the administrator's.
    pub async fn create_user(&self, new: NewUser) -> Result<Result<User, NameTaken>, StoreError> {
        self.write(move |change| create(change, &new)).await
    }

    /// The account of this user name, in any case and Unicode form, unless it was deleted.
    pub async fn credentials(&self, username: &str) -> Result<Option<Credentials>, StoreError> {
        let Some(key) = key_of(username) else { return Ok(None) };
        self.read(move |db| {
            let found = db.first(BY_KEY, &[(&key).into()], |row| {
                Ok((Credentials { user: user_from(row)?, password: row.get(3)? }, row.get::<bool>(4)?))
            })?;
            Ok(found.filter(|(_, deleted)| !deleted).map(|(found, _)| found))
        })
        .await
    }

    /// The person of this user name, in any case and Unicode form. Also one whose account was deleted: conversations
    /// with them stay.
    pub async fn find_user(&self, name: &str) -> Result<Option<User>, StoreError> {
        let Some(key) = key_of(name) else { return Ok(None) };
        self.read(move |db| db.first(BY_KEY, &[(&key).into()], user_from)).await
    }

    /// The person of exactly this user name. Also one whose account was deleted: conversations with them stay.
    pub async fn user(&self, username: &Username) -> Result<Option<User>, StoreError> {
        let username = username.clone();
        self.read(move |db| {
            let found = db.first(BY_KEY, &[(&username.key()).into()], user_from)?;
            Ok(found.filter(|user| user.username == username))
        })
        .await
    }

    /// Replaces the hash `old` by `new`; `false` if the password was changed meanwhile.
    pub async fn replace_password(&self, user: UserId, old: String, new: String) -> Result<bool, StoreError> {
        self.write(move |change| replace_password(change, user, &old, &new)).await
    }

    /// The same for one who chose another password: every login but `kept` ends.
    pub async fn change_password(
        &self,
        user: UserId,
        old: String,
        new: String,
        kept: SessionKey,
    ) -> Result<bool, StoreError> {
        self.write(move |change| {
            let changed = replace_password(change, user, &old, &new)?;
            if changed {
                sessions::end_all(change, user, Some(kept))?;
            }
            Ok(changed)
        })
        .await
    }
}

fn replace_password(change: &mut Change<'_>, user: UserId, old: &str, new: &str) -> engine::Result<bool> {
    Ok(change.db.execute(REPLACE_PASSWORD, &[new.into(), user.0.into(), old.into()])? > 0)
}

fn create(change: &mut Change<'_>, new: &NewUser) -> engine::Result<Result<User, NameTaken>> {
    let (username_key, email_key) = (new.username.key(), new.email.key());
    let taken = change.db.first(KEYS_TAKEN, &[(&username_key).into(), (&email_key).into()], |row| {
        Ok(NameTaken { username: row.get(0)?, email: row.get(1)? })
    })?;
    if let Some(taken) = taken.filter(|taken| taken.username || taken.email) {
        return Ok(Err(taken));
    }
    let id = change.next_revision();
    let params = [
        id.into(),
        new.username.as_str().into(),
        (&username_key).into(),
        new.display_name.as_deref().into(),
        new.email.as_str().into(),
        (&email_key).into(),
        (&new.password).into(),
        change.now.as_micros().into(),
    ];
    change.db.execute(INSERT, &params)?;
    change.db.execute(profiles::ADD_NAME, &[(&username_key).into(), id.into()])?;
    if let Some(name) = &new.display_name {
        change.db.execute(profiles::ADD_NAME, &[(&fold_name(name)).into(), id.into()])?;
    }
    let made = change.db.first(BY_KEY, &[(&username_key).into()], user_from)?;
    made.map(Ok).ok_or_else(|| engine::Error::Other("the account was not made".into()))
}

/// The key of a name as typed; nothing for an invalid name.
fn key_of(name: &str) -> Option<String> {
    let name = name.trim();
    (name.len() <= Username::MAX_CHARS * 4 && !name.contains('\0')).then(|| fold_name(name))
}

/// Reads the columns `id`, `username` and `is_admin` at the beginning of a row.
pub(super) fn user_from(row: &dyn Row) -> engine::Result<User> {
    Ok(User { id: UserId(row.get(0)?), username: Username::from_stored(row.get(1)?), is_admin: row.get(2)? })
}
