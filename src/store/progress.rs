//! A member's positions in a conversation, and its settings in their list. Positions alone, which clients report often,
//! are stored together, like messages.

use std::collections::HashMap;

use super::conversations::{MOST_PINNED, last_seq, one};
use super::direct::other_member;
use super::engine::{self, Question, Row, Value};
use super::writer::Change;
use super::{Store, StoreError};
use crate::clock::Timestamp;
use crate::model::{Conversation, ConversationId, Event, Position, Revision, User, UserId};

/// A member's row with what decides who is notified of it. If either of two hides read receipts, they are not shown; if
/// one blocks the other, no position is sent at all.
pub(super) const STATE: &str = concat!(
    "SELECT me.delivered_seq, me.read_seq, me.shown_read_seq, me.moves, me.marked_unread, me.pinned, me.archived,
            me.muted_until, ",
    last_seq!(),
    ", mine.hides_receipts + theirs.hides_receipts > 0,
            EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = mine.id AND b.blocked_id = theirs.id)
              OR EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = theirs.id AND b.blocked_id = mine.id),
            other.user_id
     FROM members me
     JOIN conversations c ON c.id = me.conversation_id
     JOIN users mine ON mine.id = me.user_id
     JOIN users theirs ON theirs.id = ",
    other_member!("c", "me.user_id"),
    " LEFT JOIN members other ON other.user_id = theirs.id AND other.conversation_id = c.id
         AND other.user_id <> me.user_id
     WHERE me.user_id = $1 AND me.conversation_id = $2"
);
pub(super) const COUNT_PINNED: &str = "SELECT count(*) FROM members WHERE user_id = $1 AND pinned = 1";
pub(super) const UPDATE: &str = "UPDATE members SET delivered_seq = $1, read_seq = $2, shown_read_seq = $3, moves = $4,
            marked_unread = $5, pinned = $6, archived = $7, muted_until = $8, revision = $9
     WHERE user_id = $10 AND conversation_id = $11";
pub(super) const STAMP: &str = "UPDATE conversations SET revision = $1 WHERE id = $2";
pub(super) const MOVED: &str = "INSERT INTO receipts
       (conversation_id, user_id, move, delivered_seq, read_seq, at)
     VALUES ($1, $2, $3, $4, $5, $6)";
pub(super) const FORGET_MOVES: &str = "DELETE FROM receipts WHERE conversation_id = $1 AND user_id = $2 AND move <= $3";

/// The newest moves of a member's positions, whose times are kept.
const KEPT_MOVES: i64 = 200;

/// Older moves are deleted together: one by one, each would write another page.
const FORGOTTEN_MOVES: i64 = 50;

/// A change of a member's positions and settings; what is left out stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConversationUpdate {
    /// Everything up to here has reached one of their clients.
    pub delivered: Option<i64>,
    /// Everything up to here was read, and so delivered.
    pub read: Option<i64>,
    /// Whether it is marked as unread.
    pub marked_unread: Option<bool>,
    /// Pinning takes it out of the archive, and the other way round.
    pub pinned: Option<bool>,
    pub archived: Option<bool>,
    pub muted_until: Option<Option<Timestamp>>,
}

/// There are [`MOST_PINNED`] pinned conversations already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyPinned;

/// A member's positions: as they see them, and as others do.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Positions {
    delivered: i64,
    read: i64,
    shown: i64,
}

/// A member's settings of the conversation.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Settings {
    marked_unread: bool,
    pinned: bool,
    archived: bool,
    muted_until: Option<i64>,
}

pub(super) struct MemberState {
    positions: Positions,
    moves: i64,
    settings: Settings,
    last_seq: i64,
    receipts_hidden: bool,
    blocked_either_way: bool,
    /// The other member who sees this one's positions.
    other: Option<UserId>,
}

/// What an update makes of a member.
struct Updated {
    positions: Positions,
    moves: i64,
    settings: Settings,
    revision: i64,
    /// Whether the positions that others see moved.
    shown: bool,
    settings_changed: bool,
    /// The other member, if they see that.
    other: Option<UserId>,
}

/// A client's report of positions.
pub(super) struct Ack {
    pub me: User,
    pub conversation: ConversationId,
    /// Without settings.
    pub update: ConversationUpdate,
}

impl Store {
    /// Moves `me`'s positions in a conversation forward, and changes its settings. Positions never move back or past
    /// the newest message. Nothing if `me` is no member.
    pub async fn update_conversation(
        &self,
        me: User,
        id: ConversationId,
        update: ConversationUpdate,
    ) -> Result<Option<Result<Conversation, TooManyPinned>>, StoreError> {
        self.write(move |change| match apply(change, &me, id, update)? {
            Some(Ok(())) => Ok(one(change.db, me.id, id)?.map(Ok)),
            Some(Err(refusal)) => Ok(Some(Err(refusal))),
            None => Ok(None),
        })
        .await
    }

    /// The same for positions alone, which clients report often: nothing is answered. If `me` is no member, nothing
    /// changes.
    pub async fn acknowledge(
        &self,
        me: User,
        id: ConversationId,
        update: ConversationUpdate,
    ) -> Result<(), StoreError> {
        self.inner.writer.acknowledge(Ack { me, conversation: id, update }).await
    }
}

/// Acks that are stored together: one for each member of a conversation, with the furthest positions.
pub(super) struct Acks<'a>(Vec<(&'a User, ConversationId, ConversationUpdate)>);

impl<'a> Acks<'a> {
    pub fn new(acks: impl Iterator<Item = &'a Ack>) -> Self {
        let mut merged: Vec<(_, _, ConversationUpdate)> = Vec::new();
        let mut known = HashMap::new();
        for Ack { me, conversation, update } in acks {
            let index = *known.entry((me.id, *conversation)).or_insert(merged.len());
            if let Some((.., furthest)) = merged.get_mut(index) {
                furthest.delivered = furthest.delivered.max(update.delivered);
                furthest.read = furthest.read.max(update.read);
            } else {
                merged.push((me, *conversation, *update));
            }
        }
        Self(merged)
    }

    /// The query they need.
    pub fn question(&self) -> Question<'_> {
        Question { sql: STATE, each: self.0.iter().map(|(me, id, _)| vec![me.id.0.into(), id.0.into()]).collect() }
    }

    /// Stores them and notifies the members. `states` are the answers by index; who has none is no member.
    pub fn store(&self, change: &mut Change<'_>, states: &HashMap<usize, MemberState>) -> engine::Result<()> {
        let acks = self.0.iter().enumerate();
        let updated = acks.filter_map(|(index, (me, id, update))| {
            Some((*me, *id, states.get(&index)?.updated(*update, || change.next_revision())?))
        });
        let updated: Vec<_> = updated.collect();
        store(change, &updated)
    }
}

/// Stores one ack by itself, in a change that has begun.
pub(super) fn acknowledge(change: &mut Change<'_>, ack: &Ack) -> engine::Result<()> {
    apply(change, &ack.me, ack.conversation, ack.update).map(drop)
}

fn apply(
    change: &mut Change<'_>,
    me: &User,
    id: ConversationId,
    update: ConversationUpdate,
) -> engine::Result<Option<Result<(), TooManyPinned>>> {
    let Some(before) = change.db.first(STATE, &[me.id.0.into(), id.0.into()], state_from)? else { return Ok(None) };
    if before.settings.changed(update, false).pinned && !before.settings.pinned {
        let pinned: i64 = change.db.value(COUNT_PINNED, &[me.id.0.into()])?;
        if pinned >= MOST_PINNED as i64 {
            return Ok(Some(Err(TooManyPinned)));
        }
    }
    let updated = before.updated(update, || change.next_revision());
    store(change, &updated.map(|updated| (me, id, updated)).into_iter().collect::<Vec<_>>())?;
    Ok(Some(Ok(())))
}

pub(super) fn state_from(row: &dyn Row) -> engine::Result<MemberState> {
    let mut columns = row.columns(0);
    Ok(MemberState {
        positions: Positions { delivered: columns.read()?, read: columns.read()?, shown: columns.read()? },
        moves: columns.read()?,
        settings: Settings {
            marked_unread: columns.read()?,
            pinned: columns.read()?,
            archived: columns.read()?,
            muted_until: columns.read()?,
        },
        last_seq: columns.read()?,
        receipts_hidden: columns.read()?,
        blocked_either_way: columns.read()?,
        other: columns.read::<Option<i64>>()?.map(UserId),
    })
}

impl MemberState {
    /// Nothing where the update changes nothing.
    fn updated(&self, update: ConversationUpdate, revision: impl FnOnce() -> i64) -> Option<Updated> {
        let positions = self.moved(update);
        let settings = self.settings.changed(update, positions.read > self.positions.read);
        let settings_changed = settings != self.settings;
        if positions == self.positions && !settings_changed {
            return None;
        }
        let shown = (positions.delivered, positions.shown) != (self.positions.delivered, self.positions.shown);
        let (moves, other) = (self.moves + i64::from(shown), self.other.filter(|_| shown));
        Some(Updated { positions, moves, settings, revision: revision(), shown, settings_changed, other })
    }

    fn moved(&self, update: ConversationUpdate) -> Positions {
        let Positions { delivered, read, shown } = self.positions;
        let up_to = |said: Option<i64>| said.unwrap_or(0).min(self.last_seq);
        let said = up_to(update.read);
        let received = delivered.max(said).max(up_to(update.delivered));
        Positions {
            delivered: if self.blocked_either_way { delivered } else { received },
            read: read.max(said),
            // What was read while receipts were hidden is shown with the next read that is not hidden: there is only
            // one position.
            shown: if self.blocked_either_way || self.receipts_hidden || said <= read { shown } else { said },
        }
    }
}

impl Settings {
    fn changed(self, update: ConversationUpdate, read_on: bool) -> Self {
        let (mut pinned, mut archived) = (self.pinned, self.archived);
        if let Some(archive) = update.archived {
            (archived, pinned) = (archive, pinned && !archive);
        }
        if let Some(pin) = update.pinned {
            (pinned, archived) = (pin, archived && !pin);
        }
        Self {
            // Reading on removes the mark, unless the same update sets it.
            marked_unread: update.marked_unread.unwrap_or(self.marked_unread && !read_on),
            pinned,
            archived,
            muted_until: update.muted_until.map_or(self.muted_until, |until| until.map(Timestamp::as_micros)),
        }
    }
}

/// Stores what became of these members, each once, and notifies everyone concerned.
fn store(change: &mut Change<'_>, members: &[(&User, ConversationId, Updated)]) -> engine::Result<()> {
    let rows: Vec<_> = members.iter().map(|(me, id, updated)| updated.row(me.id, *id)).collect();
    change.db.post(UPDATE, &rows)?;
    let now = change.now;
    let shown = || members.iter().filter(|(.., updated)| updated.shown);
    let moves: Vec<_> = shown().map(|(me, id, updated)| updated.move_row(me.id, *id, now)).collect();
    change.db.post(MOVED, &moves)?;
    for (me, id, Updated { moves, .. }) in shown() {
        if *moves > KEPT_MOVES && moves % FORGOTTEN_MOVES == 0 {
            change.db.execute(FORGET_MOVES, &[id.0.into(), me.id.0.into(), (moves - KEPT_MOVES).into()])?;
        }
    }
    // Both members of a conversation may be among them: the last revision counts.
    let seen = members.iter().filter(|(.., updated)| updated.other.is_some());
    let stamps: HashMap<i64, i64> = seen.map(|(_, id, updated)| (id.0, updated.revision)).collect();
    let stamps: Vec<Vec<Value<'_>>> = stamps.into_iter().map(|(id, last)| vec![last.into(), id.into()]).collect();
    change.db.post(STAMP, &stamps)?;
    members.iter().try_for_each(|(me, id, updated)| notify_members(change, *id, me, updated))
}

impl Updated {
    /// The parameters of [`UPDATE`].
    fn row(&self, me: UserId, id: ConversationId) -> Vec<Value<'static>> {
        let Positions { delivered, read, shown } = self.positions;
        let Settings { marked_unread, pinned, archived, muted_until } = self.settings;
        vec![
            delivered.into(),
            read.into(),
            shown.into(),
            self.moves.into(),
            marked_unread.into(),
            pinned.into(),
            archived.into(),
            muted_until.into(),
            self.revision.into(),
            me.0.into(),
            id.0.into(),
        ]
    }

    /// The parameters of [`MOVED`]: when the shown positions moved, for the details of messages.
    fn move_row(&self, me: UserId, id: ConversationId, now: Timestamp) -> Vec<Value<'static>> {
        let Positions { delivered, shown, .. } = self.positions;
        vec![id.0.into(), me.0.into(), self.moves.into(), delivered.into(), shown.into(), now.as_micros().into()]
    }
}

/// Notifies the members: the other one only of what they may know; one's own sockets of the position alone if nothing
/// else changed, otherwise of the whole conversation.
fn notify_members(
    change: &mut Change<'_>,
    id: ConversationId,
    me: &User,
    Updated { positions: now, revision, settings_changed, other, .. }: &Updated,
) -> engine::Result<()> {
    let alike = !settings_changed && now.read == now.shown;
    let moved = |read, readers| {
        let position = Position { user: me.id, name: me.username.clone(), delivered: now.delivered, read };
        Event::Moved { conversation: id, position, revision: Revision(*revision), readers }
    };
    match *other {
        Some(other) if alike => change.announce(moved(now.shown, vec![me.id, other])),
        Some(other) => change.announce(moved(now.shown, vec![other])),
        None => {}
    }
    if *settings_changed {
        if let Some(conversation) = one(change.db, me.id, id)? {
            change.announce(Event::ConversationChanged { user: me.id, conversation });
        }
    } else if other.is_none() || !alike {
        change.announce(moved(now.read, vec![me.id]));
    }
    Ok(())
}
