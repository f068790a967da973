//! What must be, worked out without the server: the rules of the protocol once more, in the plainest form, over lists in
//! memory. Each method says the status with which the server has to answer.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::picture::{Picture, position};
use super::steps::{EMOJI, NAMES, Update};

/// A message, with everyone's view of it.
struct Said {
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
    /// From whom it was kept, since they blocked the sender.
    kept: BTreeSet<usize>,
}

/// What someone has of the conversation with another one.
#[derive(Default)]
struct Member {
    last_id: i64,
    last_seq: i64,
    delivered: i64,
    read: i64,
    /// The read position as the other one sees it.
    shown: i64,
    marked: bool,
    pinned: bool,
    archived: bool,
}

#[derive(Default)]
pub struct Truth {
    said: Vec<Said>,
    /// By whose it is and with whom.
    members: BTreeMap<(usize, usize), Member>,
    /// Who blocks whom.
    blocks: BTreeSet<(usize, usize)>,
}

impl Truth {
    pub fn id(&self, n: usize) -> i64 {
        self.said[n].id
    }

    pub fn may_send(&self, from: usize, to: usize, answers: Option<usize>) -> u16 {
        let known = |n: usize| self.said[n].is_between(from, to) && self.said[n].is_seen_by(from);
        match answers {
            _ if self.blocks.contains(&(from, to)) => 403,
            Some(n) if !known(n) => 400,
            _ => 201,
        }
    }

    /// Takes down a message that was sent; ids rise.
    pub fn send(&mut self, id: i64, (from, to): (usize, usize), answers: Option<usize>, key: String, body: String) {
        assert!(self.said.last().is_none_or(|last| last.id < id), "ids rise");
        let kept = if self.blocks.contains(&(to, from)) { BTreeSet::from([to]) } else { BTreeSet::new() };
        let seq = self.said.iter().filter(|said| said.is_between(from, to)).count() as i64 + 1;
        for (who, with) in [(from, to), (to, from)] {
            if !kept.contains(&who) {
                let member = self.members.entry((who, with)).or_default();
                (member.last_id, member.last_seq) = (id, seq);
            }
        }
        let (hidden, reactions) = (BTreeSet::new(), BTreeMap::new());
        let (edited, deleted) = (false, false);
        self.said.push(Said { id, seq, from, to, key, body, edited, deleted, answers, reactions, hidden, kept });
    }

    pub fn edit(&mut self, who: usize, n: usize, body: String) -> u16 {
        let said = &mut self.said[n];
        match said {
            said if !said.is_seen_by(who) => 404,
            said if said.from != who || said.deleted => 403,
            said if self.blocks.contains(&(said.to, who)) => 403,
            said => {
                (said.body, said.edited) = (body, true);
                200
            }
        }
    }

    pub fn delete(&mut self, who: usize, n: usize, everyone: bool) -> u16 {
        let said = &mut self.said[n];
        if !said.is_seen_by(who) {
            return 404;
        }
        if !everyone {
            said.hidden.insert(who);
            return 204;
        }
        if said.from != who {
            return 403;
        }
        said.deleted = true;
        said.body.clear();
        said.reactions.clear();
        204
    }

    pub fn react(&mut self, who: usize, n: usize, emoji: Option<usize>) -> u16 {
        let said = &mut self.said[n];
        let other = if said.from == who { said.to } else { said.from };
        match emoji {
            _ if !said.is_seen_by(who) => return 404,
            _ if said.deleted => return 403,
            _ if self.blocks.contains(&(other, who)) => {}
            Some(emoji) => drop(said.reactions.insert(who, emoji)),
            None => drop(said.reactions.remove(&who)),
        }
        200
    }

    pub fn update(&mut self, who: usize, with: usize, update: &Update) -> u16 {
        let apart = self.blocks.contains(&(who, with)) || self.blocks.contains(&(with, who));
        let Some(member) = self.members.get_mut(&(who, with)) else { return 404 };
        let place = |said: Option<i64>| said.unwrap_or(0).clamp(0, member.last_seq);
        let (delivered, read) = (place(update.delivered), place(update.read));
        // What the other one would learn of stays as it is between people one of whom blocks the other.
        if !apart {
            member.delivered = member.delivered.max(delivered).max(read);
        }
        if read > member.read {
            member.read = read;
            member.shown = if apart { member.shown } else { read };
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

    pub fn block(&mut self, who: usize, whom: usize, blocked: bool) -> u16 {
        match blocked {
            true if who == whom => return 400,
            true => drop(self.blocks.insert((who, whom))),
            false => drop(self.blocks.remove(&(who, whom))),
        }
        200
    }

    /// What someone has to see.
    pub fn picture(&self, who: usize) -> Picture {
        let seen = self.said.iter().filter(|said| said.is_seen_by(who));
        let mine = self.members.iter().filter(|((owner, _), _)| *owner == who);
        let blocked = self.blocks.iter().filter(|(owner, _)| *owner == who);
        Picture {
            messages: seen.map(|said| (said.id, self.message(who, said))).collect(),
            conversations: mine
                .map(|((_, with), member)| (NAMES[*with].to_owned(), self.conversation(who, *with, member)))
                .collect(),
            blocked: blocked.map(|(_, whom)| NAMES[*whom].to_owned()).collect(),
        }
    }

    /// The others one has a conversation with, the one with the newest message first; and the ids and places of those.
    pub fn list(&self, who: usize) -> Vec<(&'static str, i64, i64)> {
        let mine = self.members.iter().filter(|((owner, _), _)| *owner == who);
        let mut list: Vec<_> =
            mine.map(|((_, with), member)| (NAMES[*with], member.last_id, member.last_seq)).collect();
        list.sort_by_key(|(_, id, _)| -id);
        list
    }

    fn message(&self, who: usize, said: &Said) -> Value {
        let quoted = said.answers.map(|n| &self.said[n]).filter(|quoted| !quoted.kept.contains(&who));
        let quote = quoted.map(|quoted| json!({ "id": quoted.id, "user": NAMES[quoted.from], "body": quoted.body }));
        let reactions = said.reactions.iter();
        let reactions: Vec<_> =
            reactions.map(|(who, emoji)| json!({ "user": NAMES[*who], "emoji": EMOJI[*emoji] })).collect();
        json!({
            "id": said.id, "seq": said.seq, "user": NAMES[said.from], "recipient": NAMES[said.to], "body": said.body,
            "client_id": said.key, "edited": said.edited, "deleted": said.deleted, "forwarded": false,
            "reply_to": quote, "reactions": reactions,
        })
    }

    fn conversation(&self, who: usize, with: usize, member: &Member) -> Value {
        let mut positions = vec![position(NAMES[who], member.delivered, member.read)];
        if who != with {
            let other = self.members.get(&(with, who)).map_or((0, 0), |other| (other.delivered, other.shown));
            positions.push(position(NAMES[with], other.0, other.1));
        }
        let unread = |said: &&Said| {
            said.is_between(who, with)
                && said.from != who
                && said.is_seen_by(who)
                && !said.deleted
                && said.seq > member.read
        };
        json!({
            "positions": positions, "unread": self.said.iter().filter(unread).count(),
            "marked_unread": member.marked, "pinned": member.pinned, "archived": member.archived,
            "blocked": self.blocks.contains(&(who, with)),
        })
    }
}

impl Said {
    fn is_between(&self, one: usize, other: usize) -> bool {
        (self.from, self.to) == (one, other) || (self.to, self.from) == (one, other)
    }

    fn is_seen_by(&self, who: usize) -> bool {
        (self.from == who || self.to == who) && !self.hidden.contains(&who) && !self.kept.contains(&who)
    }
}
