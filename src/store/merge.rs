//! All of a person's messages in the order of their ids: their conversations, each in its own order, merged as they are
//! read. A page's cost grows with what is skipped before it and with the number of its reader's conversations, not with
//! others'.

use std::collections::{BinaryHeap, VecDeque};

use super::engine::{self, Db};
use super::message_rows::missing_sequence_error;
use super::messages::{ENDS, first_from};
use crate::model::{ConversationId, MessageId, UserId};

/// Messages of a conversation that are read at once.
const CHUNK: i64 = 64;

pub(super) const DOWN: &str =
    "SELECT id FROM messages WHERE conversation_id = $1 AND seq <= $2 ORDER BY seq DESC LIMIT $3";
pub(super) const UP: &str =
    "SELECT id FROM messages WHERE conversation_id = $1 AND seq >= $2 AND seq <= $3 ORDER BY seq";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// Newest first.
    Down,
    /// Oldest first.
    Up,
}

/// One of the conversations that are merged.
struct Source {
    conversation: ConversationId,
    /// The `seq` of the next message that is not read yet, and the last one there is.
    next: i64,
    last_seq: i64,
    read: VecDeque<i64>,
}

pub(super) struct Merge {
    direction: Direction,
    sources: Vec<Source>,
    /// Each source by its next message, the one that comes first on top.
    heap: BinaryHeap<(i64, usize)>,
}

impl Merge {
    /// Begins with the message next to `from`, which is left out.
    pub fn begin(db: &mut dyn Db, me: UserId, direction: Direction, from: i64) -> engine::Result<Self> {
        let ends = db.all(ENDS, &[me.0.into()], |row| Ok((ConversationId(row.get(0)?), row.get(1)?, row.get(2)?)))?;
        let mut merge = Self { direction, sources: Vec::new(), heap: BinaryHeap::new() };
        for (conversation, last_id, last_seq) in ends {
            let last_id: i64 = last_id;
            let (next, first) = match direction {
                Direction::Down if last_id < from => (last_seq, Some(last_id)),
                Direction::Down => (first_from(db, conversation, last_seq, MessageId(from))? - 1, None),
                Direction::Up if last_id <= from => continue,
                Direction::Up => (first_from(db, conversation, last_seq, MessageId(from.saturating_add(1)))?, None),
            };
            merge.sources.push(Source { conversation, next, last_seq, read: VecDeque::new() });
            let source = merge.sources.len() - 1;
            match first {
                // It is read when its turn comes: of most conversations nothing is on the page.
                Some(id) => merge.heap.push((id, source)),
                None => merge.push(db, source)?,
            }
        }
        Ok(merge)
    }

    /// The next messages, without the first `skip`.
    pub fn take(mut self, db: &mut dyn Db, skip: usize, most: usize) -> engine::Result<Vec<MessageId>> {
        let mut taken = Vec::with_capacity(most);
        for index in 0..skip.saturating_add(most) {
            let Some((key, source)) = self.heap.pop() else { break };
            let id = if self.direction == Direction::Down { key } else { -key };
            if self.sources[source].read.is_empty() {
                self.read(db, source)?;
            }
            if self.sources[source].read.pop_front() != Some(id) {
                return Err(missing_sequence_error(self.sources[source].conversation));
            }
            self.push(db, source)?;
            if index >= skip {
                taken.push(MessageId(id));
            }
        }
        Ok(taken)
    }

    /// Puts a source where its next message belongs, if it has one.
    fn push(&mut self, db: &mut dyn Db, source: usize) -> engine::Result<()> {
        if self.sources[source].read.is_empty() {
            self.read(db, source)?;
        }
        if let Some(id) = self.sources[source].read.front() {
            self.heap.push((if self.direction == Direction::Down { *id } else { -id }, source));
        }
        Ok(())
    }

    fn read(&mut self, db: &mut dyn Db, source: usize) -> engine::Result<()> {
        let direction = self.direction;
        let Source { conversation, next, last_seq, read } = &mut self.sources[source];
        let (sql, end) = match direction {
            Direction::Down => (DOWN, CHUNK.min(*next)),
            Direction::Up => (UP, (*next + CHUNK - 1).min(*last_seq)),
        };
        let expected = if direction == Direction::Down { end } else { end - *next + 1 };
        if expected <= 0 {
            return Ok(());
        }
        read.extend(db.all(sql, &[conversation.0.into(), (*next).into(), end.into()], |row| row.get::<i64>(0))?);
        if read.len() as i64 != expected {
            return Err(missing_sequence_error(*conversation));
        }
        *next += if direction == Direction::Down { -expected } else { expected };
        Ok(())
    }
}
