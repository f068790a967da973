//! The end of `messages`, in memory. What was sent last is in no list of the file yet, since lists are written late
//! (`filing`), and to read it from the file would cost everybody who reads a list thousands of rows. The writer puts in
//! what it sends; a reader takes what belongs to its view of the file. Knows nothing of what the lists are for.

use std::cell::OnceCell;
use std::collections::VecDeque;
use std::ops::Deref;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use rusqlite::{Connection, Row};

use super::filing::{Filed, List};
use crate::model::{ConversationId, MessageId, UserId};

/// Revisions for which filed messages stay, for readers whose view of the file is a little older than the last filing. With
/// those that are not filed they come to some 18,000 messages at the most, of 96 bytes each.
const KEPT: i64 = 2_000;

pub(super) const FROM_FILE: &str = "SELECT m.id, m.conversation_id, m.seq, m.sender_id, m.recipient_id,
       EXISTS (SELECT 1 FROM hidden_messages h
               WHERE h.user_id = m.recipient_id AND h.message_id = m.id AND h.revision = 0) AS kept
     FROM messages m WHERE m.id > ?1 AND m.id <= ?2 ORDER BY m.id";

/// What lists need to know of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub id: MessageId,
    pub conversation: ConversationId,
    pub seq: i64,
    pub sender: UserId,
    pub recipient: UserId,
    /// Whether it was kept from the recipient, who blocks the sender.
    pub kept: bool,
}

/// What a message is of, and found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Of {
    Person(UserId),
    Conversation(ConversationId),
}

/// The newest messages, in order.
pub(super) struct Recent(RwLock<Tail>);

struct Tail {
    /// All messages with a higher id are here.
    after: i64,
    entries: VecDeque<Linked>,
    /// How many there were before these; an entry's number is the count of all before it.
    gone: usize,
    /// The numbers of the newest, from which each leads to the one before.
    newest: foldhash::HashMap<Of, usize>,
}

struct Linked {
    entry: Entry,
    /// The number of the one before it that is of the same, in the order of [`Entry::of`]. It may be gone.
    before: [Option<usize>; 3],
}

impl Entry {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: MessageId(row.get(0)?),
            conversation: ConversationId(row.get(1)?),
            seq: row.get(2)?,
            sender: UserId(row.get(3)?),
            recipient: UserId(row.get(4)?),
            kept: row.get(5)?,
        })
    }

    /// Its people and its conversation.
    fn of(&self) -> [Option<Of>; 3] {
        let other = (self.recipient != self.sender).then_some(Of::Person(self.recipient));
        [Some(Of::Conversation(self.conversation)), Some(Of::Person(self.sender)), other]
    }

    pub fn is_seen_by(&self, who: UserId) -> bool {
        self.sender == who || (self.recipient == who && !self.kept)
    }

    /// Those who see it.
    pub fn seen_by(&self) -> impl Iterator<Item = UserId> + use<> {
        let recipient = (self.recipient != self.sender && !self.kept).then_some(self.recipient);
        [self.sender].into_iter().chain(recipient)
    }
}

impl Recent {
    /// Knows nothing, so that everything is read from the file.
    pub fn unknown() -> Self {
        Self(RwLock::new(Tail::after(i64::MAX)))
    }

    /// Reads the messages that are not in all lists.
    pub fn read(conn: &Connection) -> rusqlite::Result<Self> {
        let (filed, _) = Filed::read(conn)?;
        let mut tail = Tail::after(filed.all());
        from_file(conn, filed.all(), i64::MAX, |_| true)?.into_iter().for_each(|entry| tail.push(entry));
        Ok(Self(RwLock::new(tail)))
    }

    /// Puts in a message that was just stored, not yet committed.
    pub fn push(&self, entry: Entry) {
        self.write().push(entry);
    }

    /// Takes out what came after this revision: it was undone.
    pub fn undo_to(&self, revision: i64) {
        self.write().undo_to(revision);
    }

    /// Lets go of messages that have been in all lists for a while.
    pub fn forget_filed(&self, filed: &Filed) {
        let after = filed.all() - KEPT;
        if self.lock().after < after {
            self.write().forget_to(after);
        }
    }

    /// The messages after one and up to another, in order: all, or those of one.
    fn find(&self, conn: &Connection, (after, up_to): (i64, i64), of: Option<Of>) -> rusqlite::Result<Vec<Entry>> {
        let tail = self.lock();
        if tail.after <= after {
            return Ok(tail.find(after, up_to, of));
        }
        drop(tail);
        from_file(conn, after, up_to, |entry| of.is_none() || entry.of().contains(&of))
    }

    fn lock(&self) -> RwLockReadGuard<'_, Tail> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Tail> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tail {
    fn after(after: i64) -> Self {
        Self { after, entries: VecDeque::new(), gone: 0, newest: foldhash::HashMap::default() }
    }

    fn push(&mut self, entry: Entry) {
        let number = self.gone + self.entries.len();
        let before = entry.of().map(|of| self.newest.insert(of?, number));
        self.entries.push_back(Linked { entry, before });
    }

    fn undo_to(&mut self, revision: i64) {
        while let Some(Linked { entry, before }) = self.entries.pop_back_if(|linked| linked.entry.id.0 > revision) {
            for (of, before) in entry.of().into_iter().zip(before) {
                match (of, before) {
                    (Some(of), Some(before)) => self.newest.insert(of, before),
                    (Some(of), None) => self.newest.remove(&of),
                    (None, _) => None,
                };
            }
        }
    }

    fn forget_to(&mut self, after: i64) {
        self.after = after;
        let before = self.entries.len();
        while self.entries.pop_front_if(|linked| linked.entry.id.0 <= after).is_some() {}
        self.gone += before - self.entries.len();
        self.newest.retain(|_, number| *number >= self.gone);
    }

    fn find(&self, after: i64, up_to: i64, of: Option<Of>) -> Vec<Entry> {
        let Some(of) = of else {
            let first = self.entries.partition_point(|linked| linked.entry.id.0 <= after);
            let entries = self.entries.range(first..).map(|linked| linked.entry);
            return entries.take_while(|entry| entry.id.0 <= up_to).collect();
        };
        let mut found = Vec::new();
        let mut next = self.newest.get(&of).copied();
        while let Some(linked) = next.and_then(|number| self.entries.get(number.checked_sub(self.gone)?))
            && linked.entry.id.0 > after
        {
            if linked.entry.id.0 <= up_to {
                found.push(linked.entry);
            }
            next = linked.before(of);
        }
        found.reverse();
        found
    }
}

impl Linked {
    fn before(&self, of: Of) -> Option<usize> {
        let place = self.entry.of().iter().position(|one| *one == Some(of))?;
        self.before[place]
    }
}

fn from_file(
    conn: &Connection,
    after: i64,
    up_to: i64,
    wanted: impl Fn(&Entry) -> bool,
) -> rusqlite::Result<Vec<Entry>> {
    let mut query = conn.prepare_cached(FROM_FILE)?;
    let entries = query.query_map([after, up_to], Entry::read)?;
    entries.filter(|entry| entry.as_ref().map_or(true, &wanted)).collect()
}

/// One view of the file, a transaction's, with the newest messages as far as they belong to it.
pub(super) struct View<'c> {
    conn: &'c Connection,
    recent: &'c Recent,
    /// How far lists go, and the last revision of this view.
    state: OnceCell<(Filed, i64)>,
    /// Whether it is the writer's, who sees what it has put in already.
    of_writer: bool,
}

impl<'c> View<'c> {
    pub fn of_reader(conn: &'c Connection, recent: &'c Recent) -> Self {
        Self { conn, recent, state: OnceCell::new(), of_writer: false }
    }

    pub fn of_writer(conn: &'c Connection, recent: &'c Recent) -> Self {
        Self { conn, recent, state: OnceCell::new(), of_writer: true }
    }

    /// The messages of a person or a conversation that are not in this list yet, in order.
    pub fn unfiled(&self, list: List, of: Of) -> rusqlite::Result<Vec<Entry>> {
        let (filed, revision) = match self.state.get() {
            Some(state) => *state,
            None => {
                let state = Filed::read(self.conn)?;
                *self.state.get_or_init(|| state)
            }
        };
        let up_to = if self.of_writer { i64::MAX } else { revision };
        self.recent.find(self.conn, (filed.of(list), up_to), Some(of))
    }

    /// The messages after one and up to another, in order.
    pub fn between(&self, after: i64, up_to: i64) -> rusqlite::Result<Vec<Entry>> {
        self.recent.find(self.conn, (after, up_to), None)
    }

    pub fn recent(&self) -> &'c Recent {
        self.recent
    }
}

impl Deref for View<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.conn
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::mpsc;

    use super::*;
    use crate::clock::Clock;
    use crate::store::lists::{Chance, message_of, person};
    use crate::store::{Store, mail};

    #[test]
    fn what_is_found_of_a_person_or_a_conversation_is_all_there_is() {
        let mut chance = Chance(1);
        let (mut tail, mut all) = (Tail::after(0), Vec::new());
        for id in 1..=2_000 {
            let [sender, recipient] = [0; 2].map(|_| UserId(chance.below(6) as i64));
            let conversation = ConversationId(10 * sender.min(recipient).0 + sender.max(recipient).0);
            let entry = Entry { id: MessageId(id), conversation, seq: id, sender, recipient, kept: false };
            tail.push(entry);
            all.push(entry);
            if chance.below(10) == 0 {
                let last = id - chance.below(10) as i64;
                tail.undo_to(last);
                all.retain(|entry| entry.id.0 <= last);
            }
            if chance.below(50) == 0 {
                let after = tail.after.max(id - chance.below(200) as i64);
                tail.forget_to(after);
                all.retain(|entry| entry.id.0 > after);
                let of: HashSet<Of> = all.iter().flat_map(|entry| entry.of()).flatten().collect();
                assert_eq!(tail.newest.len(), of.len(), "no more is kept");
            }
            let (after, up_to) = (id - chance.below(300) as i64, id - chance.below(20) as i64);
            let within = all.iter().filter(|entry| entry.id.0 > after && entry.id.0 <= up_to);
            for of in [None, Some(Of::Person(sender)), Some(Of::Conversation(conversation))] {
                let there: Vec<Entry> =
                    within.clone().filter(|entry| of.is_none() || entry.of().contains(&of)).copied().collect();
                assert_eq!(tail.find(after, up_to, of), there, "{of:?} after {after} up to {up_to}");
            }
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_view_stays_what_it_was_however_much_is_sent() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("chat.db"), Clock::system(), |_| {}).await.unwrap();
        let person = person(&store, "me".into()).await;
        let me = person.id;
        let send = async |many: usize| {
            let sends = (0..many).map(|_| store.send(message_of(&person, &person)));
            futures_util::future::try_join_all(sends).await.unwrap();
        };
        send(10).await;
        let (go, gone) = mpsc::channel::<()>();
        let (say, mut said) = tokio::sync::mpsc::unbounded_channel();
        let looking = tokio::spawn({
            let store = store.clone();
            async move {
                let look = move |view: &View<'_>| {
                    for _ in 0..3 {
                        say.send(mail::up(view, me, 0, 10_000)?.len()).unwrap();
                        gone.recv().unwrap();
                    }
                    Ok(())
                };
                store.read(look).await
            }
        });
        assert_eq!(said.recv().await, Some(10));
        // The next is in memory with the others, and of so many more these are no longer.
        for many in [1, KEPT as usize + 24_000] {
            for _ in 0..many / 500 {
                send(500).await;
            }
            send(many % 500).await;
            go.send(()).unwrap();
            assert_eq!(said.recv().await, Some(10), "after {many} more");
        }
        go.send(()).unwrap();
        looking.await.unwrap().unwrap();
        store.close().await;
    }
}
