//! Sending messages: the one change that makes something new. All messages of a group are stored as one set: what they
//! need to know is read at once, and what they change is written at once.

use super::direct::{is_direct, other_member};
use super::engine::{self, Question, Row, Value};
use super::message_rows::{message_from, select_messages};
use super::send_batch::Batch;
use super::writer::Change;
use super::{Store, StoreError};
use crate::mistakes::{Mistake, made};
use crate::model::{
    ClientKey, ConversationId, Destination, Message, MessageId, NewMessage, SendOutcome, UserId, Username,
};

/// The direct conversation of `$1` with the other one, `r`: the two, its newest message (nothing before the first
/// message), whether one of them blocks the other, whether each is a member, and what was kept from the other one at
/// its end.
macro_rules! select_target {
    () => {
        "SELECT r.id, r.username, c.id, c.last_seq, c.last_message_id,
                EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = $1 AND b.blocked_id = r.id),
                EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = r.id AND b.blocked_id = $1),
                me.user_id IS NOT NULL, them.user_id IS NOT NULL,
                them.shadowed_message_id, them.visible_message_id, them.visible_seq "
    };
}

/// With the person whose name is `$3` and its folded form `$2`.
pub(super) const WITH_PERSON: &str = concat!(
    select_target!(),
    "FROM users r
     LEFT JOIN conversations c ON ",
    is_direct!("$1", "r.id"),
    " LEFT JOIN members me ON me.user_id = $1 AND me.conversation_id = c.id
     LEFT JOIN members them ON them.user_id = r.id AND them.conversation_id = c.id
     WHERE r.username_key = $2 AND r.username = $3 AND r.deleted_at IS NULL"
);
/// In the conversation `$2`.
pub(super) const IN_CONVERSATION: &str = concat!(
    select_target!(),
    "FROM members me
     JOIN conversations c ON c.id = me.conversation_id
     JOIN users r ON r.id = ",
    other_member!("c", "me.user_id"),
    " LEFT JOIN members them ON them.user_id = r.id AND them.conversation_id = c.id
     WHERE me.user_id = $1 AND me.conversation_id = $2 AND r.deleted_at IS NULL"
);
/// What `$1` sent before under the key `$2`.
pub(super) const BY_KEY: &str =
    concat!(select_messages!(), "WHERE m.client_key = $2 AND m.client_key IS NOT NULL AND m.sender_id = $1");
/// The message `$2` that is answered, if `$1` sees it; and whether the other one of its conversation never did.
pub(super) const QUOTED: &str = concat!(
    "SELECT q.conversation_id, u.username, substr(q.body, 1, 200),
            EXISTS (SELECT 1 FROM hidden_messages k WHERE k.user_id = ",
    other_member!("c", "$1"),
    " AND k.message_id = q.id AND k.revision = 0)
     FROM messages q JOIN users u ON u.id = q.sender_id JOIN conversations c ON c.id = q.conversation_id
     WHERE q.id = $2 AND NOT EXISTS (SELECT 1 FROM hidden_messages h WHERE h.user_id = $1 AND h.message_id = q.id)"
);

/// Why a message was not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendRefusal {
    NoSuchRecipient,
    /// There is no such conversation of the sender's.
    NoSuchConversation,
    /// The sender used this client key before, for another message.
    KeyReused,
    /// What it answers is not in this conversation, or hidden from the sender.
    NothingToAnswer,
    /// The sender blocks the recipient.
    Blocked,
}

impl Store {
    /// Stores a message, once: a send with a client key that the sender used before for the same message returns what
    /// was stored then. A message to someone who blocks the sender is stored like any other and kept from the
    /// recipient.
    pub async fn send(&self, mut new: NewMessage) -> Result<Outcome, StoreError> {
        new.client_key = new.client_key.filter(|_| !made(Mistake::ForgetClientKeys));
        self.inner.writer.send(new).await
    }
}

/// What became of a message.
pub(super) type Outcome = Result<SendOutcome, SendRefusal>;

/// Messages that are stored together, in this order.
pub(super) struct Set<'n> {
    new: Vec<&'n NewMessage>,
    /// The folded names of recipients, each with the index of its message; and the same for the other questions.
    people: Vec<(usize, &'n Username, String)>,
    conversations: Vec<(usize, ConversationId)>,
    keyed: Vec<(usize, &'n ClientKey)>,
    answering: Vec<(usize, MessageId)>,
}

impl<'n> Set<'n> {
    pub fn new(new: Vec<&'n NewMessage>) -> Self {
        let (mut people, mut conversations) = (Vec::new(), Vec::new());
        for (index, message) in new.iter().enumerate() {
            match &message.to {
                Destination::Person(name) => people.push((index, name, name.key())),
                Destination::Conversation(id) => conversations.push((index, *id)),
            }
        }
        let each = || new.iter().enumerate();
        let keyed = each().filter_map(|(index, message)| Some((index, message.client_key.as_ref()?))).collect();
        let answering = each().filter_map(|(index, message)| Some((index, message.reply_to?))).collect();
        Self { new, people, conversations, keyed, answering }
    }

    /// The queries they need.
    pub fn questions(&self) -> Vec<Question<'_>> {
        let sender = |index: usize| Value::from(self.new[index].sender.id.0);
        let people =
            self.people.iter().map(|(index, name, key)| vec![sender(*index), key.into(), name.as_str().into()]);
        let conversations = self.conversations.iter().map(|(index, id)| vec![sender(*index), id.0.into()]);
        let keyed = self.keyed.iter().map(|(index, key)| vec![sender(*index), key.as_str().into()]);
        let answering = self.answering.iter().map(|(index, id)| vec![sender(*index), id.0.into()]);
        vec![
            Question { sql: WITH_PERSON, each: people.collect() },
            Question { sql: IN_CONVERSATION, each: conversations.collect() },
            Question { sql: BY_KEY, each: keyed.collect() },
            Question { sql: QUOTED, each: answering.collect() },
        ]
    }

    /// Collects the answers to the questions.
    pub fn answers(&self) -> Answers {
        let indexes = [
            self.people.iter().map(|(index, ..)| *index).collect(),
            self.conversations.iter().map(|(index, _)| *index).collect(),
            self.keyed.iter().map(|(index, _)| *index).collect(),
            self.answering.iter().map(|(index, _)| *index).collect(),
        ];
        Answers { indexes, known: (0..self.new.len()).map(|_| Known::default()).collect() }
    }
}

/// What is known of the messages of a set.
pub(super) struct Answers {
    /// For each question the indexes of the messages it is asked for.
    indexes: [Vec<usize>; 4],
    known: Vec<Known>,
}

#[derive(Default)]
pub(super) struct Known {
    pub target: Option<SendTarget>,
    pub before: Option<Message>,
    pub quoted: Option<Quoted>,
}

/// A direct conversation, as far as a send needs to know it.
#[derive(Clone)]
pub(super) struct SendTarget {
    pub other: UserId,
    pub other_name: Username,
    /// Nothing before the first message.
    pub conversation: Option<ConversationId>,
    pub last: Last,
    pub blocks: bool,
    pub blocked: bool,
    pub is_member: bool,
    pub other_is_member: bool,
    /// The message at the end that was kept from the other one, and the last one before it that was not.
    pub shadow: Option<MessageId>,
    pub visible: Last,
}

#[derive(Clone, Copy, Default)]
pub(super) struct Last {
    pub id: i64,
    pub seq: i64,
}

pub(super) struct Quoted {
    pub conversation: ConversationId,
    pub sender_name: Username,
    pub body: String,
    pub kept_from_other: bool,
}

impl Answers {
    pub fn take(&mut self, question: usize, index: usize, row: &dyn Row) -> engine::Result<()> {
        let known = &mut self.known[self.indexes[question][index]];
        match question {
            0 | 1 => known.target = Some(target_from(row)?),
            2 => known.before = Some(message_from(row)?),
            _ => known.quoted = Some(quoted_from(row)?),
        }
        Ok(())
    }
}

fn target_from(row: &dyn Row) -> engine::Result<SendTarget> {
    let mut columns = row.columns(0);
    Ok(SendTarget {
        other: UserId(columns.read()?),
        other_name: Username::from_stored(columns.read()?),
        conversation: columns.read::<Option<i64>>()?.map(ConversationId),
        last: {
            let seq = columns.read::<Option<i64>>()?.unwrap_or(0);
            Last { seq, id: columns.read::<Option<i64>>()?.unwrap_or(0) }
        },
        blocks: columns.read()?,
        blocked: columns.read()?,
        is_member: columns.read()?,
        other_is_member: columns.read()?,
        shadow: columns.read::<Option<i64>>()?.map(MessageId),
        visible: {
            let id = columns.read::<Option<i64>>()?.unwrap_or(0);
            Last { id, seq: columns.read::<Option<i64>>()?.unwrap_or(0) }
        },
    })
}

fn quoted_from(row: &dyn Row) -> engine::Result<Quoted> {
    Ok(Quoted {
        conversation: ConversationId(row.get(0)?),
        sender_name: Username::from_stored(row.get(1)?),
        body: row.get(2)?,
        kept_from_other: row.get(3)?,
    })
}

/// Stores one message by itself, in a change that has begun.
pub(super) fn one(change: &mut Change<'_>, new: &NewMessage) -> engine::Result<Outcome> {
    let set = Set::new(vec![new]);
    let mut answers = set.answers();
    for (question, asked) in set.questions().iter().enumerate() {
        change.db.ask(asked, &mut |index, row| answers.take(question, index, row))?;
    }
    Ok(store(change, &set, answers)?.remove(0))
}

/// Stores the messages of a set in their order and notifies their members.
pub(super) fn store(change: &mut Change<'_>, set: &Set<'_>, answers: Answers) -> engine::Result<Vec<Outcome>> {
    let mut batch = Batch::default();
    let mut outcomes = Vec::with_capacity(set.new.len());
    for (new, known) in set.new.iter().zip(answers.known) {
        outcomes.push(batch.decide(change, new, known, &outcomes));
    }
    batch.write(change.db)?;
    batch.announce(change)?;
    Ok(outcomes)
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::clock::Clock;
    use crate::model::{Email, MessageBody, NewUser, User};

    /// A store with two people, and the folder it is in.
    async fn store() -> (Store, [User; 2], TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("chat.db"), Clock::system(), |_| {}).await.unwrap();
        let mut people = Vec::new();
        for name in ["al", "bo"] {
            let new = NewUser {
                username: Username::parse(name).unwrap(),
                display_name: None,
                email: Email::parse(&format!("{name}@example.test")).unwrap(),
                password: "!".into(),
            };
            people.push(store.create_user(new).await.unwrap().unwrap());
        }
        (store, people.try_into().unwrap(), folder)
    }

    fn message(from: &User, to: &User, body: &str, key: Option<&str>) -> NewMessage {
        NewMessage {
            sender: from.clone(),
            to: Destination::Person(to.username.clone()),
            body: MessageBody::parse(body).unwrap(),
            client_key: key.map(|key| ClientKey::parse(key).unwrap()),
            reply_to: None,
            forwarded: false,
        }
    }

    /// Stores all of these in one change, as a group does.
    async fn send_together(store: &Store, new: Vec<NewMessage>) -> Vec<Outcome> {
        let all = move |change: &mut Change<'_>| {
            let set = Set::new(new.iter().collect());
            let mut answers = set.answers();
            for (question, asked) in set.questions().iter().enumerate() {
                change.db.ask(asked, &mut |index, row| answers.take(question, index, row))?;
            }
            super::store(change, &set, answers)
        };
        store.write(all).await.unwrap()
    }

    #[tokio::test]
    async fn messages_of_one_group_are_each_stored_once_and_in_order() {
        let (store, [al, bo], _folder) = store().await;
        let group = vec![
            message(&al, &bo, "one", Some("a")),
            message(&bo, &al, "two", Some("a")),
            message(&al, &bo, "one", Some("a")),
            message(&al, &bo, "another", Some("a")),
            message(&al, &al, "a note", None),
            message(&al, &bo, "three", None),
        ];
        let outcomes = send_together(&store, group).await;
        let seqs: Vec<_> = outcomes
            .iter()
            .map(|outcome| outcome.as_ref().map(|sent| sent.message().seq).map_err(|why| *why))
            .collect();
        assert_eq!(seqs, [Ok(1), Ok(2), Ok(1), Err(SendRefusal::KeyReused), Ok(1), Ok(3)]);
        assert!(matches!(outcomes[2], Ok(SendOutcome::Duplicate(_))));
        let first = outcomes[0].as_ref().unwrap().message();
        assert_eq!(first.conversation, outcomes[5].as_ref().unwrap().message().conversation);
        assert_ne!(first.conversation, outcomes[4].as_ref().unwrap().message().conversation);

        let again = store.send(message(&bo, &al, "two", Some("a"))).await.unwrap().unwrap();
        assert!(matches!(&again, SendOutcome::Duplicate(message) if message.seq == 2));
        let to_conversation =
            NewMessage { to: Destination::Conversation(first.conversation), ..message(&bo, &al, "four", None) };
        assert_eq!(store.send(to_conversation).await.unwrap().unwrap().message().seq, 4);
        store.close().await;
    }

    #[tokio::test]
    async fn a_shadow_blocked_message_leaves_the_recipients_list_as_it_was() {
        let (store, [al, bo], _folder) = store().await;
        store.send(message(&al, &bo, "seen", None)).await.unwrap().unwrap();
        let before = store.direct_conversation(bo.id, al.id).await.unwrap().unwrap();
        store.block(bo.id, al.id, true).await.unwrap().unwrap();
        let kept = vec![message(&al, &bo, "kept", None), message(&al, &bo, "kept too", None)];
        send_together(&store, kept).await;
        let after = store.direct_conversation(bo.id, al.id).await.unwrap().unwrap();
        assert_eq!((after.place, &after.message), (before.place, &before.message));
        assert_eq!((after.conversation.last_seq, after.conversation.unread), (1, 1));
        let mine = store.direct_conversation(al.id, bo.id).await.unwrap().unwrap();
        assert_eq!(mine.conversation.last_seq, 3);
        // After unblocking, new messages arrive, and what was kept never does.
        store.block(bo.id, al.id, false).await.unwrap().unwrap();
        store.send(message(&al, &bo, "heard", None)).await.unwrap().unwrap();
        let heard = store.direct_conversation(bo.id, al.id).await.unwrap().unwrap();
        assert_eq!((heard.conversation.last_seq, heard.conversation.unread), (4, 2));
        store.close().await;
    }
}
