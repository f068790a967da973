//! What members' rows repeat of a conversation's newest messages. It is written late, like lists (`filing`), and sooner only
//! where a row is changed otherwise: each send would change two rows and their places in two people's lists. Readers add what
//! a row lacks, which its `last_message_id` tells: it counts all messages up to that one.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, params};

use super::filing::List;
use super::recent::{Entry, Of, View};
use crate::model::{ConversationId, MessageId, UserId};

pub(super) const LAST: &str =
    "SELECT last_message_id, last_seq FROM members WHERE conversation_id = ?1 AND user_id = ?2";

/// What a row lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Newer {
    /// The newest message, and its place.
    pub last: MessageId,
    pub last_seq: i64,
    /// Messages by the other one.
    pub incoming: i64,
}

/// The messages that someone's rows may lack.
pub(super) struct Late {
    me: UserId,
    entries: BTreeMap<ConversationId, Vec<Entry>>,
}

impl Late {
    pub fn of(view: &View<'_>, me: UserId) -> rusqlite::Result<Self> {
        Self::among(view, me, Of::Person(me))
    }

    /// Of one conversation alone.
    pub fn within(view: &View<'_>, me: UserId, conversation: ConversationId) -> rusqlite::Result<Self> {
        Self::among(view, me, Of::Conversation(conversation))
    }

    fn among(view: &View<'_>, me: UserId, of: Of) -> rusqlite::Result<Self> {
        let mut entries = BTreeMap::<_, Vec<_>>::new();
        for entry in view.unfiled(List::Members, of)?.into_iter().filter(|entry| entry.is_seen_by(me)) {
            entries.entry(entry.conversation).or_default().push(entry);
        }
        Ok(Self { me, entries })
    }

    /// What the row of a conversation lacks that counts all messages up to `last`.
    pub fn newer(&self, conversation: ConversationId, last: MessageId) -> Option<Newer> {
        newer(self.entries.get(&conversation)?, self.me, last)
    }

    /// The first of a list of conversations, newest first, each with its newest message. `rows` come in the order of an index,
    /// which holds for those that lack nothing; `find` looks up one that stands elsewhere.
    pub fn in_order<T>(
        &self,
        before: i64,
        limit: usize,
        rows: impl Iterator<Item = rusqlite::Result<(ConversationId, MessageId, T)>>,
        find: impl Fn(ConversationId, MessageId) -> rusqlite::Result<Option<T>>,
    ) -> rusqlite::Result<Vec<(MessageId, T)>> {
        let (mut found, mut seen) = (Vec::new(), Vec::new());
        for row in rows {
            let (conversation, last, item) = row?;
            if self.newer(conversation, last).is_none() {
                seen.push(conversation);
                found.push((last, item));
                if found.len() == limit {
                    break;
                }
            }
        }
        let end = found.last().filter(|_| found.len() == limit).map_or(MessageId(0), |(last, _)| *last);
        let mut elsewhere = Vec::new();
        for (conversation, newest) in self.newest_first(end, before) {
            if elsewhere.len() == limit {
                break;
            }
            if !seen.contains(&conversation) {
                elsewhere.extend(find(conversation, newest)?.map(|item| (newest, item)));
            }
        }
        found.extend(elsewhere);
        found.sort_by_key(|(newest, _)| Reverse(*newest));
        found.truncate(limit);
        Ok(found)
    }

    /// The conversations whose newest message is after and before these, with that message.
    fn newest_first(&self, after: MessageId, before: i64) -> Vec<(ConversationId, MessageId)> {
        let newest =
            self.entries.iter().filter_map(|(conversation, entries)| Some((*conversation, entries.last()?.id)));
        let mut newest: Vec<_> = newest.filter(|(_, id)| *id > after && id.0 < before).collect();
        newest.sort_unstable_by_key(|(_, id)| Reverse(*id));
        newest
    }

    /// How many places more these conversations have than their rows say.
    pub fn places_more(&self, conn: &Connection) -> rusqlite::Result<i64> {
        let mut more = 0;
        for conversation in self.entries.keys() {
            if let Some((last, last_seq)) = last(conn, *conversation, self.me)?
                && let Some(newer) = self.newer(*conversation, last)
            {
                more += newer.last_seq - last_seq;
            }
        }
        Ok(more)
    }
}

/// What of these messages of a conversation, in order, comes after `last` for `me`.
fn newer(entries: &[Entry], me: UserId, last: MessageId) -> Option<Newer> {
    let newer = &entries[entries.partition_point(|entry| entry.id <= last)..];
    let incoming = newer.iter().filter(|entry| entry.sender != me).count() as i64;
    newer.last().map(|entry| Newer { last: entry.id, last_seq: entry.seq, incoming })
}

/// The newest message that the row counts, and its place.
fn last(conn: &Connection, conversation: ConversationId, who: UserId) -> rusqlite::Result<Option<(MessageId, i64)>> {
    let mut query = conn.prepare_cached(LAST)?;
    query.query_row([conversation.0, who.0], |row| Ok((MessageId(row.get(0)?), row.get(1)?))).optional()
}

/// Writes what the rows of a conversation lack. To be called before what they count is changed otherwise.
pub(super) fn settle(view: &View<'_>, conversation: ConversationId) -> rusqlite::Result<()> {
    let mut rows = BTreeMap::<UserId, Vec<Entry>>::new();
    for entry in view.unfiled(List::Members, Of::Conversation(conversation))? {
        entry.seen_by().for_each(|who| rows.entry(who).or_default().push(entry));
    }
    rows.iter().try_for_each(|(who, entries)| write(view, conversation, *who, entries))
}

/// Writes what a row lacks of these messages, which its member sees.
pub(super) fn write(
    conn: &Connection,
    conversation: ConversationId,
    who: UserId,
    entries: &[Entry],
) -> rusqlite::Result<()> {
    // Who has no row has no list in which something could be missing.
    let Some((last, _)) = last(conn, conversation, who)? else { return Ok(()) };
    match newer(entries, who, last) {
        Some(newer) => count(conn, conversation, who, newer).map(drop),
        None => Ok(()),
    }
}

/// Makes sure that all who see a new message have a row, and counts it there. A row that is there already may lack only what its
/// member sent, since one without a row has sent nothing. Gives the member for whom the conversation begins here though it
/// began before: what came earlier was kept from them.
pub(super) fn join(conn: &Connection, entry: &Entry) -> rusqlite::Result<Option<UserId>> {
    let Entry { id, conversation, seq, sender, .. } = *entry;
    let mut insert = conn.prepare_cached(
        "INSERT INTO members (conversation_id, user_id, last_message_id, last_seq, revision, unread)
         VALUES (?1, ?2, ?3, ?4, ?3, ?5)",
    )?;
    let mut began = None;
    for who in entry.seen_by() {
        let newer = Newer { last: id, last_seq: seq, incoming: i64::from(who != sender) };
        if !count(conn, conversation, who, newer)? {
            insert.execute(params![conversation.0, who.0, id.0, seq, newer.incoming])?;
            if seq > 1 {
                began = Some(who);
            }
        }
    }
    Ok(began)
}

/// Counts more messages in a row, if there is one.
fn count(conn: &Connection, conversation: ConversationId, who: UserId, newer: Newer) -> rusqlite::Result<bool> {
    // FAIL: a failure undoes the transaction, so nothing is kept to undo a statement alone.
    let mut update = conn.prepare_cached(
        "UPDATE OR FAIL members SET last_message_id = ?3, last_seq = ?4, unread = unread + ?5
         WHERE conversation_id = ?1 AND user_id = ?2",
    )?;
    let Newer { last, last_seq, incoming } = newer;
    Ok(update.execute(params![conversation.0, who.0, last.0, last_seq, incoming])? > 0)
}
