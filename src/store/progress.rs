//! What a member says of a conversation: how far they have come in it, and how they want it in their list.

use rusqlite::{named_params, params};

use super::conversations::{MOST_PINNED, one};
use super::users::other_member;
use super::writer::Change;
use super::{Store, StoreError, members, unread};
use crate::clock::Timestamp;
use crate::model::{Conversation, ConversationId, Event, Position, Revision, User, UserId};

/// A member's row with what decides who is told of it. Read receipts that either of the two hides are `quiet`; where one
/// blocks the other they are `apart`, and nothing of how far they come is told at all.
pub(super) const STANDING: &str =
    "SELECT me.delivered_seq, me.read_seq, me.shown_read_seq, me.last_seq, me.unread, me.marked_unread,
            me.pinned, me.archived, me.muted_until,
            mine.hides_receipts OR theirs.hides_receipts AS quiet,
            EXISTS (SELECT 1 FROM blocks WHERE user_id = :me AND blocked_id = :other)
              OR EXISTS (SELECT 1 FROM blocks WHERE user_id = :other AND blocked_id = :me) AS apart
     FROM members me JOIN users mine ON mine.id = :me JOIN users theirs ON theirs.id = :other
     WHERE me.conversation_id = :conversation AND me.user_id = :me";
pub(super) const COUNT_PINNED: &str = "SELECT count(*) FROM members WHERE user_id = ?1 AND pinned = 1";

/// What someone says of a conversation; what is left out stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConversationUpdate {
    /// Everything up to here has reached one of their clients.
    pub delivered: Option<i64>,
    /// Everything up to here was looked at; that is also receiving it.
    pub read: Option<i64>,
    /// Whether it is put aside to read later.
    pub marked_unread: Option<bool>,
    /// Pinning takes it out of the archive, and the other way round.
    pub pinned: Option<bool>,
    pub archived: Option<bool>,
    pub muted_until: Option<Option<Timestamp>>,
}

/// There are [`MOST_PINNED`] pinned conversations already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyPinned;

/// How far a member is: what they see of it, and what the other one does.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Places {
    delivered: i64,
    read: i64,
    shown: i64,
}

/// How a member wants the conversation in the list.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Settings {
    marked_unread: bool,
    pinned: bool,
    archived: bool,
    muted_until: Option<i64>,
}

struct Standing {
    places: Places,
    settings: Settings,
    last_seq: i64,
    unread: i64,
    quiet: bool,
    apart: bool,
}

impl Store {
    /// Moves `me`'s positions in a conversation of theirs forward, and sets it up as said. What lies behind the
    /// positions or beyond the newest message changes nothing. Nothing when there is no such conversation.
    pub async fn update_conversation(
        &self,
        me: User,
        id: ConversationId,
        update: ConversationUpdate,
    ) -> Result<Option<Result<Conversation, TooManyPinned>>, StoreError> {
        self.write(move |change| apply(change, &me, id, update)).await
    }
}

fn apply(
    change: &mut Change<'_>,
    me: &User,
    id: ConversationId,
    update: ConversationUpdate,
) -> rusqlite::Result<Option<Result<Conversation, TooManyPinned>>> {
    let conn = change.conn;
    let Some(other) = other_member(conn, me.id, id)?.map(|other| other.id) else { return Ok(None) };
    members::settle(conn, id)?;
    let before = standing(change, id, me.id, other)?;
    let places = before.moved(update);
    let settings = before.settings.changed(update, places.read > before.places.read);
    if settings.pinned && !before.settings.pinned {
        let pinned: i64 = conn.prepare_cached(COUNT_PINNED)?.query_row([me.id.0], |row| row.get(0))?;
        if pinned >= MOST_PINNED as i64 {
            return Ok(Some(Err(TooManyPinned)));
        }
    }
    if places != before.places || settings != before.settings {
        let revision = change.next_revision();
        let unread = if places.read == before.places.read {
            before.unread
        } else {
            unread::count(conn, me.id, id, (places.read, before.last_seq))?
        };
        store(change, id, me.id, (places, unread), settings, revision)?;
        tell(change, id, (me, other), (&before, places), settings != before.settings, revision)?;
        note_receipts(change, id, me.id, before.places, places)?;
    }
    Ok(one(conn, me.id, id)?.map(Ok))
}

fn standing(change: &Change<'_>, id: ConversationId, me: UserId, other: UserId) -> rusqlite::Result<Standing> {
    let mut query = change.conn.prepare_cached(STANDING)?;
    query.query_row(named_params! { ":conversation": id.0, ":me": me.0, ":other": other.0 }, |row| {
        Ok(Standing {
            places: Places {
                delivered: row.get("delivered_seq")?,
                read: row.get("read_seq")?,
                shown: row.get("shown_read_seq")?,
            },
            settings: Settings {
                marked_unread: row.get("marked_unread")?,
                pinned: row.get("pinned")?,
                archived: row.get("archived")?,
                muted_until: row.get("muted_until")?,
            },
            last_seq: row.get("last_seq")?,
            unread: row.get("unread")?,
            quiet: row.get("quiet")?,
            apart: row.get("apart")?,
        })
    })
}

impl Standing {
    fn moved(&self, update: ConversationUpdate) -> Places {
        let Places { delivered, read, shown } = self.places;
        let up_to = |said: Option<i64>| said.unwrap_or(0).min(self.last_seq);
        let said = up_to(update.read);
        Places {
            delivered: if self.apart { delivered } else { delivered.max(said).max(up_to(update.delivered)) },
            read: read.max(said),
            // What was read in secret comes to light with the next that is not, since there is but one position.
            shown: if self.apart || self.quiet || said <= read { shown } else { said },
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
            // Reading on takes the mark away, unless it is set in the same breath.
            marked_unread: update.marked_unread.unwrap_or(self.marked_unread && !read_on),
            pinned,
            archived,
            muted_until: update.muted_until.map_or(self.muted_until, |until| until.map(Timestamp::as_micros)),
        }
    }
}

fn store(
    change: &Change<'_>,
    id: ConversationId,
    me: UserId,
    (places, unread): (Places, i64),
    settings: Settings,
    revision: i64,
) -> rusqlite::Result<()> {
    let mut update = change.conn.prepare_cached(
        "UPDATE members SET delivered_seq = ?3, read_seq = ?4, shown_read_seq = ?5, unread = ?6, marked_unread = ?7,
                pinned = ?8, archived = ?9, muted_until = ?10, revision = ?11
         WHERE conversation_id = ?1 AND user_id = ?2",
    )?;
    let Places { delivered, read, shown } = places;
    let Settings { marked_unread, pinned, archived, muted_until } = settings;
    let params =
        params![id.0, me.0, delivered, read, shown, unread, marked_unread, pinned, archived, muted_until, revision];
    update.execute(params).map(drop)
}

/// Tells the two: the other one of what they may know alone, one's own screens of a new position in few words and of
/// anything else the whole.
fn tell(
    change: &mut Change<'_>,
    id: ConversationId,
    (me, other): (&User, UserId),
    (before, now): (&Standing, Places),
    settings_changed: bool,
    revision: i64,
) -> rusqlite::Result<()> {
    let moved_on = other != me.id && (now.delivered, now.shown) != (before.places.delivered, before.places.shown);
    // One from whom all of it was kept has no row, and nothing to see.
    let other_sees = moved_on && stamp(change, id, other, revision)?;
    let alike = other_sees && !settings_changed && now.read == now.shown;
    let moved = |read, readers| {
        let position = Position { user: me.id, name: me.username.clone(), delivered: now.delivered, read };
        Event::Moved { conversation: id, position, revision: Revision(revision), readers }
    };
    if other_sees {
        change.announce(moved(now.shown, if alike { vec![me.id, other] } else { vec![other] }));
    }
    if settings_changed {
        if let Some(conversation) = one(change.conn, me.id, id)? {
            change.announce(Event::ConversationChanged { user: me.id, conversation });
        }
    } else if !alike {
        change.announce(moved(now.read, vec![me.id]));
    }
    Ok(())
}

/// Stamps a member's row, if there is one.
fn stamp(change: &Change<'_>, id: ConversationId, user: UserId, revision: i64) -> rusqlite::Result<bool> {
    let mut update =
        change.conn.prepare_cached("UPDATE members SET revision = ?3 WHERE conversation_id = ?1 AND user_id = ?2")?;
    Ok(update.execute([id.0, user.0, revision])? > 0)
}

/// Keeps when the shown positions moved, for the details of messages.
fn note_receipts(
    change: &Change<'_>,
    id: ConversationId,
    me: UserId,
    before: Places,
    places: Places,
) -> rusqlite::Result<()> {
    let mut insert = change.conn.prepare_cached(
        "INSERT OR IGNORE INTO receipts (conversation_id, user_id, kind, seq, at) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    let steps = [("delivered", before.delivered, places.delivered), ("read", before.shown, places.shown)];
    for (kind, _, seq) in steps.into_iter().filter(|(_, before, now)| now > before) {
        insert.execute(params![id.0, me.0, kind, seq, change.now.as_micros()])?;
    }
    Ok(())
}
