//! Sending a message: the one change that makes something new.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::blocks::{keep_from, tell_of_conversation};
use super::keys::Mark;
use super::known::Place;
use super::message_rows::{Stored, announce_to, any};
use super::recent::Entry;
use super::users::other_member;
use super::writer::Change;
use super::{Store, StoreError, keys, members};
use crate::model::{
    ClientKey, ConversationId, Destination, Event, Message, MessageId, NewMessage, Quote, Revision, SendOutcome,
    UserId, Username,
};

pub(super) const QUOTE: &str = "SELECT u.username, substr(q.body, 1, 200)
     FROM messages q JOIN users u ON u.id = q.sender_id WHERE q.id = ?1 AND q.conversation_id = ?2
       AND NOT EXISTS (SELECT 1 FROM hidden_messages h WHERE h.user_id = ?3 AND h.message_id = q.id)";

const INSERT: &str = "INSERT INTO messages
       (id, conversation_id, seq, sender_id, recipient_id, client_key, created_at, revision, reply_to, forwarded, body)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?1, ?8, ?9, ?10)";

/// Why a message was not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendRefusal {
    NoSuchRecipient,
    /// The sender is not a member of it.
    NoSuchConversation,
    /// The sender used this client key before, for another message; or keys were made on purpose to look like it.
    KeyReused,
    /// What it answers is not in this conversation, or hidden from the sender.
    NothingToAnswer,
    /// The sender blocks the recipient.
    Blocked,
}

impl Store {
    /// Stores a message, once: a send with a client key that the sender used before for the same message answers what
    /// was stored then. What a recipient who blocks the sender is sent is stored like any other and kept from them.
    pub async fn send(&self, new: NewMessage) -> Result<Result<SendOutcome, SendRefusal>, StoreError> {
        self.write(move |change| send(change, &new)).await
    }
}

fn send(change: &mut Change<'_>, new: &NewMessage) -> rusqlite::Result<Result<SendOutcome, SendRefusal>> {
    let mark = new.client_key.as_ref().map(|key| Mark::of(new.sender.id, key));
    // What was sent once is sent for ever, whatever has happened since.
    if let Some(mark) = mark {
        match earlier(change, new, mark)? {
            Ok(None) => (),
            Ok(Some(first)) if is_same(&first, new) => return Ok(Ok(SendOutcome::Duplicate(first))),
            Ok(Some(_)) | Err(_) => return Ok(Err(SendRefusal::KeyReused)),
        }
    }
    Ok(match prepare(change, new)? {
        Ok(prepared) => {
            let message = store(change, new, prepared)?;
            if let Some(mark) = mark {
                change.known.keys(change.conn)?.add(mark, message.id);
            }
            Ok(SendOutcome::Created(message))
        }
        Err(refusal) => Err(refusal),
    })
}

/// The message that has this send's key, of those with its mark; refused where too many have that.
fn earlier(
    change: &mut Change<'_>,
    new: &NewMessage,
    mark: Mark,
) -> rusqlite::Result<Result<Option<Message>, SendRefusal>> {
    let keys = change.known.keys(change.conn)?;
    let (mut marked, may_be_entered) = (keys.find(mark), keys.may_be_entered(mark));
    if may_be_entered {
        marked.extend(keys::find_entered(change.statement(keys::ENTERED)?, mark)?);
    }
    // One that was entered before a stop may wait as well.
    marked.sort_unstable();
    marked.dedup();
    for id in &marked {
        let message = any(change.conn, *id)?;
        if message.sender == new.sender.id && message.client_key == new.client_key {
            return Ok(Ok(Some(message.message)));
        }
    }
    Ok(if marked.len() < keys::MOST_ALIKE { Ok(None) } else { Err(SendRefusal::KeyReused) })
}

fn is_same(first: &Message, new: &NewMessage) -> bool {
    let unchanged = first.edited_at.is_none() && !first.deleted;
    let same_place = match &new.to {
        Destination::Person(name) => first.recipient.as_ref() == Some(name),
        Destination::Conversation(id) => first.conversation == *id,
    };
    same_place && (!unchanged || first.body == new.body.as_str())
}

/// What a message needs beside what its sender says of it.
struct Prepared {
    recipient: (UserId, Username),
    /// Where the conversation ends, if there is one.
    place: Option<Place>,
    quote: Option<Quote>,
    /// Whether the recipient, who blocks the sender, is not to see it.
    kept: bool,
}

fn prepare(change: &mut Change<'_>, new: &NewMessage) -> rusqlite::Result<Result<Prepared, SendRefusal>> {
    let (conn, sender) = (change.conn, new.sender.id);
    let name = match &new.to {
        Destination::Person(name) => name.clone(),
        Destination::Conversation(id) => match other_member(conn, sender, *id)? {
            Some(other) => other.username,
            None => return Ok(Err(SendRefusal::NoSuchConversation)),
        },
    };
    let Some(recipient) = change.known.recipient(conn, &name)? else {
        return Ok(Err(SendRefusal::NoSuchRecipient));
    };
    let pair = change.known.pair(conn, sender, recipient)?;
    if pair.blocks(sender, recipient) {
        return Ok(Err(SendRefusal::Blocked));
    }
    let (place, kept) = (pair.place, pair.blocks(recipient, sender));
    let quote = match new.reply_to {
        None => None,
        Some(id) => match quote(conn, id, place.map(|place| place.conversation), sender)? {
            None => return Ok(Err(SendRefusal::NothingToAnswer)),
            quote => quote,
        },
    };
    Ok(Ok(Prepared { recipient: (recipient, name), place, quote, kept }))
}

/// Stores the message and tells its people.
fn store(change: &mut Change<'_>, new: &NewMessage, prepared: Prepared) -> rusqlite::Result<Message> {
    let Prepared { recipient: (recipient, recipient_name), place, quote, kept } = prepared;
    let id = MessageId(change.next_revision());
    let mut place = match place {
        Some(place) => place,
        None => Place {
            conversation: create_conversation(change, new.sender.id, recipient, id)?,
            last_seq: 0,
            joined: false,
        },
    };
    place.last_seq += 1;
    let message = Message {
        id,
        conversation: place.conversation,
        seq: place.last_seq,
        sender: new.sender.id,
        sender_name: new.sender.username.clone(),
        recipient: Some(recipient_name),
        body: new.body.as_str().to_owned(),
        client_key: new.client_key.clone(),
        created_at: change.now,
        revision: Revision(id.0),
        edited_at: None,
        deleted: false,
        forwarded: new.forwarded,
        quote,
        reactions: Vec::new(),
    };
    insert(change, &message, recipient)?;
    let stored = Stored { message, recipient };
    let joined = keep_for_lists(change, &stored, place, kept)?;
    let audience = if kept { vec![stored.sender] } else { stored.people() };
    let message = stored.message;
    announce_to(change, &message, audience, |message, audience| Event::MessageCreated { message, audience })?;
    if let Some(member) = joined {
        let other = if member == message.sender { recipient } else { message.sender };
        tell_of_conversation(change, member, other)?;
    }
    Ok(message)
}

/// Keeps what lists will say of a new message, till it is filed in them. Gives the member for whom the conversation begins here.
fn keep_for_lists(
    change: &mut Change<'_>,
    message: &Stored,
    place: Place,
    kept: bool,
) -> rusqlite::Result<Option<UserId>> {
    let Message { id, conversation, seq, sender, .. } = message.message;
    let recipient = message.recipient;
    if kept {
        keep_from(change.conn, recipient, id)?;
    }
    let entry = Entry { id, conversation, seq, sender, recipient, kept };
    let began = if place.joined { None } else { members::join(change.conn, &entry)? };
    change.conn.recent().push(entry);
    // One from whom it is kept need not have a row.
    let place = Place { joined: place.joined || !kept, ..place };
    change.known.pair(change.conn, sender, recipient)?.place = Some(place);
    Ok(began)
}

fn create_conversation(
    change: &Change<'_>,
    one: UserId,
    other: UserId,
    first: MessageId,
) -> rusqlite::Result<ConversationId> {
    let mut insert = change.conn.prepare_cached(
        "INSERT INTO conversations (low_user_id, high_user_id, created_at, revision)
         VALUES (min(?1, ?2), max(?1, ?2), ?3, ?4)",
    )?;
    insert.execute(params![one.0, other.0, change.now.as_micros(), first.0])?;
    Ok(ConversationId(change.conn.last_insert_rowid()))
}

/// The message that is answered, if it is in this conversation and the sender sees it.
fn quote(
    conn: &Connection,
    id: MessageId,
    conversation: Option<ConversationId>,
    sender: UserId,
) -> rusqlite::Result<Option<Quote>> {
    let mut query = conn.prepare_cached(QUOTE)?;
    let params = params![id.0, conversation.map(|conversation| conversation.0), sender.0];
    let quote = |row: &Row<'_>| Ok(Quote { id, sender_name: Username::from_stored(row.get(0)?), body: row.get(1)? });
    query.query_row(params, quote).optional()
}

fn insert(change: &mut Change<'_>, message: &Message, recipient: UserId) -> rusqlite::Result<()> {
    let params = params![
        message.id.0,
        message.conversation.0,
        message.seq,
        message.sender.0,
        recipient.0,
        message.client_key.as_ref().map(ClientKey::as_str),
        message.created_at.as_micros(),
        message.quote.as_ref().map(|quote| quote.id.0),
        message.forwarded,
        message.body,
    ];
    change.statement(INSERT)?.execute(params).map(drop)
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::clock::Clock;
    use crate::model::User;
    use crate::store::lists::{message_of, person};

    /// A store with somebody who writes to themselves, and the folder it is in.
    async fn store() -> (Store, User, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("chat.db"), Clock::system(), |_| {}).await.unwrap();
        let me = person(&store, "me".into()).await;
        (store, me, folder)
    }

    async fn send(store: &Store, me: &User, key: &str) -> Result<SendOutcome, SendRefusal> {
        let client_key = Some(ClientKey::parse(key).unwrap());
        store.send(NewMessage { client_key, ..message_of(me, me) }).await.unwrap()
    }

    /// A key of this second; those of one second differ in bits that are not in the mark.
    fn key_of(second: usize, number: usize) -> String {
        format!("{second:08x}-1ec0-7abc-{:04x}-000000000001", 0x8000 + number)
    }

    #[tokio::test]
    async fn a_key_with_the_mark_of_another_is_another() {
        let (store, me, _folder) = store().await;
        let Ok(SendOutcome::Created(first)) = send(&store, &me, "one").await else { panic!("it was never sent") };
        let mark = Mark::of(me.id, &ClientKey::parse("another").unwrap());
        let also = move |change: &mut Change<'_>| {
            change.known.keys(change.conn)?.add(mark, first.id);
            Ok(())
        };
        store.write(also).await.unwrap();

        let Ok(SendOutcome::Created(second)) = send(&store, &me, "another").await else { panic!("it was never sent") };
        assert!(
            matches!(send(&store, &me, "another").await, Ok(SendOutcome::Duplicate(message)) if message.id == second.id)
        );
        assert!(
            matches!(send(&store, &me, "one").await, Ok(SendOutcome::Duplicate(message)) if message.id == first.id)
        );
        store.close().await;
    }

    #[tokio::test]
    async fn whoever_makes_many_keys_of_one_mark_is_to_make_another() {
        let (store, me, _folder) = store().await;
        for number in 0..keys::MOST_ALIKE {
            assert!(matches!(send(&store, &me, &key_of(1, number)).await, Ok(SendOutcome::Created(_))), "{number}");
        }
        let one_more = send(&store, &me, &key_of(1, keys::MOST_ALIKE)).await;
        assert!(matches!(one_more, Err(SendRefusal::KeyReused)));
        assert!(matches!(send(&store, &me, &key_of(2, keys::MOST_ALIKE)).await, Ok(SendOutcome::Created(_))));
        for number in 0..keys::MOST_ALIKE {
            assert!(matches!(send(&store, &me, &key_of(1, number)).await, Ok(SendOutcome::Duplicate(_))), "{number}");
        }
        store.close().await;
    }

    #[tokio::test]
    async fn a_key_that_was_entered_and_waits_counts_once() {
        let (store, me, _folder) = store().await;
        let mark = Mark::of(me.id, &ClientKey::parse(&key_of(1, 0)).unwrap());
        for number in 0..keys::MOST_ALIKE - 1 {
            let Ok(SendOutcome::Created(message)) = send(&store, &me, &key_of(1, number)).await else {
                panic!("it was not sent")
            };
            let enter = move |change: &mut Change<'_>| keys::enter(change.conn, &[(mark, message.id)]);
            store.write(enter).await.unwrap();
        }
        let as_after_a_stop = |change: &mut Change<'_>| {
            change.known.forget();
            Ok(())
        };
        store.write(as_after_a_stop).await.unwrap();
        assert!(matches!(send(&store, &me, &key_of(1, keys::MOST_ALIKE)).await, Ok(SendOutcome::Created(_))));
        store.close().await;
    }
}
