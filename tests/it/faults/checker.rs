//! The checker of all fault tests: compares what clients saw during the faults with what is stored after recovery.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::history::{Attempt, Log, Outcome, Stored};

/// Messages of each conversation in the order in which they were applied.
pub type Kept = BTreeMap<i64, Vec<Stored>>;

/// The final state: for each person all messages, as the server returns them, and what each screen has.
pub struct End {
    pub people: BTreeMap<String, Vec<Stored>>,
    pub screens: Vec<(String, Kept)>,
}

/// Counts, and every violation of a guarantee.
#[derive(Debug, Default)]
pub struct Verdict {
    pub acknowledged: usize,
    pub unknown: usize,
    pub refused: usize,
    pub received: usize,
    pub messages: usize,
    pub violations: Vec<String>,
}

/// Checks all guarantees about delivery, which `docs/PROTOCOL.md` describes.
pub fn check(log: &Log, end: &End) -> Verdict {
    let mut verdict =
        Verdict { received: log.received.len(), violations: log.violations.clone(), ..Verdict::default() };
    for attempt in &log.attempts {
        match attempt.outcome {
            Outcome::Ok(_) => verdict.acknowledged += 1,
            Outcome::Refused(_) => verdict.refused += 1,
            Outcome::Unknown => verdict.unknown += 1,
        }
    }
    let all: BTreeMap<i64, &Stored> = end.people.values().flatten().map(|message| (message.id, message)).collect();
    verdict.messages = all.len();
    let violations = &mut verdict.violations;
    acknowledged_is_there(log, end, violations);
    one_copy_each(log, all.values().copied(), violations);
    sequence_has_no_gaps(end, violations);
    order_is_kept(&log.attempts, violations);
    events_match_stored_messages(log, &all, violations);
    screens_are_complete(log, end, violations);
    members_agree(end, violations);
    verdict
}

/// Every acknowledged message is there for both people, as it was sent.
fn acknowledged_is_there(log: &Log, end: &End, violations: &mut Vec<String>) {
    let found: HashMap<&str, HashMap<i64, &Stored>> =
        end.people.iter().map(|(name, all)| (name.as_str(), all.iter().map(|one| (one.id, one)).collect())).collect();
    for Attempt { draft, outcome, .. } in &log.attempts {
        let Outcome::Ok(id) = outcome else { continue };
        for name in [&draft.from, &draft.to] {
            if !found[name.as_str()].get(id).is_some_and(|message| message.matches(draft)) {
                violations.push(format!("lost: {} was acknowledged as {id}, and {name} does not have it", draft.key));
            }
        }
    }
}

/// A message is stored once, however often it was sent, and every answer has the same id.
fn one_copy_each<'a>(log: &'a Log, all: impl Iterator<Item = &'a Stored>, violations: &mut Vec<String>) {
    let mut first = HashMap::new();
    for message in all {
        if let Some(other) = first.insert(&message.body, message.id) {
            let key = message.body.split(' ').next().unwrap_or_default();
            violations.push(format!("doubled: {key} is there as {other} and as {}", message.id));
        }
    }
    let mut answers = HashMap::new();
    for Attempt { draft, outcome, .. } in &log.attempts {
        let Outcome::Ok(id) = outcome else { continue };
        if let Some(before) = answers.insert(&draft.key, id).filter(|before| *before != id) {
            violations.push(format!("doubled: {} was acknowledged as {before} and as {id}", draft.key));
        }
    }
}

/// Sequence numbers go from 1 to the last without a gap, in the order of ids.
fn sequence_has_no_gaps(end: &End, violations: &mut Vec<String>) {
    for (name, all) in &end.people {
        let mut last: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
        let mut sorted: Vec<_> = all.iter().collect();
        sorted.sort_by_key(|message| (message.conversation, message.seq));
        for message in sorted {
            let (seq, id) = last.entry(message.conversation).or_default();
            if message.seq != *seq + 1 || message.id <= *id {
                let conversation = message.conversation;
                violations.push(format!("gap: {name} has {} after {seq} in conversation {conversation}", message.seq));
            }
            (*seq, *id) = (message.seq, message.id);
        }
    }
}

/// A message that was acknowledged before another send began comes before that one.
fn order_is_kept(attempts: &[Attempt], violations: &mut Vec<String>) {
    // For each key: the start of its first attempt, its first acknowledgement, and the id.
    let mut spans: HashMap<&str, (u64, u64, i64)> = HashMap::new();
    for Attempt { draft, invoked, completed, outcome, .. } in attempts {
        let (start, end, id) = spans.entry(&draft.key).or_insert((u64::MAX, u64::MAX, 0));
        *start = (*start).min(*invoked);
        if let Outcome::Ok(answer) = outcome {
            (*end, *id) = ((*end).min(*completed), *answer);
        }
    }
    let mut by_start: Vec<_> = spans.into_iter().filter(|(_, (.., id))| *id != 0).collect();
    by_start.sort_by_key(|(_, (start, ..))| *start);
    let mut by_end = by_start.clone();
    by_end.sort_by_key(|(_, (_, end, _))| *end);
    let mut ended = by_end.into_iter().peekable();
    let mut highest = (0, "");
    for (key, (start, _, id)) in by_start {
        while let Some((before, (.., id))) = ended.next_if(|(_, (_, end, _))| *end < start) {
            highest = highest.max((id, before));
        }
        if highest.0 > id {
            let (before, key_before) = highest;
            violations
                .push(format!("out of order: {key} is {id}, {key_before} acknowledged before it began is {before}"));
        }
    }
}

/// No socket delivered a message that is not stored, or that differs from the stored one.
fn events_match_stored_messages(log: &Log, all: &BTreeMap<i64, &Stored>, violations: &mut Vec<String>) {
    let mut seen = HashSet::new();
    for received in &log.received {
        let message = &received.message;
        if all.get(&message.id) != Some(&message) && seen.insert(message.id) {
            let key = message.body.split(' ').next().unwrap_or_default();
            violations.push(format!(
                "untrue: screen {} received {key} as {}, which does not match",
                received.screen, message.id
            ));
        }
    }
}

/// Every screen has exactly what is stored, after all interruptions. If one has not, the time of its last event shows
/// whether events stopped or only came too slowly.
fn screens_are_complete(log: &Log, end: &End, violations: &mut Vec<String>) {
    let seconds = |nanoseconds: u64| nanoseconds as f64 / 1e9;
    let sent = seconds(log.attempts.iter().map(|attempt| attempt.completed).max().unwrap_or(0));
    for (number, (name, kept)) in end.screens.iter().enumerate() {
        let expected = by_conversation(&end.people[name]);
        if *kept == expected {
            continue;
        }
        let last_received =
            log.received.iter().filter(|received| received.screen == number).map(|received| received.at).max();
        let received = seconds(last_received.unwrap_or(0));
        for (conversation, messages) in &expected {
            let has = kept.get(conversation).map_or(&[][..], Vec::as_slice);
            if has != messages {
                let (has, due) = (has.len(), messages.len());
                violations.push(format!(
                    "screen {number} of {name} has {has} of {due} in conversation {conversation}; last event at \
                     {received:.1} s, all was sent by {sent:.1} s"
                ));
            }
        }
    }
}

/// Messages by conversation and sequence number.
pub fn by_conversation(all: &[Stored]) -> Kept {
    let mut kept = Kept::new();
    for message in all {
        kept.entry(message.conversation).or_default().push(message.clone());
    }
    kept.values_mut().for_each(|messages| messages.sort());
    kept
}

/// Both members of a conversation have the same messages.
fn members_agree(end: &End, violations: &mut Vec<String>) {
    let between = |name: &str, other: &str| -> HashSet<&Stored> {
        let all = end.people[name].iter();
        all.filter(|one| [one.user.as_str(), one.recipient.as_str()].contains(&other)).collect()
    };
    for name in end.people.keys() {
        for other in end.people.keys().filter(|other| name < *other) {
            if between(name, other) != between(other, name) {
                violations.push(format!("{name} and {other} do not have the same messages"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::{Draft, Received};
    use super::*;

    const PEOPLE: [&str; 2] = ["al", "bo"];

    fn stored(seq: i64) -> Stored {
        let (user, recipient) = (PEOPLE[0].to_owned(), PEOPLE[1].to_owned());
        Stored { conversation: 1, seq, id: 10 + seq, user, recipient, body: format!("key-{seq} hello") }
    }

    /// `key-1` to `key-3` in order, the second acknowledged only after a repeat; one screen for each person.
    fn correct() -> (Log, End) {
        let all: Vec<_> = (1..=3).map(stored).collect();
        let mut log = Log::default();
        for message in &all {
            let (from, to, body) = (message.user.clone(), message.recipient.clone(), message.body.clone());
            let draft = Draft { key: format!("key-{}", message.seq), from, to, body };
            let time = 100 * message.seq as u64;
            let attempt = |begin, outcome| Attempt {
                client: 0,
                draft: draft.clone(),
                invoked: begin,
                completed: begin + 10,
                outcome,
            };
            if message.seq == 2 {
                log.attempts.push(attempt(time, Outcome::Unknown));
            }
            log.attempts.push(attempt(time + 20, Outcome::Ok(message.id)));
            log.received.push(Received { screen: 0, at: time + 10, message: message.clone() });
        }
        let people = PEOPLE.map(|name| (name.to_owned(), all.clone())).into();
        let screens = PEOPLE.map(|name| (name.to_owned(), by_conversation(&all))).into();
        (log, End { people, screens })
    }

    /// Introduces a violation into a correct history and asserts that the checker reports it.
    #[track_caller]
    fn expect(kind: &str, break_it: impl FnOnce(&mut Log, &mut End)) {
        let (mut log, mut end) = correct();
        break_it(&mut log, &mut end);
        let verdict = check(&log, &end);
        assert!(verdict.violations.iter().any(|found| found.contains(kind)), "no {kind} in {:#?}", verdict.violations);
    }

    /// Changes the messages of both people and of their screens.
    fn everywhere(end: &mut End, change: impl Fn(&mut Vec<Stored>)) {
        end.people.values_mut().for_each(&change);
        end.screens.iter_mut().for_each(|(name, kept)| *kept = by_conversation(&end.people[name]));
    }

    #[test]
    fn checker_accepts_a_correct_history() {
        let (log, end) = correct();
        let verdict = check(&log, &end);
        assert_eq!((verdict.acknowledged, verdict.unknown, verdict.messages, verdict.violations), (3, 1, 3, vec![]));
    }

    #[test]
    fn checker_reports_lost_messages() {
        expect("lost: key-3", |_, end| everywhere(end, |all| all.truncate(2)));
        expect("lost: key-2", |_, end| everywhere(end, |all| all[1].body = "key-2 other".into()));
        expect("lost: key-1", |_, end| drop(end.people.get_mut("bo").unwrap().remove(0)));
    }

    #[test]
    fn checker_reports_duplicate_messages() {
        let again = |all: &mut Vec<Stored>| all.push(Stored { body: stored(2).body, ..stored(4) });
        expect("doubled: key-2 is there", |_, end| everywhere(end, again));
        expect("doubled: key-3 was acknowledged", |log, _| {
            let second = Attempt { outcome: Outcome::Ok(99), ..log.attempts[3].clone() };
            log.attempts.push(second);
        });
    }

    #[test]
    fn checker_reports_gaps_in_sequence_numbers() {
        expect("gap: al", |_, end| everywhere(end, |all| all[2].seq = 4));
        expect("gap: bo", |_, end| everywhere(end, |all| drop(all.remove(0))));
    }

    #[test]
    fn checker_reports_messages_out_of_order() {
        expect("out of order: key-2", |log, end| {
            everywhere(end, |all| all[1].id = 5);
            log.attempts[2].outcome = Outcome::Ok(5);
        });
    }

    #[test]
    fn checker_reports_events_that_do_not_match_stored_messages() {
        expect("untrue", |log, _| log.received.push(Received { screen: 0, at: 500, message: stored(4) }));
        expect("untrue", |log, _| log.received[0].message.body = "key-1 other".into());
    }

    #[test]
    fn checker_reports_incomplete_screens_and_differing_members() {
        expect("screen 1 of bo has 2 of 3", |_, end| drop(end.screens[1].1.get_mut(&1).unwrap().pop()));
        expect("al and bo do not have the same", |_, end| drop(end.people.get_mut("al").unwrap().pop()));
    }

    #[test]
    fn checker_includes_violations_seen_by_clients() {
        expect("seen", |log, _| log.violations.push("seen by a client".into()));
    }
}
