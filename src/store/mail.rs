//! Everybody's own messages, sent and received, in the order of the history: runs of those that are filed, and the
//! newest (`recent`) for the others.

use rusqlite::Connection;

use super::filing::List;
use super::recent::{Of, View};
use super::runs;
use crate::model::{MessageId, UserId};

pub(super) const RUNS_UP: &str = "SELECT ids FROM mail WHERE user_id = ?1 AND last_id > ?2 ORDER BY last_id";
/// From the run that holds the first id from `?2` on, down.
pub(super) const RUNS_DOWN: &str = "SELECT ids FROM mail WHERE user_id = ?1 AND last_id <=
       coalesce((SELECT min(last_id) FROM mail WHERE user_id = ?1 AND last_id >= ?2), ?2)
     ORDER BY last_id DESC";
pub(super) const REACHED: &str = "SELECT coalesce(max(last_id), 0) FROM mail WHERE user_id = ?1";

/// The ids of `me`'s messages after this one, oldest first.
pub(super) fn up(view: &View<'_>, me: UserId, after: i64, limit: usize) -> rusqlite::Result<Vec<MessageId>> {
    let mut found = Vec::new();
    let mut query = view.prepare_cached(RUNS_UP)?;
    let mut rows = query.query([me.0, after])?;
    while found.len() < limit
        && let Some(row) = rows.next()?
    {
        found.extend(runs::unpack(row.get_ref(0)?.as_blob()?).filter(|id| id.0 > after));
    }
    if found.len() < limit {
        let reached = found.last().map_or(after, |id| id.0);
        found.extend(unfiled(view, me, reached, i64::MAX)?);
    }
    found.truncate(limit);
    Ok(found)
}

/// The ids of `me`'s messages before this one, newest first, the first `skip` left out.
pub(super) fn down(
    view: &View<'_>,
    me: UserId,
    before: i64,
    limit: usize,
    skip: usize,
) -> rusqlite::Result<Vec<MessageId>> {
    let mut left = skip;
    let mut found = Vec::new();
    let mut take = |ids: &mut dyn DoubleEndedIterator<Item = MessageId>| {
        for id in ids.rev().filter(|id| id.0 < before) {
            if left > 0 {
                left -= 1;
            } else if found.len() < limit {
                found.push(id);
            }
        }
        found.len() < limit
    };
    let mut wanting = take(&mut unfiled(view, me, reached(view, me)?.0, before)?.into_iter());
    let mut query = view.prepare_cached(RUNS_DOWN)?;
    let mut rows = query.query([me.0, before])?;
    while wanting && let Some(row) = rows.next()? {
        wanting = take(&mut runs::unpack(row.get_ref(0)?.as_blob()?));
    }
    Ok(found)
}

/// Up to which message those of a person's are filed, at least.
pub(super) fn reached(conn: &Connection, who: UserId) -> rusqlite::Result<MessageId> {
    conn.prepare_cached(REACHED)?.query_row([who.0], |row| row.get(0).map(MessageId))
}

/// The ids between these two of `me`'s messages that are found in memory alone.
fn unfiled(view: &View<'_>, me: UserId, after: i64, before: i64) -> rusqlite::Result<Vec<MessageId>> {
    let ids = view.unfiled(List::Mail, Of::Person(me))?.into_iter().map(|entry| entry.id);
    Ok(ids.filter(|id| id.0 > after && id.0 < before).collect())
}
