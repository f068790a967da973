//! Damaged files: the damage is reported, and missing data is never served as if it had not existed.

use std::path::Path;

use hyper::Method;
use rusqlite::Connection;

use crate::support::program::command;
use crate::support::{Caller, Program, Server, database, soon, stored};

/// Far more messages than are checked before the start.
const MANY: i64 = 300_000;

#[tokio::test]
async fn a_corrupt_page_in_a_large_file_ends_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("chat.db");
    let members = database::create(&file, &["al", "bo"]).await;
    database::fill(&file, MANY);
    // The oldest messages: SQLite checks a table from its end.
    database::smash(&file, 1);
    // A reader finds it first, or the background check while nobody reads.
    for reading in [true, false] {
        let mut serve = command(folder.path());
        serve.args(["serve", "--port", "0", "--database", "chat.db", "--log-level", "off"]);
        let (code, stderr) = match Program::try_spawn(serve) {
            Ok(program) => {
                if reading {
                    let al = members[0].at(program.address);
                    soon("the program ends", read_until_it_ends(&al)).await;
                }
                program.ended().await
            }
            Err(refused) => refused,
        };
        assert_eq!(code, Some(1));
        assert!(stderr.contains("damaged") || stderr.contains("malformed"), "{stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
    }
}

/// Reads the whole conversation repeatedly: every successful answer is complete.
async fn read_until_it_ends(al: &Caller) {
    let mut after = 0;
    loop {
        let path = format!("/api/v1/message/?target=bo&after={after}&limit=100");
        let Ok(page) = al.try_ask(Method::GET, &path, None, Default::default()).await else { return };
        if page.status == 503 {
            continue;
        }
        let page = page.expect(200).json();
        assert_eq!(page["count"], MANY);
        let bodies: Vec<_> = page["results"].as_array().unwrap().iter().map(|message| &message["body"]).collect();
        let seqs = bodies.iter().map(|body| body.as_str().unwrap().trim_matches('_').parse::<i64>().unwrap());
        assert!(seqs.eq(seq_after(after)..=seq_after(after) + 99), "{bodies:?}");
        after = page["results"][99]["id"].as_i64().unwrap();
        if page["next"].is_null() {
            after = 0;
        }
    }
}

/// The sequence number after the message `after`; two accounts took the revisions before the first message.
fn seq_after(after: i64) -> i64 {
    (after - 2).max(0) + 1
}

fn delete(file: &Path, which: &str) {
    let conn = Connection::open(file).unwrap();
    let deleted = conn.execute(&format!("DELETE FROM messages WHERE {which}"), []).unwrap();
    assert!(deleted > 0);
}

#[tokio::test]
async fn a_conversation_with_missing_messages_is_answered_503() {
    for (gone, pages) in [
        ("seq = 40", ["", "&before=999", "&after=0&limit=100"].as_slice()),
        ("seq = 20", &["&page=2", "&after=0&limit=100", "&after=12&limit=50", "&before=999&limit=40"]),
        ("seq = 1", &["&page=3", "&page=last", "&after=0", "&before=999&limit=100"]),
        ("seq > 0", &["", "&page=last", "&after=0", "&before=999"]),
    ] {
        for page in pages {
            let server = Server::start().await;
            let (al, _bo) = (server.enter("al").await, server.enter("bo").await);
            for n in 0..40 {
                al.send("bo", &format!("message {n}")).await;
            }
            let path = format!("/api/v1/message/?target=bo{page}");
            al.get(&path).await.expect(200);
            stored::change(&server, &format!("DELETE FROM messages WHERE {gone}"));
            let answer = al.get(&path).await;
            assert_eq!(answer.status, 503, "{page} without {gone}: {}", answer.text());
            // From now on the whole server is reported as unhealthy.
            al.get("/healthz").await.expect(503);
            server.stop().await;
        }
    }
}

#[tokio::test]
async fn a_page_without_missing_messages_is_still_served() {
    let server = Server::start().await;
    let (al, _bo) = (server.enter("al").await, server.enter("bo").await);
    for n in 0..40 {
        al.send("bo", &format!("message {n}")).await;
    }
    stored::change(&server, "DELETE FROM messages WHERE seq = 3");
    let page = al.get("/api/v1/message/?target=bo").await.expect(200).json();
    assert_eq!(page["results"].as_array().unwrap().len(), 15);
    al.get("/simpleui/?target=bo").await.expect(200);
    server.stop().await;
}

#[tokio::test]
async fn a_conversation_with_a_missing_message_fails_alone_and_is_logged() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("chat.db");
    let members = database::create(&file, &["al", "bo", "cy"]).await;
    database::fill(&file, 50);
    delete(&file, "seq = 45");

    let mut serve = command(folder.path());
    serve.args(["serve", "--port", "0", "--database", "chat.db", "--log-level", "error"]);
    let program = Program::spawn(serve);
    let al = members[0].at(program.address);
    al.get("/healthz").await.expect(200);
    for _ in 0..2 {
        al.get("/api/v1/message/?target=bo").await.expect(503);
    }
    // Everything else continues to work, for these people and others.
    al.send("cy", "still here").await;
    assert_eq!(al.get("/api/v1/message/?target=cy").await.expect(200).json()["count"], 1);
    al.get("/api/v1/user/").await.expect(200);
    al.get("/healthz").await.expect(503);
    program.signal("TERM");
    let (code, stderr) = program.ended().await;
    assert_eq!(code, Some(0), "{stderr}");
    let reports = stderr.lines().filter(|line| line.contains("THE DATABASE IS DAMAGED"));
    assert!(
        reports.clone().count() > 0 && reports.clone().all(|line| line.contains("conversation 1 lacks messages")),
        "{stderr}"
    );
}
