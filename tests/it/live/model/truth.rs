//! The expected state, computed without the server: the rules of the protocol in their simplest form, over lists in
//! memory. Each method returns the status with which the server has to answer.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::picture::{Picture, position};
use super::steps::{EMOJI, NAMES, Update};

/// A message, with each person's view of it.
struct Message {
    id: i64,
    seq: i64,
    from: usize,
    to: usize,
    key: String,
    body: String,
    edited: bool,
    deleted: bool,
    answers: Option<usize>,
    reactions: BTreeMap<usize, usize>,
    /// Who deleted it for themselves.
    hidden: BTreeSet<usize>,
    /// The people from whom it is hidden, because they blocked the sender.
    shadow_blocked: BTreeSet<usize>,
}

/// A person's side of a conversation.
#[derive(Default)]
struct Member {
    last_id: i64,
    last_seq: i64,
    delivered: i64,
    read: i64,
    /// The read position as the other person sees it.
    shown: i64,
    marked: bool,
    pinned: bool,
    archived: bool,
}

#[derive(Default)]
pub struct Truth {
    messages: Vec<Message>,
    /// By owner and other person.
    members: BTreeMap<(usize, usize), Member>,
    /// Who blocks whom.
    blocks: BTreeSet<(usize, usize)>,
}

impl Truth {
    pub fn id(&self, n: usize) -> i64 {
        self.messages[n].id
    }

    pub fn may_send(&self, from: usize, to: usize, answers: Option<usize>) -> u16 {
        let known = |n: usize| self.messages[n].is_between(from, to) && self.messages[n].is_seen_by(from);
        match answers {
            _ if self.blocks.contains(&(from, to)) => 403,
            Some(n) if !known(n) => 400,
            _ => 201,
        }
    }

    /// Stores a message that was sent; ids increase.
    pub fn send(&mut self, id: i64, (from, to): (usize, usize), answers: Option<usize>, key: String, body: String) {
        assert!(self.messages.last().is_none_or(|last| last.id < id), "ids increase");
        let shadow_blocked = if self.blocks.contains(&(to, from)) { BTreeSet::from([to]) } else { BTreeSet::new() };
        let seq = self.messages.iter().filter(|message| message.is_between(from, to)).count() as i64 + 1;
        for (who, with) in [(from, to), (to, from)] {
            if !shadow_blocked.contains(&who) {
                let member = self.members.entry((who, with)).or_default();
                (member.last_id, member.last_seq) = (id, seq);
            }
        }
        let (hidden, reactions) = (BTreeSet::new(), BTreeMap::new());
        let (edited, deleted) = (false, false);
        self.messages.push(Message {
            id,
            seq,
            from,
            to,
            key,
            body,
            edited,
            deleted,
            answers,
            reactions,
            hidden,
            shadow_blocked,
        });
    }

    pub fn edit(&mut self, who: usize, n: usize, body: String) -> u16 {
        let message = &mut self.messages[n];
        match message {
            message if !message.is_seen_by(who) => 404,
            message if message.from != who || message.deleted => 403,
            message if self.blocks.contains(&(message.to, who)) => 403,
            message => {
                (message.body, message.edited) = (body, true);
                200
            }
        }
    }

    pub fn delete(&mut self, who: usize, n: usize, everyone: bool) -> u16 {
        let message = &mut self.messages[n];
        if !message.is_seen_by(who) {
            return 404;
        }
        if !everyone {
            message.hidden.insert(who);
            return 204;
        }
        if message.from != who {
            return 403;
        }
        message.deleted = true;
        message.body.clear();
        message.reactions.clear();
        204
    }

    pub fn react(&mut self, who: usize, n: usize, emoji: Option<usize>) -> u16 {
        let message = &mut self.messages[n];
        let other = if message.from == who { message.to } else { message.from };
        match emoji {
            _ if !message.is_seen_by(who) => return 404,
            _ if message.deleted => return 403,
            _ if self.blocks.contains(&(other, who)) => {}
            Some(emoji) => drop(message.reactions.insert(who, emoji)),
            None => drop(message.reactions.remove(&who)),
        }
        200
    }

    pub fn update(&mut self, who: usize, with: usize, update: &Update) -> u16 {
        let blocked_either_way = self.blocks.contains(&(who, with)) || self.blocks.contains(&(with, who));
        let Some(member) = self.members.get_mut(&(who, with)) else { return 404 };
        let bounded = |position: Option<i64>| position.unwrap_or(0).clamp(0, member.last_seq);
        let (delivered, read) = (bounded(update.delivered), bounded(update.read));
        // Positions that the other person can see do not change while one of them blocks the other.
        if !blocked_either_way {
            member.delivered = member.delivered.max(delivered).max(read);
        }
        if read > member.read {
            member.read = read;
            member.shown = if blocked_either_way { member.shown } else { read };
            member.marked = false;
        }
        member.marked = update.unread.unwrap_or(member.marked);
        if let Some(archived) = update.archived {
            member.archived = archived;
            member.pinned &= !archived;
        }
        if let Some(pinned) = update.pinned {
            member.pinned = pinned;
            member.archived &= !pinned;
        }
        200
    }

    pub fn block(&mut self, who: usize, target: usize, blocked: bool) -> u16 {
        match blocked {
            true if who == target => return 400,
            true => drop(self.blocks.insert((who, target))),
            false => drop(self.blocks.remove(&(who, target))),
        }
        200
    }

    /// What a person should see.
    pub fn picture(&self, who: usize) -> Picture {
        let seen = self.messages.iter().filter(|message| message.is_seen_by(who));
        let mine = self.members.iter().filter(|((owner, _), _)| *owner == who);
        let blocked = self.blocks.iter().filter(|(owner, _)| *owner == who);
        Picture {
            messages: seen.map(|message| (message.id, self.message(who, message))).collect(),
            conversations: mine
                .map(|((_, with), member)| (NAMES[*with].to_owned(), self.conversation(who, *with, member)))
                .collect(),
            blocked: blocked.map(|(_, target)| NAMES[*target].to_owned()).collect(),
        }
    }

    /// The people in a person's conversations, the one with the newest message first; with the ids and `seq`s of those.
    pub fn list(&self, who: usize) -> Vec<(&'static str, i64, i64)> {
        let mine = self.members.iter().filter(|((owner, _), _)| *owner == who);
        let mut list: Vec<_> =
            mine.map(|((_, with), member)| (NAMES[*with], member.last_id, member.last_seq)).collect();
        list.sort_by_key(|(_, id, _)| -id);
        list
    }

    fn message(&self, who: usize, message: &Message) -> Value {
        let quoted = message.answers.map(|n| &self.messages[n]).filter(|quoted| !quoted.shadow_blocked.contains(&who));
        let quote = quoted.map(|quoted| json!({ "id": quoted.id, "user": NAMES[quoted.from], "body": quoted.body }));
        let reactions = message.reactions.iter();
        let reactions: Vec<_> =
            reactions.map(|(who, emoji)| json!({ "user": NAMES[*who], "emoji": EMOJI[*emoji] })).collect();
        json!({
            "id": message.id, "seq": message.seq, "user": NAMES[message.from], "recipient": NAMES[message.to],
            "body": message.body, "client_id": message.key, "edited": message.edited, "deleted": message.deleted,
            "forwarded": false, "reply_to": quote, "reactions": reactions,
        })
    }

    fn conversation(&self, who: usize, with: usize, member: &Member) -> Value {
        let mut positions = vec![position(NAMES[who], member.delivered, member.read)];
        if who != with {
            let other = self.members.get(&(with, who)).map_or((0, 0), |other| (other.delivered, other.shown));
            positions.push(position(NAMES[with], other.0, other.1));
        }
        let unread = |message: &&Message| {
            message.is_between(who, with)
                && message.from != who
                && message.is_seen_by(who)
                && !message.deleted
                && message.seq > member.read
        };
        json!({
            "positions": positions, "unread": self.messages.iter().filter(unread).count(),
            "marked_unread": member.marked, "pinned": member.pinned, "archived": member.archived,
            "blocked": self.blocks.contains(&(who, with)),
        })
    }
}

impl Message {
    fn is_between(&self, one: usize, other: usize) -> bool {
        (self.from, self.to) == (one, other) || (self.to, self.from) == (one, other)
    }

    fn is_seen_by(&self, who: usize) -> bool {
        (self.from == who || self.to == who) && !self.hidden.contains(&who) && !self.shadow_blocked.contains(&who)
    }
}
