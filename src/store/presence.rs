//! Who may know that someone is there or typing, and when people were last seen.

use rusqlite::{Connection, OptionalExtension, named_params, params};

use super::users::other_member;
use super::{Store, StoreError};
use crate::clock::Timestamp;
use crate::model::{ConversationId, UserId, Username};

/// Whether `mine` and `theirs` are two people who share a conversation, neither blocks the other, and none is gone.
macro_rules! acquainted {
    () => {
        "theirs.id <> mine.id AND theirs.deleted_at IS NULL AND mine.deleted_at IS NULL
         AND EXISTS (SELECT 1 FROM conversations c
                     JOIN members a ON a.conversation_id = c.id AND a.user_id = mine.id
                     JOIN members b ON b.conversation_id = c.id AND b.user_id = theirs.id
                     WHERE c.low_user_id = min(mine.id, theirs.id) AND c.high_user_id = max(mine.id, theirs.id))
         AND NOT EXISTS (SELECT 1 FROM blocks WHERE user_id = mine.id AND blocked_id = theirs.id)
         AND NOT EXISTS (SELECT 1 FROM blocks WHERE user_id = theirs.id AND blocked_id = mine.id)"
    };
}

pub(super) const ID_OF: &str = "SELECT id FROM users WHERE username_key = ?1 AND username = ?2";
pub(super) const SEEN: &str = concat!(
    "SELECT theirs.username, theirs.last_seen_at,
            NOT mine.hides_presence AND NOT theirs.hides_presence AND ",
    acquainted!(),
    " AS shown FROM users theirs JOIN users mine ON mine.id = :me WHERE theirs.id = :other"
);
pub(super) const MAY_TYPE_TO: &str = concat!(
    "SELECT theirs.id FROM users theirs JOIN users mine ON mine.id = :me
     WHERE theirs.id = :other AND NOT mine.hides_typing AND NOT theirs.hides_typing AND ",
    acquainted!()
);

/// What one person may know of another's being there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub user: UserId,
    pub name: Username,
    /// Whether anything may be shown; `last_seen` is empty where it may not.
    pub shown: bool,
    pub last_seen: Option<Timestamp>,
}

impl Store {
    /// The people of exactly these names; names nobody has are passed over.
    pub async fn users_named(&self, names: Vec<Username>) -> Result<Vec<UserId>, StoreError> {
        self.read(move |conn| {
            let mut query = conn.prepare_cached(ID_OF)?;
            let mut found = Vec::new();
            for name in names {
                let id = query.query_row([name.key().as_str(), name.as_str()], |row| row.get(0)).optional()?;
                found.extend(id.map(UserId));
            }
            Ok(found)
        })
        .await
    }

    /// What `me` may know of these people.
    pub async fn seen(&self, me: UserId, people: Vec<UserId>) -> Result<Vec<Seen>, StoreError> {
        self.read(move |conn| people.iter().map(|user| seen(conn, me, *user)).collect()).await
    }

    /// Those who may be told that `me` is typing in a conversation of theirs.
    pub async fn may_type_in(&self, me: UserId, id: ConversationId) -> Result<Vec<UserId>, StoreError> {
        self.read(move |conn| {
            let Some(other) = other_member(conn, me, id)? else { return Ok(Vec::new()) };
            let params = named_params! { ":me": me.0, ":other": other.id.0 };
            let found = conn.prepare_cached(MAY_TYPE_TO)?.query_row(params, |row| row.get(0)).optional()?;
            Ok(found.map(UserId).into_iter().collect())
        })
        .await
    }

    /// Keeps when people were last seen. It is no change of the history: nobody is told of it.
    pub async fn note_last_seen(&self, people: Vec<(UserId, Timestamp)>) -> Result<(), StoreError> {
        self.write(move |change| {
            let sql = "UPDATE users SET last_seen_at = ?2 WHERE id = ?1 AND deleted_at IS NULL";
            let mut update = change.conn.prepare_cached(sql)?;
            people.iter().try_for_each(|(user, at)| update.execute(params![user.0, at.as_micros()]).map(drop))
        })
        .await
    }
}

fn seen(conn: &Connection, me: UserId, user: UserId) -> rusqlite::Result<Seen> {
    let mut query = conn.prepare_cached(SEEN)?;
    query.query_row(named_params! { ":me": me.0, ":other": user.0 }, |row| {
        let shown = row.get("shown")?;
        let last_seen: Option<i64> = row.get("last_seen_at")?;
        Ok(Seen {
            user,
            name: Username::from_stored(row.get("username")?),
            shown,
            last_seen: last_seen.filter(|_| shown).map(Timestamp::from_micros),
        })
    })
}
