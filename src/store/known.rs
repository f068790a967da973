//! What the writer's thread knows by heart of people who write to each other, so that a send need not ask the file for
//! what the send before it asked. Exact, because that thread alone changes the file: a send puts in what it adds, and
//! whatever else changes any of it empties this, as does everything that is undone.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};

use super::blocks::blocks;
use super::filing::{Filing, List};
use super::keys::Keys;
use super::recent::{Of, View};
use crate::model::{ConversationId, UserId, Username};

pub(super) const RECIPIENT: &str =
    "SELECT id FROM users WHERE username_key = ?1 AND username = ?2 AND deleted_at IS NULL";
pub(super) const PAIR: &str = "SELECT c.id, (SELECT max(last_seq) FROM members WHERE conversation_id = c.id),
       (SELECT count(*) FROM members WHERE conversation_id = c.id)
     FROM conversations c WHERE c.low_user_id = ?1 AND c.high_user_id = ?2";

/// People, and pairs of them, that are kept: about 100 bytes each. One more empties this.
const MOST: usize = 20_000;

#[derive(Default)]
pub(super) struct Known {
    people: HashMap<Username, UserId>,
    pairs: foldhash::HashMap<(UserId, UserId), Pair>,
    keys: Option<Keys>,
    filing: Option<Filing>,
}

/// Two people, the lower id first.
#[derive(Clone, Copy)]
pub(super) struct Pair {
    pub place: Option<Place>,
    /// Whether the first blocks the second, and the other way round.
    blocks: (bool, bool),
}

/// Where a conversation ends.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub conversation: ConversationId,
    pub last_seq: i64,
    /// Whether all of its people have a row as its members.
    pub joined: bool,
}

impl Known {
    /// The person of exactly this name to whom one can write.
    pub fn recipient(&mut self, conn: &Connection, name: &Username) -> rusqlite::Result<Option<UserId>> {
        if let Some(id) = self.people.get(name) {
            return Ok(Some(*id));
        }
        let mut query = conn.prepare_cached(RECIPIENT)?;
        let found = query.query_row(params![name.key(), name.as_str()], |row| row.get(0)).optional()?.map(UserId);
        if let Some(id) = found {
            bound(&mut self.people).insert(name.clone(), id);
        }
        Ok(found)
    }

    pub fn pair(&mut self, view: &View<'_>, one: UserId, other: UserId) -> rusqlite::Result<&mut Pair> {
        let (low, high) = (one.min(other), one.max(other));
        if !self.pairs.contains_key(&(low, high)) {
            let blocks = (blocks(view, low, high)?, blocks(view, high, low)?);
            bound(&mut self.pairs).insert((low, high), Pair { place: place(view, low, high)?, blocks });
        }
        Ok(self.pairs.get_mut(&(low, high)).expect("it was put in"))
    }

    /// The keys that wait.
    pub fn keys(&mut self, conn: &Connection) -> rusqlite::Result<&mut Keys> {
        let keys = self.keys.take().map_or_else(|| Keys::read(conn), Ok)?;
        Ok(self.keys.insert(keys))
    }

    /// What is filed, and what is to be.
    pub fn filing(&mut self, conn: &Connection) -> rusqlite::Result<&mut Filing> {
        let filing = self.filing.take().map_or_else(|| Filing::read(conn), Ok)?;
        Ok(self.filing.insert(filing))
    }

    /// To be told when other than a send changes who is who, who blocks whom, or a conversation's last place.
    pub fn forget_people(&mut self) {
        self.people.clear();
        self.pairs.clear();
    }

    pub fn forget(&mut self) {
        *self = Self::default();
    }
}

impl Pair {
    /// Whether `who`, one of the two, blocks the `other`.
    pub fn blocks(&self, who: UserId, other: UserId) -> bool {
        if who < other { self.blocks.0 } else { self.blocks.1 }
    }
}

/// Where the conversation of two people ends, if they have one.
fn place(view: &View<'_>, low: UserId, high: UserId) -> rusqlite::Result<Option<Place>> {
    let mut query = view.prepare_cached(PAIR)?;
    let found = query.query_row([low.0, high.0], |row| {
        let joined = row.get::<_, i64>(2)? == if low == high { 1 } else { 2 };
        Ok(Place { conversation: ConversationId(row.get(0)?), last_seq: row.get(1)?, joined })
    });
    let Some(mut place) = found.optional()? else { return Ok(None) };
    let late = view.unfiled(List::Members, Of::Conversation(place.conversation))?;
    place.last_seq = late.last().map_or(place.last_seq, |entry| entry.seq.max(place.last_seq));
    Ok(Some(place))
}

fn bound<K, V, S>(map: &mut HashMap<K, V, S>) -> &mut HashMap<K, V, S> {
    if map.len() >= MOST {
        map.clear();
    }
    map
}
