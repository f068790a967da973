//! The current program answers from an upgraded file as the old program did, in the form of the current wire.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use bytes::Bytes;
use chinwag::clock::Timestamp;
use hyper::Method;
use serde_json::{Map, Value, json};
use unicode_normalization::UnicodeNormalization;

use super::{Fixture, open, rows, story};
use crate::support::{Caller, Program};

#[tokio::test]
async fn a_version_1_file_answers_as_before() {
    answers_as_before(1).await;
}

#[tokio::test]
async fn a_version_5_file_answers_as_before() {
    answers_as_before(5).await;
}

#[tokio::test]
async fn a_version_8_file_answers_as_before() {
    answers_as_before(8).await;
}

async fn answers_as_before(version: i64) {
    let (before, fixture, story) = (Fixture::unpack(version), Fixture::unpack(version), story(version));
    let program = Program::start(fixture.folder());
    rows::assert_kept(&before.file(), &fixture.file());
    let mut people = BTreeMap::new();
    for (name, recorded) in story["people"].as_object().unwrap() {
        let person = log_in(program.address, name, recorded).await;
        check_lists(&person, recorded).await;
        // The first version had neither settings nor a cursor.
        if version > 1 {
            check_conversations(&person, recorded).await;
            check_snapshot(&person, &recorded["snapshot"]).await;
            for cursor in list(&recorded["changes"]) {
                check_changes(&person, cursor).await;
            }
        }
        people.insert(name.as_str(), person);
    }
    for send in list(&story["sends"]) {
        // Deleted accounts send nothing.
        if let Some(person) = people.get(text(&send["user"])) {
            check_resend(person, send).await;
        }
    }
    check_new_message(&people["al"], &people["bo"]).await;
    program.stop().await;
}

/// Rose saw two messages of her conversation with fy before she blocked fy, who sent two more. Bo blocked ed from the
/// start.
#[tokio::test]
async fn shadow_blocked_messages_stay_hidden() {
    for version in [5, 8] {
        let (fixture, story) = (Fixture::unpack(version), story(version));
        let program = Program::start(fixture.folder());
        for (blocker, blocked, seen, hidden) in [("Rose", "fy", &[1, 2][..], 2), ("bo", "ed", &[], 3)] {
            let log_in = async |name: &str| log_in(program.address, name, &story["people"][name]).await;
            let (me, other) = (log_in(blocker).await, log_in(blocked).await);
            me.ask(Method::DELETE, &format!("/api/v1/block/{blocked}/"), None, Bytes::new()).await.expect(200);
            let sent = other.send(blocker, "at last").await;
            let found = me.get(&format!("/api/v1/conversation/?with={blocked}")).await.expect(200).json();
            let found = &found["conversations"][0];
            assert_eq!((&found["last_message"]["id"], &found["last_seq"]), (&sent["id"], &sent["seq"]));
            // Rose has not read the one that fy sent.
            assert_eq!(found["unread"], 1 + seen.len().min(1), "{blocker}");
            let path = format!("/api/v1/conversation/{}/message/", found["id"]);
            let range = me.get(&path).await.expect(200).json();
            let seqs: Vec<_> = list(&range["messages"]).iter().map(|one| number(one, "seq")).collect();
            assert_eq!(seqs, [seen, &[seen.len() as i64 + hidden + 1]].concat(), "{blocker}");
        }
        program.stop().await;
    }
}

/// When more receipts exist than are kept, the details of old messages have no times rather than those of later
/// receipts.
#[tokio::test]
async fn forgotten_receipt_times_are_not_made_up() {
    let (fixture, story) = (Fixture::unpack(8), story(8));
    fixture.change(
        "DELETE FROM receipts WHERE conversation_id = 1;
         INSERT INTO receipts SELECT 1, 2, kind, seq, seq * 1000000
         FROM messages, (SELECT 'delivered' AS kind UNION SELECT 'read') WHERE conversation_id = 1;",
    );
    let program = Program::start(fixture.folder());
    let recorded = &story["people"]["al"];
    let al = log_in(program.address, "al", recorded).await;
    let own = list(&recorded["messages"]["1"]).iter().filter(|message| message["user"] == "al");
    let (mut first_known, mut last_unknown) = (i64::MAX, 0);
    for message in own {
        let seq = number(message, "seq");
        let receipt = al.get(&format!("/api/v1/message/{}/receipt/", message["id"])).await.expect(200).json();
        let at = Timestamp::from_micros(seq * 1_000_000).to_string();
        if receipt == json!({ "delivered_at": at, "read_at": at }) {
            first_known = first_known.min(seq);
        } else {
            assert_eq!(receipt, json!({ "delivered_at": null, "read_at": null }), "seq {seq}");
            last_unknown = seq;
        }
    }
    assert!(last_unknown < first_known && first_known < 60, "{last_unknown} {first_known}");
    program.stop().await;
}

/// Checks the cookie of the old program, then logs in with the password.
async fn log_in(address: SocketAddr, name: &str, recorded: &Value) -> Caller {
    let mut person = Caller::new(address);
    person.cookie = Some(text(&recorded["cookie"]).to_owned());
    assert_eq!(person.get("/api/v1/me/").await.expect(200).json()["user"], shown_name(name));
    person.cookie = None;
    let form = [("username", name), ("password", text(&recorded["password"]))];
    let answer = person.post_form("/login/", &form).await.expect(302);
    person.cookie = answer.cookie();
    person.name = name.to_owned();
    person
}

/// A user name in the form in which it is stored, NFKC.
fn shown_name(name: &str) -> String {
    name.nfkc().collect()
}

/// The lists of the original's wire.
async fn check_lists(person: &Caller, recorded: &Value) {
    let name = &person.name;
    let pages = pages(person, "/api/v1/message/?after=0&limit=100").await;
    let history: Vec<_> = pages.iter().flat_map(|page| list(&page["results"]).clone()).collect();
    assert_eq!(&history, list(&recorded["history"]), "{name}");
    assert_eq!(person.get("/api/v1/message/").await.json()["count"], recorded["count"], "{name}");
    assert_eq!(person.get("/api/v1/user/").await.json(), recorded["people"], "{name}");
}

async fn check_conversations(person: &Caller, recorded: &Value) {
    let name = &person.name;
    let pages = pages(person, "/api/v1/conversation/?limit=5").await;
    let found: Vec<_> = pages.iter().flat_map(|page| list(&page["conversations"]).clone()).collect();
    let expected: Vec<_> = list(&recorded["conversations"]).iter().map(conversation).collect();
    assert_same(&format!("{name}'s conversations"), &found, &expected);
    for conversation in &expected {
        let (id, last) = (&conversation["id"], number(conversation, "last_seq"));
        let path = format!("/api/v1/conversation/{id}/");
        assert_eq!(&person.get(&path).await.expect(200).json(), conversation, "{name}");
        let (mut messages, mut after) = (Vec::new(), 0);
        while after < last {
            let page = person.get(&format!("{path}message/?after={after}&limit=100")).await.expect(200).json();
            messages.extend_from_slice(list(&page["messages"]));
            after = number(&page, "last");
        }
        assert_same(&format!("{name}'s messages of {id}"), &messages, list(&recorded["messages"][id.to_string()]));
    }
    for (id, receipt) in recorded["receipts"].as_object().unwrap() {
        let path = format!("/api/v1/message/{id}/receipt/");
        assert_eq!(&person.get(&path).await.expect(200).json(), receipt, "{name}'s message {id}");
    }
}

/// A conversation in the form of the current wire.
fn conversation(recorded: &Value) -> Value {
    let mut conversation = recorded.clone();
    conversation["kind"] = json!("direct");
    conversation
}

async fn check_snapshot(person: &Caller, recorded: &Value) {
    let found = person.get("/api/v1/sync/").await.expect(200).json();
    for part in ["me", "revision", "more", "resync"] {
        assert_eq!(found[part], recorded[part], "{}'s {part}", person.name);
    }
    let expected: Vec<_> = list(&recorded["conversations"]).iter().map(conversation).collect();
    assert_same(&format!("{}'s snapshot", person.name), list(&found["conversations"]), &expected);
    assert_ne!(found["epoch"], recorded["epoch"], "a start begins an epoch");
}

/// A client at this cursor receives the same changes as from the old program.
async fn check_changes(person: &Caller, cursor: &Value) {
    let (since, epoch) = (&cursor["revision"], text(&cursor["epoch"]));
    let pages = pages(person, &format!("/api/v1/sync/?since={since}&epoch={epoch}&limit=50")).await;
    let found: Vec<_> = pages.iter().flat_map(|page| list(&page["changes"]).clone()).collect();
    let first = limited(&found);
    let missed = long_missed(list(&cursor["changes"]), since);
    assert!(first.keys().all(|conversation| missed.contains(conversation)), "{} after {since}", person.name);
    let [found, expected] = [&found, list(&cursor["changes"])].map(|changes| latest_states(changes, &first));
    for (what, recorded) in &expected {
        assert_eq!(found.get(what), Some(recorded), "{} after {since}: {what}", person.name);
    }
    let news: Vec<_> = found.keys().filter(|what| !expected.contains_key(*what)).collect();
    assert!(news.is_empty(), "{} after {since}: {news:?}", person.name);
}

/// Conversations of which only the newest messages come, with the first `seq` that does.
fn limited(changes: &[Value]) -> BTreeMap<i64, i64> {
    let limited = changes.iter().filter(|change| change["type"] == "limited");
    limited.map(|one| (number(&one["conversation"], "id"), number(one, "first"))).collect()
}

/// Conversations with more than 200 messages since this revision.
fn long_missed(changes: &[Value], since: &Value) -> BTreeSet<i64> {
    let mut missed = BTreeMap::<i64, BTreeSet<i64>>::new();
    for message in changes.iter().filter(|change| change["type"] == "message").map(|change| &change["message"]) {
        if message["id"].as_i64() > since.as_i64() {
            missed.entry(number(message, "conversation")).or_default().insert(number(message, "id"));
        }
    }
    missed.retain(|_, messages| messages.len() > 200);
    missed.into_keys().collect()
}

/// The latest state of each changed thing, without the messages that a limited catch-up leaves out.
fn latest_states(changes: &[Value], first: &BTreeMap<i64, i64>) -> BTreeMap<String, Value> {
    let mut states = BTreeMap::new();
    for change in changes {
        let kind = text(&change["type"]);
        let (what, state) = match kind {
            "limited" | "conversation" => (&change["conversation"]["id"], conversation(&change["conversation"])),
            "message" if is_before(&change["message"], first) => continue,
            "message" => (&change["message"]["id"], change["message"].clone()),
            "hidden" => (&change["message"], change["conversation"].clone()),
            "me" => (&change["me"]["user"], change["me"].clone()),
            other => panic!("{other} is no change"),
        };
        let kind = if kind == "limited" { "conversation" } else { kind };
        states.insert(format!("{kind} {what}"), state);
    }
    states
}

fn is_before(message: &Value, first: &BTreeMap<i64, i64>) -> bool {
    first.get(&number(message, "conversation")).is_some_and(|first| number(message, "seq") < *first)
}

/// Sending again with the old client id answers with the old message.
async fn check_resend(person: &Caller, send: &Value) {
    let mut draft: Map<String, Value> = send.as_object().unwrap().clone();
    let (id, _) = (draft.remove("id").unwrap(), draft.remove("user"));
    let answer = person.post_json("/api/v1/message/", Value::from(draft).to_string()).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["id"]), (200, &id), "{send}: {}", answer.text());
}

/// New messages and conversations follow all earlier ones.
async fn check_new_message(al: &Caller, bo: &Caller) {
    let latest = async || bo.get("/api/v1/conversation/?with=al").await.expect(200).json()["conversations"][0].clone();
    let before = latest().await;
    let last = number(&bo.get("/api/v1/sync/").await.json(), "revision");
    let draft = json!({ "conversation": before["id"], "body": "and on", "client_id": "a-new-one" });
    let sent = al.post_json("/api/v1/message/", draft.to_string()).await.expect(201).json();
    assert!(number(&sent, "id") > last);
    assert_eq!(number(&sent, "seq"), number(&before, "last_seq") + 1);
    let after = latest().await;
    assert_eq!(after["last_message"], sent);
    assert_eq!(number(&after, "unread"), number(&before, "unread") + 1);

    let newcomer = Caller::new(al.address).sign_up("newcomer").await;
    let first = newcomer.send("al", "hello").await;
    assert_eq!(number(&first, "seq"), 1);
    let found = al.get("/api/v1/conversation/?with=newcomer").await.expect(200).json();
    assert_eq!(found["conversations"][0]["last_message"], first);
}

/// All pages of a list.
async fn pages(person: &Caller, path: &str) -> Vec<Value> {
    let (mut pages, mut next) = (Vec::new(), Some(path.to_owned()));
    while let Some(path) = next {
        let page = person.get(&path).await.expect(200).json();
        next = page["next"].as_str().map(|link| format!("/api/{}", link.split_once("/api/").unwrap().1));
        pages.push(page);
    }
    pages
}

/// Fails with the first item that differs.
#[track_caller]
fn assert_same(what: &str, found: &[Value], expected: &[Value]) {
    for (number, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert_eq!(found, expected, "{what}, number {number}");
    }
    assert_eq!(found.len(), expected.len(), "{what}");
}

#[track_caller]
fn number(value: &Value, name: &str) -> i64 {
    value[name].as_i64().unwrap_or_else(|| panic!("no number {name}: {value}"))
}

#[track_caller]
fn list(value: &Value) -> &Vec<Value> {
    let Some(list) = value.as_array() else { panic!("no list: {value}") };
    list
}

#[track_caller]
fn text(value: &Value) -> &str {
    let Some(text) = value.as_str() else { panic!("no text: {value}") };
    text
}

/// Statistics of tables that have grown since mislead SQLite's planner: lists then read all users for each row.
#[tokio::test]
async fn no_planner_statistics_are_kept() {
    let fixture = Fixture::unpack(8);
    open(&fixture.file()).execute_batch("ANALYZE").unwrap();
    let statistics = || {
        let count = "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'sqlite_stat%'";
        open(&fixture.file()).query_row(count, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    assert!(statistics() > 0);
    for run in ["the upgrade", "a later run"] {
        Program::start(fixture.folder()).stop().await;
        assert_eq!(statistics(), 0, "after {run}");
    }
}
