//! Who may know that someone is there or typing, and when people were last seen.

use super::direct::is_direct;
use super::engine::{self, Question, Row};
use super::{Store, StoreError};
use crate::clock::Timestamp;
use crate::model::{ConversationId, UserId, Username};

/// Whether `mine` and `theirs` are two people whose accounts exist and who do not block each other.
macro_rules! may_interact {
    () => {
        "theirs.id <> mine.id AND theirs.deleted_at IS NULL AND mine.deleted_at IS NULL
         AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = mine.id AND b.blocked_id = theirs.id)
         AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = theirs.id AND b.blocked_id = mine.id)"
    };
}

pub(super) const ID_OF: &str = "SELECT id FROM users WHERE username_key = $1 AND username = $2";
/// What `$1` may know of `$2`: of someone they share a direct conversation with, if neither hides it.
pub(super) const SEEN: &str = concat!(
    "SELECT theirs.username, theirs.last_seen_at,
            mine.hides_presence = 0 AND theirs.hides_presence = 0
              AND EXISTS (SELECT 1 FROM conversations c
                          JOIN members a ON a.user_id = mine.id AND a.conversation_id = c.id
                          JOIN members b ON b.user_id = theirs.id AND b.conversation_id = c.id
                          WHERE ",
    is_direct!("mine.id", "theirs.id"),
    ") AND ",
    may_interact!(),
    " FROM users mine JOIN users theirs ON mine.id = $1 WHERE theirs.id = $2"
);
/// The other members of the conversation `$2` who may know that `$1` is typing.
pub(super) const MAY_TYPE_IN: &str = concat!(
    "SELECT theirs.id FROM members me
     JOIN users mine ON mine.id = me.user_id
     JOIN members them ON them.conversation_id = me.conversation_id
     JOIN users theirs ON theirs.id = them.user_id
     WHERE me.user_id = $1 AND me.conversation_id = $2 AND mine.hides_typing = 0 AND theirs.hides_typing = 0 AND ",
    may_interact!()
);
/// Several processes may know when someone left; the latest counts.
pub(super) const SET_LAST_SEEN: &str = "UPDATE users SET last_seen_at = $1
     WHERE id = $2 AND deleted_at IS NULL AND (last_seen_at IS NULL OR last_seen_at < $1)";

/// What one person may know of another's presence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub user: UserId,
    pub name: Username,
    /// Whether anything may be shown; `last_seen` is empty where it may not.
    pub shown: bool,
    pub last_seen: Option<Timestamp>,
}

impl Store {
    /// The people of exactly these names; names nobody has are ignored.
    pub async fn users_named(&self, names: Vec<Username>) -> Result<Vec<UserId>, StoreError> {
        self.read(move |db| {
            let keys: Vec<_> = names.iter().map(Username::key).collect();
            let each = keys.iter().zip(&names).map(|(key, name)| vec![key.into(), name.as_str().into()]).collect();
            let mut found = Vec::new();
            db.ask(&Question { sql: ID_OF, each }, &mut |_, row| {
                found.push(UserId(row.get(0)?));
                Ok(())
            })?;
            Ok(found)
        })
        .await
    }

    /// What `me` may know of these people, in their order.
    pub async fn seen(&self, me: UserId, people: Vec<UserId>) -> Result<Vec<Seen>, StoreError> {
        self.read(move |db| {
            let each = people.iter().map(|user| vec![me.0.into(), user.0.into()]).collect();
            let mut seen = Vec::new();
            db.ask(&Question { sql: SEEN, each }, &mut |index, row| {
                seen.push(seen_from(row, people[index])?);
                Ok(())
            })?;
            Ok(seen)
        })
        .await
    }

    /// Those who may know that `me` is typing in a conversation; nobody if `me` is no member.
    pub async fn may_type_in(&self, me: UserId, id: ConversationId) -> Result<Vec<UserId>, StoreError> {
        self.read(move |db| db.all(MAY_TYPE_IN, &[me.0.into(), id.0.into()], |row| row.get(0).map(UserId))).await
    }

    /// Stores when people were last seen. It is not part of the history: nobody is notified.
    pub async fn set_last_seen(&self, people: Vec<(UserId, Timestamp)>) -> Result<(), StoreError> {
        self.write(move |change| {
            let each: Vec<_> = people.iter().map(|(user, at)| vec![at.as_micros().into(), user.0.into()]).collect();
            change.db.post(SET_LAST_SEEN, &each)
        })
        .await
    }
}

fn seen_from(row: &dyn Row, user: UserId) -> engine::Result<Seen> {
    let (shown, last_seen) = (row.get(2)?, row.get::<Option<i64>>(1)?);
    let last_seen = last_seen.filter(|_| shown).map(Timestamp::from_micros);
    Ok(Seen { user, name: Username::from_stored(row.get(0)?), shown, last_seen })
}
