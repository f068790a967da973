//! Storing a set of messages together: the outcome of each, the state of its conversation meanwhile, and the rows that
//! are written at the end, of each kind all at once.

use std::collections::HashMap;

use super::engine::{self, Db, Value};
use super::message_rows::announce_to;
use super::send::{Known, Last, Outcome, Quoted, SendRefusal, SendTarget};
use super::writer::Change;
use super::{blocks, conversations, direct};
use crate::model::{
    ClientKey, ConversationId, Destination, Event, Message, MessageId, NewMessage, Quote, Revision, SendOutcome, UserId,
};

pub(super) const MEMBER: &str = "INSERT INTO members (user_id, conversation_id, revision) VALUES ($1, $2, $3)";
pub(super) const MESSAGE: &str = "INSERT INTO messages
       (id, conversation_id, seq, sender_id, client_key, created_at, revision, reply_to, forwarded, body)
     VALUES ($1, $2, $3, $4, $5, $6, $1, $7, $8, $9)";
pub(super) const NEWEST: &str = "UPDATE conversations SET last_seq = $1, last_message_id = $2 WHERE id = $3";
pub(super) const KEEP_FROM: &str = "INSERT INTO hidden_messages (user_id, message_id, revision) VALUES ($1, $2, 0)";
pub(super) const SHADOW: &str = "UPDATE members SET shadowed_message_id = $1, visible_message_id = $2, visible_seq = $3
     WHERE user_id = $4 AND conversation_id = $5";

/// What a set writes, and the state of its conversations meanwhile.
#[derive(Default)]
pub(super) struct Batch<'n> {
    /// By the pair of people, the lower id first.
    conversations: HashMap<(UserId, UserId), Opened>,
    keys: HashMap<(UserId, &'n ClientKey), usize>,
    messages: Vec<New>,
}

/// A conversation something is written in.
struct Opened {
    conversation: ConversationId,
    last: Last,
    /// Whether this set creates it.
    new: bool,
    members: Vec<UserId>,
    /// Those who become members, each with their first message.
    joining: Vec<(UserId, MessageId)>,
    /// The people from whom the newest message was kept: that message, and the last one they see.
    shadows: HashMap<UserId, (MessageId, Last)>,
}

struct New {
    message: Message,
    /// The other one, unless that is the sender.
    other: Option<UserId>,
    kept_from: Option<UserId>,
    quote_kept_from: Option<UserId>,
}

impl<'n> Batch<'n> {
    /// Decides the outcome of a message. Nothing is written yet.
    pub fn decide(
        &mut self,
        change: &mut Change<'_>,
        new: &'n NewMessage,
        known: Known,
        earlier: &[Outcome],
    ) -> Outcome {
        let sender = new.sender.id;
        // Sent before, or earlier in this set. A repeated send is answered with the first message, also if that has
        // changed since.
        let twin = new.client_key.as_ref().and_then(|key| self.keys.get(&(sender, key)));
        let twin = twin.and_then(|index| earlier[*index].as_ref().ok());
        if let Some(first) = known.before.or_else(|| twin.map(|outcome| outcome.message().clone())) {
            return if is_same(&first, new) { Ok(SendOutcome::Duplicate(first)) } else { Err(SendRefusal::KeyReused) };
        }
        let target = known.target.ok_or(match new.to {
            Destination::Person(_) => SendRefusal::NoSuchRecipient,
            Destination::Conversation(_) => SendRefusal::NoSuchConversation,
        })?;
        if target.blocks {
            return Err(SendRefusal::Blocked);
        }
        let pair = (sender.min(target.other), sender.max(target.other));
        let conversation = self.conversations.get(&pair).map(|opened| opened.conversation).or(target.conversation);
        let quoted = match new.reply_to {
            None => None,
            Some(id) => {
                let quoted = known.quoted.filter(|quoted| Some(quoted.conversation) == conversation);
                Some((id, quoted.ok_or(SendRefusal::NothingToAnswer)?))
            }
        };
        let id = MessageId(change.next_revision());
        let kept_from = target.blocked.then_some(target.other);
        let opened = self.conversations.entry(pair).or_insert_with(|| Opened::new(sender, &target, id));
        let seq = opened.next(id, sender, target.other, kept_from);
        let message = message(change, new, &target, (id, opened.conversation, seq), &quoted);
        let other = (target.other != sender).then_some(target.other);
        let quote_kept_from = quoted.filter(|(_, quoted)| quoted.kept_from_other).and(other);
        self.messages.push(New { message: message.clone(), other, kept_from, quote_kept_from });
        if let Some(key) = &new.client_key {
            self.keys.insert((sender, key), earlier.len());
        }
        Ok(SendOutcome::Created(message))
    }

    pub fn write(&self, db: &mut dyn Db) -> engine::Result<()> {
        let opened = || self.conversations.iter();
        let time = |id: MessageId| self.created_at(id);
        let made = opened().filter(|(_, opened)| opened.new).map(|((low, high), opened)| {
            let id = opened.conversation.0;
            vec![id.into(), low.0.into(), high.0.into(), time(MessageId(id)).into()]
        });
        db.post(direct::CREATE, &made.collect::<Vec<_>>())?;
        let joining =
            opened().flat_map(|(_, opened)| opened.joining.iter().map(|joined| (opened.conversation, joined)));
        let joining = joining.map(|(conversation, (who, id))| vec![who.0.into(), conversation.0.into(), id.0.into()]);
        db.post(MEMBER, &joining.collect::<Vec<_>>())?;
        db.post(MESSAGE, &self.messages.iter().map(|new| row(&new.message)).collect::<Vec<_>>())?;
        let newest = opened()
            .map(|(_, Opened { conversation, last, .. })| vec![last.seq.into(), last.id.into(), conversation.0.into()]);
        db.post(NEWEST, &newest.collect::<Vec<_>>())?;
        let kept = self.messages.iter().filter_map(|new| Some(vec![new.kept_from?.0.into(), new.message.id.0.into()]));
        db.post(KEEP_FROM, &kept.collect::<Vec<_>>())?;
        let shadows =
            opened().flat_map(|(_, opened)| opened.shadows.iter().map(|shadow| (opened.conversation, shadow)));
        let shadows = shadows.map(|(conversation, (who, (id, visible)))| {
            vec![id.0.into(), visible.id.into(), visible.seq.into(), who.0.into(), conversation.0.into()]
        });
        db.post(SHADOW, &shadows.collect::<Vec<_>>())
    }

    /// When the message that made a conversation was sent.
    fn created_at(&self, first: MessageId) -> i64 {
        let first = self.messages.iter().find(|new| new.message.id == first);
        first.map_or(0, |new| new.message.created_at.as_micros())
    }

    pub fn announce(&self, change: &mut Change<'_>) -> engine::Result<()> {
        for New { message, other, kept_from, quote_kept_from } in &self.messages {
            let (mut audience, mut without_quote) = (vec![message.sender], Vec::new());
            if let Some(other) = other.filter(|_| kept_from.is_none()) {
                if quote_kept_from.is_some() { without_quote.push(other) } else { audience.push(other) }
            }
            announce_to(change, message, (audience, without_quote), |message, audience| Event::MessageCreated {
                message,
                audience,
            });
        }
        // People who see an existing conversation for the first time, because all earlier messages were kept from them.
        let late = self.conversations.values().filter(|opened| !opened.new);
        let late: Vec<_> =
            late.flat_map(|opened| opened.joining.iter().map(|(who, _)| (opened.conversation, *who))).collect();
        for (conversation, user) in late {
            let revision = change.next_revision();
            change.db.execute(blocks::STAMP, &[revision.into(), user.0.into(), conversation.0.into()])?;
            if let Some(conversation) = conversations::one(change.db, user, conversation)? {
                change.announce(Event::ConversationChanged { user, conversation });
            }
        }
        Ok(())
    }
}

impl Opened {
    fn new(sender: UserId, target: &SendTarget, first: MessageId) -> Self {
        let members = [(sender, target.is_member), (target.other, target.other_is_member)];
        Self {
            conversation: target.conversation.unwrap_or(ConversationId(first.0)),
            last: target.last,
            new: target.conversation.is_none(),
            members: members.into_iter().filter(|(_, is_member)| *is_member).map(|(who, _)| who).collect(),
            joining: Vec::new(),
            shadows: target
                .shadow
                .filter(|id| id.0 == target.last.id)
                .map(|id| (target.other, (id, target.visible)))
                .into_iter()
                .collect(),
        }
    }

    /// Adds the next message; returns its `seq`.
    fn next(&mut self, id: MessageId, sender: UserId, other: UserId, kept_from: Option<UserId>) -> i64 {
        for who in [Some(sender), kept_from.is_none().then_some(other)].into_iter().flatten() {
            if !self.members.contains(&who) {
                self.members.push(who);
                self.joining.push((who, id));
            }
        }
        match kept_from {
            Some(who) if self.members.contains(&who) => {
                let visible = self.shadows.get(&who).map_or(self.last, |(_, visible)| *visible);
                self.shadows.insert(who, (id, visible));
            }
            Some(_) => {}
            // What is shadowed is no longer the newest, so that the members' rows need not be written.
            None => self.shadows.clear(),
        }
        self.last = Last { id: id.0, seq: self.last.seq + 1 };
        self.last.seq
    }
}

fn message(
    change: &Change<'_>,
    new: &NewMessage,
    target: &SendTarget,
    (id, conversation, seq): (MessageId, ConversationId, i64),
    quoted: &Option<(MessageId, Quoted)>,
) -> Message {
    let quote = quoted.as_ref().map(|(id, quoted)| Quote {
        id: *id,
        sender_name: quoted.sender_name.clone(),
        body: quoted.body.clone(),
    });
    Message {
        id,
        conversation,
        seq,
        sender: new.sender.id,
        sender_name: new.sender.username.clone(),
        recipient: Some(target.other_name.clone()),
        body: new.body.as_str().to_owned(),
        client_key: new.client_key.clone(),
        created_at: change.now,
        revision: Revision(id.0),
        edited_at: None,
        deleted: false,
        forwarded: new.forwarded,
        quote,
        reactions: Vec::new(),
    }
}

fn row(message: &Message) -> Vec<Value<'_>> {
    vec![
        message.id.0.into(),
        message.conversation.0.into(),
        message.seq.into(),
        message.sender.0.into(),
        message.client_key.as_ref().map(ClientKey::as_str).into(),
        message.created_at.as_micros().into(),
        message.quote.as_ref().map(|quote| quote.id.0).into(),
        message.forwarded.into(),
        message.body.as_str().into(),
    ]
}

fn is_same(first: &Message, new: &NewMessage) -> bool {
    let same_destination = match &new.to {
        Destination::Person(name) => first.recipient.as_ref() == Some(name),
        Destination::Conversation(id) => first.conversation == *id,
    };
    let unchanged = first.edited_at.is_none() && !first.deleted;
    same_destination && (!unchanged || first.body == new.body.as_str())
}
