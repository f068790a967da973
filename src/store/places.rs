//! Which message is at which place of its conversation. Places are dense from 1, so a run of ids needs only the place of
//! its last; a place without a message means that the file does not hold what was stored.

use std::ops::RangeInclusive;

use rusqlite::{Connection, OptionalExtension, Row};

use super::filing::List;
use super::recent::{Of, View};
use super::runs;
use crate::model::{ConversationId, MessageId};

pub(super) const RUNS: &str =
    "SELECT last_seq, ids FROM places WHERE conversation_id = ?1 AND last_seq >= ?2 ORDER BY last_seq";
pub(super) const REACHED: &str = "SELECT coalesce(max(last_seq), 0) FROM places WHERE conversation_id = ?1";

/// The ids of the messages at these places.
pub(super) fn between(
    view: &View<'_>,
    conversation: ConversationId,
    places: &RangeInclusive<i64>,
) -> rusqlite::Result<Vec<MessageId>> {
    let mut ids = Vec::new();
    let mut query = view.prepare_cached(RUNS)?;
    let mut rows = query.query([conversation.0, *places.start()])?;
    let mut next = *places.start();
    while next <= *places.end()
        && let Some(row) = rows.next()?
    {
        let (first, run) = run(row)?;
        let after = usize::try_from(next - first).map_err(|_| hole(conversation))?;
        ids.extend(run.skip(after).take(wanted(next, places)));
        next = places.start() + ids.len() as i64;
    }
    if next <= *places.end() {
        let unfiled = unfiled(view, conversation)?.into_iter();
        ids.extend(unfiled.filter(|(seq, _)| (next..=*places.end()).contains(seq)).map(|(_, id)| id));
    }
    let whole = ids.len() == wanted(*places.start(), places);
    if whole { Ok(ids) } else { Err(hole(conversation)) }
}

fn wanted(next: i64, places: &RangeInclusive<i64>) -> usize {
    usize::try_from(places.end().saturating_sub(next - 1)).unwrap_or(0)
}

/// The first of the places up to `last` whose message has at least this id; one past the last when there is none. Ids rise
/// with places, so halving finds it in a few lookups without an index of its own.
pub(super) fn first_from(
    view: &View<'_>,
    conversation: ConversationId,
    last: i64,
    id: MessageId,
) -> rusqlite::Result<i64> {
    let unfiled = unfiled(view, conversation)?;
    let (mut low, mut high) = (1, last + 1);
    if let Some((first, first_id)) = unfiled.first() {
        if *first_id < id {
            let later = unfiled.iter().find(|(_, found)| *found >= id);
            return Ok(later.map_or(high, |(seq, _)| *seq).min(high));
        }
        high = high.min(*first);
    }
    while low < high {
        let middle = low + (high - low) / 2;
        if filed(view, conversation, middle)? < id {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

/// The message at a place that is filed.
fn filed(view: &View<'_>, conversation: ConversationId, place: i64) -> rusqlite::Result<MessageId> {
    let mut query = view.prepare_cached(RUNS)?;
    let found = query.query_row([conversation.0, place], |row| {
        let (first, mut run) = run(row)?;
        Ok(usize::try_from(place - first).ok().and_then(|after| run.nth(after)))
    });
    found.optional()?.flatten().ok_or_else(|| hole(conversation))
}

/// The place a run begins at, and its ids.
fn run<'r>(row: &'r Row<'_>) -> rusqlite::Result<(i64, impl ExactSizeIterator<Item = MessageId> + use<'r>)> {
    let ids = runs::unpack(row.get_ref(1)?.as_blob()?);
    Ok((row.get::<_, i64>(0)? - ids.len() as i64 + 1, ids))
}

/// Up to which place a conversation is filed.
pub(super) fn reached(conn: &Connection, conversation: ConversationId) -> rusqlite::Result<i64> {
    conn.prepare_cached(REACHED)?.query_row([conversation.0], |row| row.get(0))
}

/// Places and messages from some place on, in order, all that are not filed among them.
fn unfiled(view: &View<'_>, conversation: ConversationId) -> rusqlite::Result<Vec<(i64, MessageId)>> {
    let entries = view.unfiled(List::Places, Of::Conversation(conversation))?;
    Ok(entries.into_iter().map(|entry| (entry.seq, entry.id)).collect())
}

/// The fault of a conversation that lacks messages it had: as grave as a damaged page.
pub(super) fn hole(conversation: ConversationId) -> rusqlite::Error {
    let missing = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
    let detail = format!("conversation {} lacks messages it had", conversation.0);
    rusqlite::Error::SqliteFailure(missing, Some(detail))
}
