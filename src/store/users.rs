//! Accounts: making one, finding one, and its password's hash.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::writer::Change;
use super::{Store, StoreError, sessions};
use crate::model::{ConversationId, NewUser, SessionKey, User, UserId, Username, fold_name};

pub(super) const BY_KEY: &str =
    "SELECT id, username, is_admin, password, deleted_at FROM users WHERE username_key = ?1";
/// The other one in the conversation `?1` of the member `?2`.
pub(super) const OTHER_MEMBER: &str = "SELECT u.id, u.username, u.is_admin FROM conversations c
     JOIN members me ON me.conversation_id = c.id AND me.user_id = ?2
     JOIN users u ON u.id = c.low_user_id + c.high_user_id - me.user_id WHERE c.id = ?1";
const KEYS_TAKEN: &str = "SELECT EXISTS (SELECT 1 FROM users WHERE username_key = ?1),
                                 EXISTS (SELECT 1 FROM users WHERE email_key = ?2)";

/// What of a new account another one has already.
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
        self.read(move |conn| {
            let mut query = conn.prepare_cached(BY_KEY)?;
            let found = query.query_row([key], |row| {
                let credentials = Credentials { user: user_from(row)?, password: row.get("password")? };
                Ok((credentials, row.get::<_, Option<i64>>("deleted_at")?))
            });
            Ok(found.optional()?.filter(|(_, deleted)| deleted.is_none()).map(|(found, _)| found))
        })
        .await
    }

    /// The person of this user name, in any case and Unicode form. Also one whose account was deleted: conversations with
    /// them stay.
    pub async fn find_user(&self, name: &str) -> Result<Option<User>, StoreError> {
        let Some(key) = key_of(name) else { return Ok(None) };
        self.read(move |conn| conn.prepare_cached(BY_KEY)?.query_row([key], user_from).optional()).await
    }

    /// The person of exactly this user name. Also one whose account was deleted: conversations with them stay.
    pub async fn user(&self, username: &Username) -> Result<Option<User>, StoreError> {
        let username = username.clone();
        self.read(move |conn| {
            let found = conn.prepare_cached(BY_KEY)?.query_row([username.key()], user_from).optional()?;
            Ok(found.filter(|user| user.username == username))
        })
        .await
    }

    /// Puts `new` in the place of the hash `old`; `false` when the password was changed meanwhile.
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

fn replace_password(change: &Change<'_>, user: UserId, old: &str, new: &str) -> rusqlite::Result<bool> {
    let mut update = change.conn.prepare_cached("UPDATE users SET password = ?3 WHERE id = ?1 AND password = ?2")?;
    Ok(update.execute(params![user.0, old, new])? > 0)
}

fn create(change: &mut Change<'_>, new: &NewUser) -> rusqlite::Result<Result<User, NameTaken>> {
    let (username_key, email_key) = (new.username.key(), new.email.key());
    let taken = change
        .conn
        .prepare_cached(KEYS_TAKEN)?
        .query_row([&username_key, &email_key], |row| Ok(NameTaken { username: row.get(0)?, email: row.get(1)? }))?;
    if taken.username || taken.email {
        return Ok(Err(taken));
    }
    let revision = change.next_revision();
    let conn = change.conn;
    let mut insert = conn.prepare_cached(
        "INSERT INTO users (username, username_key, display_name, email, email_key, password, is_admin, created_at, revision)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, NOT EXISTS (SELECT 1 FROM users), ?7, ?8)",
    )?;
    let now = change.now.as_micros();
    let display_name = new.display_name.as_deref();
    let email = new.email.as_str();
    let name = new.username.as_str();
    insert.execute(params![name, username_key, display_name, email, email_key, new.password, now, revision])?;
    let id = conn.last_insert_rowid();
    let mut name_it = conn.prepare_cached("INSERT OR IGNORE INTO user_names (name, user_id) VALUES (?1, ?2)")?;
    name_it.execute(params![username_key, id])?;
    if let Some(name) = display_name {
        name_it.execute(params![fold_name(name), id])?;
    }
    conn.prepare_cached(BY_KEY)?.query_row([username_key], user_from).map(Ok)
}

/// The key of a name as typed; nothing for what is far too long to be one.
fn key_of(name: &str) -> Option<String> {
    let name = name.trim();
    (name.len() <= Username::MAX_CHARS * 4).then(|| fold_name(name))
}

/// The other one in a conversation of `me`; oneself in notes to oneself.
pub(super) fn other_member(conn: &Connection, me: UserId, id: ConversationId) -> rusqlite::Result<Option<User>> {
    conn.prepare_cached(OTHER_MEMBER)?.query_row([id.0, me.0], user_from).optional()
}

/// A row with the columns `id`, `username` and `is_admin`.
pub(super) fn user_from(row: &Row<'_>) -> rusqlite::Result<User> {
    Ok(User {
        id: UserId(row.get("id")?),
        username: Username::from_stored(row.get("username")?),
        is_admin: row.get("is_admin")?,
    })
}
