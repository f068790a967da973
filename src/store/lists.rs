//! A test that compares lists with the messages themselves.

use std::path::Path;

use super::engine::{self, Db};
use super::{ConversationUpdate, MessageScope, PeopleCursor, PeopleQuery, Store};
use crate::clock::Clock;
use crate::model::{
    ConversationId, Destination, Email, MessageBody, MessageId, NewMessage, NewUser, User, UserId, Username,
};

const PEOPLE: usize = 4;

/// A step that sends sends this many messages.
const STEPS: u64 = 1_800;
const SENDS: u64 = 8;

/// Numbers that are the same in every run (a linear congruential generator, by Knuth's constants).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn one<'a>(&mut self, people: &'a [User]) -> &'a User {
        &people[self.below(people.len() as u64) as usize]
    }
}

/// A conversation in a list: which one, its newest message, that one's `seq`, and how many are unread.
type Line = (i64, i64, i64, i64);

/// A person's list of conversations, counted from the messages.
const COUNTED: &str = "SELECT m.conversation_id, max(m.id), max(m.seq),
       sum(m.sender_id <> $1 AND m.deleted_at IS NULL AND m.seq > me.read_seq AND NOT EXISTS
             (SELECT 1 FROM hidden_messages h WHERE h.user_id = $1 AND h.message_id = m.id))
     FROM messages m JOIN members me ON me.conversation_id = m.conversation_id AND me.user_id = $1
     WHERE NOT EXISTS (SELECT 1 FROM hidden_messages h WHERE h.user_id = $1 AND h.message_id = m.id AND h.revision = 0)
     GROUP BY m.conversation_id ORDER BY max(m.id) DESC";

fn counted(db: &mut dyn Db, me: UserId) -> engine::Result<Vec<Line>> {
    db.all(COUNTED, &[me.0.into()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
}

async fn open(path: &Path) -> Store {
    Store::open(path.to_owned(), Clock::system(), |_| {}).await.unwrap()
}

async fn person(store: &Store, name: String) -> User {
    let new = NewUser {
        username: Username::parse(&name).unwrap(),
        display_name: None,
        email: Email::parse(&format!("{name}@example.test")).unwrap(),
        password: "!".into(),
    };
    store.create_user(new).await.unwrap().unwrap()
}

fn message_of(sender: &User, recipient: &User) -> NewMessage {
    NewMessage {
        sender: sender.clone(),
        to: Destination::Person(recipient.username.clone()),
        body: MessageBody::parse("said").unwrap(),
        client_key: None,
        reply_to: None,
        forwarded: false,
    }
}

/// One of the things that people do; most of the time they send.
async fn step(store: &Store, people: &[User], chance: &mut Chance) {
    let (me, other) = (chance.one(people), chance.one(people));
    let newest = store.direct_conversation(me.id, other.id).await.unwrap();
    let id = newest.as_ref().map_or(ConversationId(0), |latest| latest.conversation.id);
    let message = newest.and_then(|latest| latest.message);
    match chance.below(40) {
        0 | 1 => {
            let Some(message) = message else { return };
            let read = message.seq - chance.below(2) as i64;
            let update = ConversationUpdate { read: Some(read), ..Default::default() };
            let updated = store.update_conversation(me.clone(), id, update).await.unwrap();
            assert!(updated.unwrap().unwrap().positions[0].read >= read);
        }
        2 => {
            let delivered = message.map(|message| message.seq);
            let update = ConversationUpdate { delivered, pinned: Some(chance.below(2) == 0), ..Default::default() };
            let _ = store.update_conversation(me.clone(), id, update).await.unwrap();
        }
        3 => drop(store.block(me.id, other.id, chance.below(3) == 0).await.unwrap()),
        4 => {
            if let Some(message) = message {
                let _ = store.delete_for_everyone(me.id, message.id).await.unwrap();
            }
        }
        5 => {
            if let Some(message) = message {
                let _ = store.delete_for_me(me.id, message.id).await.unwrap();
            }
        }
        _ => {
            let sends = (0..SENDS).map(|_| store.send(message_of(chance.one(people), chance.one(people))));
            // A sender who blocks the recipient is refused.
            let _ = futures_util::future::try_join_all(sends).await.unwrap();
        }
    }
}

async fn compare(store: &Store, me: &User, at: u64) {
    let expected = store.read({
        let id = me.id;
        move |db| counted(db, id)
    });
    let expected = expected.await.unwrap();
    let mut found = Vec::new();
    let mut pinned = Vec::new();
    // In pages of one and two, which begin where the one before ended.
    let mut after: Option<MessageId> = None;
    for limit in [1, 2].into_iter().cycle() {
        let page = store.conversations(me.id, after, limit).await.unwrap();
        for latest in &page.conversations {
            let conversation = &latest.conversation;
            found.push((conversation.id.0, latest.place.0, conversation.last_seq, conversation.unread));
            pinned.extend(conversation.pinned.then_some(conversation.id));
        }
        after = page.conversations.last().map(|latest| latest.place);
        if !page.more {
            break;
        }
    }
    assert_eq!(found, expected, "{:?} after {at} steps", me.username);

    let all: i64 = expected.iter().map(|(_, _, last_seq, _)| last_seq).sum();
    assert_eq!(store.count_messages(me.id, MessageScope::All).await.unwrap(), all);

    // Without older ones on the first page, those that are pinned come with it all the same.
    let snapshot = store.snapshot(me.id, 1).await.unwrap().unwrap();
    let there: Vec<_> = snapshot.conversations.iter().map(|latest| latest.conversation.id.0).collect();
    let wanted = expected.iter().take(1).map(|line| line.0);
    let others = pinned.iter().map(|id| id.0).filter(|id| Some(*id) != expected.first().map(|line| line.0));
    assert_eq!(there, wanted.chain(others).collect::<Vec<_>>());

    assert_eq!(people_by_newest(store, me).await, by_newest(&expected, store, me).await);
}

/// The list places of the people one has written with, in pages of one.
async fn people_by_newest(store: &Store, me: &User) -> Vec<i64> {
    let mut places = Vec::new();
    let mut query = PeopleQuery { search: String::new(), cursor: None, limit: 1 };
    while let page = store.people(me.id, query.clone()).await.unwrap()
        && let Some(PeopleCursor::WrittenWith { last_message }) = page.next
    {
        places.push(last_message);
        query.cursor = page.next;
    }
    places
}

async fn by_newest(lines: &[Line], store: &Store, me: &User) -> Vec<i64> {
    let notes = store.direct_conversation(me.id, me.id).await.unwrap().map(|latest| latest.conversation.id.0);
    lines.iter().filter(|line| Some(line.0) != notes).map(|line| line.1).collect()
}

#[tokio::test]
async fn lists_agree_with_the_messages() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chat.db");
    let mut store = open(&path).await;
    let mut people = Vec::new();
    for number in 0..PEOPLE + 1 {
        people.push(person(&store, format!("user{number}")).await);
    }
    // To the last one nobody writes: so every list of people goes on after those one has written with.
    people.pop();
    let mut chance = Chance(1);
    for at in 1..=STEPS {
        step(&store, &people, &mut chance).await;
        if at % 7 == 0 {
            compare(&store, &people[(at / 7) as usize % PEOPLE], at).await;
        }
        if at % 700 == 0 {
            store.close().await;
            store = open(&path).await;
        }
    }
    store.close().await;
}
