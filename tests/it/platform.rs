//! On Heroku, and the log on any platform: the settings of a platform, what operators read, and what they must never
//! read.

use std::fs::{self, File};
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::caller::PASSWORD;
use crate::support::program::command;
use crate::support::{Caller, Program, until};

/// Starts the program with its log in a file, where it can grow without anybody reading.
async fn start(mut chinwag: Command, folder: &Path) -> Program {
    let said = folder.join("said");
    chinwag.stdout(File::create(&said).unwrap()).stderr(File::create(folder.join("log")).unwrap());
    let child = chinwag.spawn().unwrap();
    until("it is ready", async || fs::read_to_string(&said).unwrap().ends_with('\n')).await;
    let line = fs::read_to_string(&said).unwrap();
    let (_, address) = line.trim_end().split_once("http://").unwrap();
    Program { address: address.parse().unwrap(), child }
}

fn on_heroku(folder: &Path) -> Command {
    let mut chinwag = command(folder);
    chinwag.envs([("PORT", "0"), ("DYNO", "web.1")]);
    chinwag
}

/// The log, each line of which must be one JSON object.
fn json_lines(folder: &Path) -> Vec<Value> {
    let log = fs::read_to_string(folder.join("log")).unwrap();
    log.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

#[tokio::test]
async fn on_heroku_it_listens_for_the_router_and_warns_of_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let program = start(on_heroku(folder.path()), folder.path()).await;
    assert_eq!(program.address.ip(), Ipv4Addr::UNSPECIFIED);

    let plain = program.stranger().with("host", "chat.example.test").with("x-forwarded-proto", "http");
    let sent_on = plain.get("/login/?next=/").await.expect(308);
    assert_eq!(sent_on.header("location"), "https://chat.example.test/login/?next=/");
    program.stranger().get("/login/").await.expect(308);
    program.stranger().get("/healthz").await.expect(200);

    let https = || program.stranger().with("x-forwarded-proto", "https");
    https().get("/login/").await.expect(200);
    let first = https().sign_up("first").await;
    let second = https().sign_up("second").await;
    let warns =
        async |caller: &Caller, path: &str| caller.get(path).await.expect(200).text().contains("accounts will be lost");
    for path in ["/", "/simpleui/"] {
        assert!(warns(&first, path).await, "the administrator is warned on {path}");
        assert!(!warns(&second, path).await, "others are not warned on {path}");
    }
    program.signal("TERM");
    program.ended().await;
    let log = json_lines(folder.path());
    let warning = log.iter().find(|line| line["level"] == "WARN").expect("a warning at the start");
    assert!(warning["message"].as_str().unwrap().contains("ACCOUNTS AND MESSAGES WILL BE LOST"), "{warning}");
}

#[tokio::test]
async fn elsewhere_there_is_no_warning_of_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let mut chinwag = command(folder.path());
    // One of the two variables alone does not mean a dyno.
    chinwag.envs([("DYNO", "web.1"), ("PORT", "")]).args(["--port", "0"]);
    let program = start(chinwag, folder.path()).await;
    assert_eq!(program.address.ip(), Ipv4Addr::LOCALHOST);
    let first = program.stranger().sign_up("first").await;
    assert!(!first.get("/").await.expect(200).text().contains("accounts will be lost"));
    program.signal("TERM");
    program.ended().await;
    assert!(!fs::read_to_string(folder.path().join("log")).unwrap().contains("LOST"));
}

#[tokio::test]
async fn the_log_has_one_line_for_each_request() {
    let folder = tempfile::tempdir().unwrap();
    let mut chinwag = command(folder.path());
    chinwag.args(["--port", "0", "--log-format", "json"]);
    let program = start(chinwag, folder.path()).await;
    let al = program.stranger().sign_up("al").await;
    let sent = al.send("al", "hello").await;
    let mut expected = vec![("POST", "/signup/", 302, None), ("POST", "/api/v1/message/", 201, None)];
    for (path, route, status) in [
        (format!("/api/v1/message/{}/", sent["id"]), "/api/v1/message/{}/", 200),
        ("/api/v1/message/?page=7".to_owned(), "/api/v1/message/", 404),
        ("/no/such/page".to_owned(), "-", 404),
        ("/static/no/such/file".to_owned(), "/static/{*}", 404),
        ("/ws".to_owned(), "/ws", 404),
    ] {
        let answer = al.get(&path).await.expect(status);
        expected.push(("GET", route, status, Some(answer.header("x-request-id").to_owned())));
    }
    let mut listener = al.listen().await;
    expected.push(("GET", "/ws", 101, None));
    let sent = al.send("al", "again").await;
    expected.push(("POST", "/api/v1/message/", 201, None));
    assert_eq!(listener.next_id().await, sent["id"]);
    program.signal("TERM");
    program.ended().await;

    let log = json_lines(folder.path());
    let answered: Vec<_> = log.iter().filter(|line| line["message"] == "answered").collect();
    assert_eq!(answered.len(), expected.len(), "{log:#?}");
    for (line, (method, route, status, id)) in answered.iter().zip(expected) {
        assert_eq!(line["method"], method, "{line}");
        assert_eq!(line["route"], route, "{line}");
        assert_eq!(line["status"], status, "{line}");
        assert!(line["ms"].as_f64().unwrap() >= 0.0, "{line}");
        let known = line["span"]["id"].as_str().unwrap();
        assert!(id.is_none_or(|id| id == known), "{line}");
    }
}

#[tokio::test]
async fn the_log_has_no_secrets_even_at_the_most_verbose_level() {
    const CANARY: &str = "canary-7f3a";
    for format in ["text", "json"] {
        let folder = tempfile::tempdir().unwrap();
        let mut chinwag = command(folder.path());
        chinwag.args(["--port", "0", "--log-level", "trace", "--log-format", format]);
        let program = start(chinwag, folder.path()).await;
        let al = program.stranger().sign_up("al").await;
        let again = program.stranger().log_in("al").await;
        let mut listener = al.listen().await;
        al.send("al", CANARY).await;
        listener.next_id().await;
        listener.say(tokio_tungstenite::tungstenite::Message::text(CANARY)).await;
        al.get(&format!("/api/v1/message/?target={CANARY}")).await.expect(200);
        al.get(&format!("/{CANARY}")).await.expect(404);
        al.post_json("/api/v1/message/", format!("{{\"body\": \"{CANARY}")).await.expect(400);
        al.post_form("/simpleui/send/", &[("recipient", "al"), ("body", CANARY)]).await;
        let wrong = [("username", "al"), ("password", CANARY)];
        program.stranger().post_form("/login/", &wrong).await.expect(200);
        let headers = al.with("user-agent", CANARY).with("referer", format!("http://{CANARY}.test/"));
        headers.get("/").await.expect(200);
        headers.with("x-request-id", CANARY).get("/healthz").await.expect(200);
        program.signal("TERM");
        program.ended().await;

        let log = fs::read_to_string(folder.path().join("log")).unwrap();
        assert!(log.contains("answered"), "{log}");
        let token = |caller: &Caller| caller.cookie.as_ref().unwrap().split_once('=').unwrap().1.to_owned();
        for secret in [CANARY, PASSWORD, &token(&al), &token(&again)] {
            let leaked = log.lines().find(|line| line.contains(secret));
            assert_eq!(leaked, None, "the log holds {secret}");
        }
        assert!(!log.contains('\u{1b}'), "the log holds control characters");
    }
}
