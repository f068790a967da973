//! The one cursor: everything of a person's that changed after a revision, in its current state and in the order of
//! changes; and the small picture to start from.

use rusqlite::{Connection, Row, named_params};

use super::conversations::{self, Latest};
use super::epochs::{self, Cursor};
use super::recent::View;
use super::{Store, StoreError, accounts, mail, message_rows};
use crate::model::{Account, Conversation, ConversationId, Message, MessageId, Revision, UserId};

/// Older messages by the stamp of their last change, from two partial indexes merged as they are read. Newer ones come
/// where they were made, in their current state.
pub(super) const CHANGED_MESSAGES: &str = "SELECT revision, id FROM messages
       WHERE sender_id = :me AND revision > id AND revision > :since AND id <= :since
     UNION SELECT revision, id FROM messages
       WHERE recipient_id = :me AND revision > id AND revision > :since AND id <= :since
     ORDER BY revision LIMIT :limit";
pub(super) const HIDDEN_MESSAGES: &str = "SELECT h.message_id, m.conversation_id, h.revision
     FROM hidden_messages h JOIN messages m ON m.id = h.message_id
     WHERE h.user_id = :me AND h.revision > :since ORDER BY h.revision LIMIT :limit";

/// The current state of something that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    Message(Message),
    Hidden {
        message: MessageId,
        conversation: ConversationId,
    },
    Conversation(Conversation),
    Account(Account),
    /// More of a conversation was missed than is told one by one: its messages before the place `first` are left out.
    Limited {
        conversation: Conversation,
        first: i64,
    },
}

/// Changes in order, each with its revision.
#[derive(Debug)]
pub struct Changes {
    pub items: Vec<(Revision, Item)>,
    /// Everything up to here is in `items` or was before.
    pub upto: Revision,
    /// Whether there is more after `upto`.
    pub more: bool,
}

/// Where someone without any knowledge begins.
#[derive(Debug)]
pub struct Snapshot {
    pub me: Account,
    pub revision: Revision,
    /// The latest conversations, newest first, and those pinned that are older.
    pub conversations: Vec<Latest>,
    /// Whether there are older conversations.
    pub more: bool,
}

impl Store {
    /// What of `me`'s changed after `since`, about `limit` items of it. Nothing when that is a place of another history.
    pub async fn changes(&self, me: UserId, since: Cursor, limit: usize) -> Result<Option<Changes>, StoreError> {
        self.read(move |conn| {
            if epochs::knows(conn, &since)? { changes(conn, me, since.revision, limit).map(Some) } else { Ok(None) }
        })
        .await
    }

    /// What of `me`'s changed after a revision of this history.
    pub async fn changes_after(&self, me: UserId, since: Revision, limit: usize) -> Result<Changes, StoreError> {
        self.read(move |conn| changes(conn, me, since, limit)).await
    }

    /// The latest state, small: everything older can be read in pages. Nothing once `me`'s account is deleted.
    pub async fn snapshot(&self, me: UserId, conversations: usize) -> Result<Option<Snapshot>, StoreError> {
        self.read(move |conn| snapshot(conn, me, conversations)).await
    }

    /// The last change there is.
    pub async fn revision(&self) -> Result<Revision, StoreError> {
        self.read(|view| revision(view)).await
    }
}

/// Something that changed, not yet read.
enum Found {
    Account(Account),
    Conversation(Conversation),
    Message(MessageId),
    Hidden { message: MessageId, conversation: ConversationId },
}

pub(super) fn changes(conn: &View<'_>, me: UserId, since: Revision, limit: usize) -> rusqlite::Result<Changes> {
    let now = revision(conn)?;
    let mut found = find(conn, me, since, limit + 1)?;
    // A new conversation has the revision of its first message and stands before it.
    found.sort_by_key(|(revision, _)| *revision);
    let more = found.len() > limit;
    let mut end = limit.min(found.len());
    while more && end < found.len() && found[end].0 == found[end - 1].0 {
        end += 1;
    }
    found.truncate(end);
    let upto = found.last().filter(|_| more).map_or(now, |(revision, _)| *revision);
    let mut items = Vec::with_capacity(found.len());
    for (revision, found) in found {
        let item = match found {
            Found::Account(account) => Some(Item::Account(account)),
            Found::Conversation(conversation) => Some(Item::Conversation(conversation)),
            Found::Hidden { message, conversation } => Some(Item::Hidden { message, conversation }),
            Found::Message(id) => message_rows::one(conn, me, id)?.map(|found| Item::Message(found.message)),
        };
        items.extend(item.map(|item| (revision, item)));
    }
    Ok(Changes { items, upto, more })
}

/// The first `limit` changes of each kind.
fn find(conn: &View<'_>, me: UserId, since: Revision, limit: usize) -> rusqlite::Result<Vec<(Revision, Found)>> {
    let account = accounts::changed(conn, me, since)?;
    let mut found: Vec<_> = account.into_iter().map(|account| (account.revision, Found::Account(account))).collect();
    for conversation in conversations::changed(conn, me, since, limit as i64)? {
        found.push((conversation.revision, Found::Conversation(conversation)));
    }
    for id in mail::up(conn, me, since.0, limit)? {
        found.push((Revision(id.0), Found::Message(id)));
    }
    let params = named_params! { ":me": me.0, ":since": since.0, ":limit": limit as i64 };
    type Read = fn(&Row<'_>) -> rusqlite::Result<(Revision, Found)>;
    let mut collect = |sql: &str, read: Read| -> rusqlite::Result<()> {
        let mut query = conn.prepare_cached(sql)?;
        for row in query.query_map(params, read)? {
            found.push(row?);
        }
        Ok(())
    };
    collect(CHANGED_MESSAGES, |row| Ok((Revision(row.get(0)?), Found::Message(MessageId(row.get(1)?)))))?;
    collect(HIDDEN_MESSAGES, |row| {
        let (message, conversation) = (MessageId(row.get(0)?), ConversationId(row.get(1)?));
        Ok((Revision(row.get(2)?), Found::Hidden { message, conversation }))
    })?;
    Ok(found)
}

fn snapshot(conn: &View<'_>, me: UserId, limit: usize) -> rusqlite::Result<Option<Snapshot>> {
    let Some(account) = accounts::account(conn, me)? else { return Ok(None) };
    let revision = revision(conn)?;
    let mut page = conversations::page(conn, me, i64::MAX, limit)?;
    if let Some(last) = page.conversations.last().filter(|_| page.more) {
        let older = conversations::pinned(conn, me, last.place.0)?;
        page.conversations.extend(older);
    }
    Ok(Some(Snapshot { me: account, revision, conversations: page.conversations, more: page.more }))
}

pub(super) fn revision(conn: &Connection) -> rusqlite::Result<Revision> {
    conn.prepare_cached("SELECT revision FROM state")?.query_row([], |row| row.get(0).map(Revision))
}
