//! The one cursor: everything of a person's that changed after a revision, in its current state and in the order of
//! changes; and the snapshot to start from.

use std::collections::HashMap;

use super::conversations::{self, Latest, last_id, last_seq, revision};
use super::engine::{self, Db};
use super::epochs::{self, Cursor};
use super::messages::first_from;
use super::{Store, StoreError, accounts, message_rows};
use crate::model::{Account, Conversation, ConversationId, Message, MessageId, Revision, UserId};

/// Of more new messages than this in one conversation only the newest [`NEWEST_SENT`] are sent one by one.
const MOST_MISSED: i64 = 200;
const NEWEST_SENT: i64 = 50;

/// If more conversations than this changed, only the newest message of each is sent.
const MOST_CHANGED: usize = 500;

/// New messages looked for first: mostly there are few.
const FEW: i64 = 16;

pub(super) const REVISION: &str = "SELECT revision FROM state WHERE only_row = 1";
/// Those conversations of `$1` in which anything changed after `$2`.
pub(super) const CHANGED: &str = concat!(
    "SELECT c.id, ",
    last_id!(),
    ", ",
    last_seq!(),
    ", c.changed_revision, ",
    revision!(),
    " FROM members me JOIN conversations c ON c.id = me.conversation_id
     WHERE me.user_id = $1 AND (c.last_message_id > $2 OR c.changed_revision > $2 OR c.revision > $2 OR me.revision > $2)"
);
/// The messages of `$1` with a `seq` after `$2` that are newer than `$3`.
pub(super) const NEW_MESSAGES: &str =
    "SELECT id FROM messages WHERE conversation_id = $1 AND seq > $2 AND id > $3 ORDER BY seq";
/// Older messages of `$1` by the revision of their last change. New ones are found as such, in their current state.
pub(super) const CHANGED_MESSAGES: &str = "SELECT revision, id FROM messages
     WHERE conversation_id = $1 AND revision > id AND revision > $2 AND id <= $3 ORDER BY revision LIMIT $4";
pub(super) const HIDDEN_MESSAGES: &str = "SELECT h.revision, h.message_id, m.conversation_id
     FROM hidden_messages h JOIN messages m ON m.id = h.message_id
     WHERE h.user_id = $1 AND h.revision > $2 ORDER BY h.revision LIMIT $3";

/// The current state of something that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    Message(Message),
    Hidden {
        message: MessageId,
        conversation: ConversationId,
    },
    Conversation(Conversation),
    /// More of a conversation was missed than is sent one by one: its messages before the `seq` `first` are left out.
    Limited {
        conversation: Conversation,
        first: i64,
    },
    Account(Account),
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

/// The state from which a new client starts.
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
    /// What of `me`'s changed after `since`, about `limit` items of it. Nothing if `since` belongs to another history.
    pub async fn changes(&self, me: UserId, since: Cursor, limit: usize) -> Result<Option<Changes>, StoreError> {
        self.read(
            move |db| {
                if epochs::knows(db, &since)? { changes(db, me, since.revision, limit).map(Some) } else { Ok(None) }
            },
        )
        .await
    }

    /// What of `me`'s changed after a revision of this history.
    pub async fn changes_after(&self, me: UserId, since: Revision, limit: usize) -> Result<Changes, StoreError> {
        self.read(move |db| changes(db, me, since, limit)).await
    }

    /// The latest state, small: everything older can be read in pages. Nothing once `me`'s account is deleted.
    pub async fn snapshot(&self, me: UserId, conversations: usize) -> Result<Option<Snapshot>, StoreError> {
        self.read(move |db| snapshot(db, me, conversations)).await
    }

    /// The last change there is.
    pub async fn revision(&self) -> Result<Revision, StoreError> {
        self.read(revision_of).await
    }
}

pub(super) fn revision_of(db: &mut dyn Db) -> engine::Result<Revision> {
    db.value(REVISION, &[]).map(Revision)
}

/// Something that changed, not yet read.
enum Found {
    Account(Account),
    Conversation(ConversationId),
    Limited { conversation: ConversationId, first: i64 },
    Message(MessageId),
    Hidden { message: MessageId, conversation: ConversationId },
}

/// A conversation in which something changed.
struct Changed {
    id: ConversationId,
    last_id: i64,
    last_seq: i64,
    changed_revision: i64,
    revision: i64,
}

pub(super) fn changes(db: &mut dyn Db, me: UserId, since: Revision, limit: usize) -> engine::Result<Changes> {
    let now = revision_of(db)?;
    let mut found = find(db, me, since, limit as i64 + 1)?;
    // A new conversation has the revision of its first message and comes before it.
    found.sort_by_key(|(revision, _)| *revision);
    let more = found.len() > limit;
    let mut end = limit.min(found.len());
    while more && end < found.len() && found[end].0 == found[end - 1].0 {
        end += 1;
    }
    found.truncate(end);
    let upto = found.last().filter(|_| more).map_or(now, |(revision, _)| *revision);
    Ok(Changes { items: read(db, me, found)?, upto, more })
}

/// Reads the current state of what was found.
fn read(db: &mut dyn Db, me: UserId, found: Vec<(Revision, Found)>) -> engine::Result<Vec<(Revision, Item)>> {
    let ids: Vec<_> = found.iter().filter_map(|(_, found)| found.message()).collect();
    let mut messages: HashMap<_, _> =
        message_rows::of_member(db, me, &ids)?.into_iter().map(|message| (message.id, message)).collect();
    let ids: Vec<_> = found.iter().filter_map(|(_, found)| found.conversation()).collect();
    let conversations: HashMap<_, _> = conversations::of_member(db, me, &ids)?
        .into_iter()
        .map(|conversation| (conversation.id, conversation))
        .collect();
    let items = found.into_iter().filter_map(|(revision, found)| {
        let item = match found {
            Found::Account(account) => Item::Account(account),
            Found::Conversation(id) => Item::Conversation(conversations.get(&id)?.clone()),
            Found::Limited { conversation, first } => {
                Item::Limited { conversation: conversations.get(&conversation)?.clone(), first }
            }
            Found::Message(id) => Item::Message(messages.remove(&id)?),
            Found::Hidden { message, conversation } => Item::Hidden { message, conversation },
        };
        Some((revision, item))
    });
    Ok(items.collect())
}

impl Found {
    fn message(&self) -> Option<MessageId> {
        if let Self::Message(id) = self { Some(*id) } else { None }
    }

    fn conversation(&self) -> Option<ConversationId> {
        match self {
            Self::Conversation(id) | Self::Limited { conversation: id, .. } => Some(*id),
            _ => None,
        }
    }
}

/// The first changes of each kind, at least `limit` where there are as many.
fn find(db: &mut dyn Db, me: UserId, since: Revision, limit: i64) -> engine::Result<Vec<(Revision, Found)>> {
    let account = accounts::changed(db, me, since)?;
    let mut found: Vec<_> = account.into_iter().map(|account| (account.revision, Found::Account(account))).collect();
    let changed = db.all(CHANGED, &[me.0.into(), since.0.into()], |row| {
        let (id, last_id, last_seq) = (ConversationId(row.get(0)?), row.get(1)?, row.get(2)?);
        Ok(Changed { id, last_id, last_seq, changed_revision: row.get(3)?, revision: row.get(4)? })
    })?;
    let (missed, sent) = if changed.len() > MOST_CHANGED { (1, 1) } else { (MOST_MISSED, NEWEST_SENT) };
    for conversation in changed {
        if conversation.revision > since.0 {
            found.push((Revision(conversation.revision), Found::Conversation(conversation.id)));
        }
        if conversation.last_id > since.0 {
            find_new(db, &conversation, since, (missed, sent), &mut found)?;
        }
        if conversation.changed_revision > since.0 {
            let params = [conversation.id.0.into(), since.0.into(), since.0.into(), limit.into()];
            found.extend(db.all(CHANGED_MESSAGES, &params, |row| {
                Ok((Revision(row.get(0)?), Found::Message(MessageId(row.get(1)?))))
            })?);
        }
    }
    found.extend(db.all(HIDDEN_MESSAGES, &[me.0.into(), since.0.into(), limit.into()], |row| {
        let (message, conversation) = (MessageId(row.get(1)?), ConversationId(row.get(2)?));
        Ok((Revision(row.get(0)?), Found::Hidden { message, conversation }))
    })?);
    Ok(found)
}

/// The new messages of a conversation; of too many only the newest, and an [`Item::Limited`] with the revision of the
/// first one left out: so the page on which that one would have been says that some are.
fn find_new(
    db: &mut dyn Db,
    Changed { id, last_seq, .. }: &Changed,
    since: Revision,
    (missed, sent): (i64, i64),
    found: &mut Vec<(Revision, Found)>,
) -> engine::Result<()> {
    let mut new = Vec::new();
    for looked_at in [FEW.min(missed + 1), missed + 1] {
        let params = [id.0.into(), (last_seq - looked_at).into(), since.0.into()];
        new = db.all(NEW_MESSAGES, &params, |row| row.get(0).map(MessageId))?;
        if (new.len() as i64) < looked_at {
            break;
        }
    }
    if new.len() as i64 > missed {
        new.drain(..new.len() - sent as usize);
        let first_missed = first_from(db, *id, *last_seq, MessageId(since.0 + 1))?;
        let revision = super::messages::at_seq(db, *id, first_missed)?;
        let first = last_seq - sent + 1;
        found.push((Revision(revision.0), Found::Limited { conversation: *id, first }));
    }
    found.extend(new.into_iter().map(|id| (Revision(id.0), Found::Message(id))));
    Ok(())
}

fn snapshot(db: &mut dyn Db, me: UserId, limit: usize) -> engine::Result<Option<Snapshot>> {
    let Some(account) = accounts::account(db, me)? else { return Ok(None) };
    let revision = revision_of(db)?;
    let mut page = conversations::page(db, me, i64::MAX, limit)?;
    if let Some(last) = page.conversations.last().filter(|_| page.more) {
        let older = conversations::pinned(db, me, last.place.0)?;
        page.conversations.extend(older);
    }
    Ok(Some(Snapshot { me: account, revision, conversations: page.conversations, more: page.more }))
}
