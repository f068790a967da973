//! Logins: the cookie, its duration, and what ends with it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chinwag::auth::token::Token;
use futures_util::StreamExt;
use sha2::{Digest, Sha256};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::support::database::log_in;
use crate::support::people::join_as;
use crate::support::{Answer, Caller, Listener, Server, join, soon, stored, until};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// `correct horse` in Django's notation, made with Python's hashlib.
const DJANGO: &str = "pbkdf2_sha256$1000$seasalt$mQnueSakb748zqBAC1tmWVZsZbi2zPGZarEzTGdfmso=";

fn attributes(answer: &Answer) -> Vec<&str> {
    answer.header("set-cookie").split("; ").skip(1).collect()
}

#[tokio::test]
async fn the_cookie_is_hidden_from_scripts_and_the_file_has_only_its_hash() {
    let server = Server::start().await;
    let al = server.sign_up("al").await;
    let fields = [("username", "al"), ("password", crate::support::caller::PASSWORD)];
    let answer = server.stranger().post_form("/login/", &fields).await.expect(302);
    let mut found = attributes(&answer);
    found.sort_unstable();
    assert_eq!(found, ["HttpOnly", "Max-Age=1209600", "Path=/", "SameSite=Lax"]);

    let cookie = al.cookie.unwrap();
    let token = cookie.strip_prefix("sessionid=").unwrap();
    let bits = URL_SAFE_NO_PAD.decode(token).unwrap();
    assert_eq!(bits.len(), 32, "256 random bits");
    let kept = stored::column::<String>(&server, "SELECT token_hash FROM sessions");
    assert_eq!(kept.len(), 2);
    assert!(kept.contains(&stored::hex(&Sha256::digest(&bits))));
    // Neither the token nor a password is stored, or anywhere in the file or its log.
    let everything = stored::dump(&server);
    assert!(
        !everything.contains(&stored::hex(&bits)[2..])
            && !everything.contains(token)
            && !everything.contains("pw-x-long")
    );
    for suffix in ["", "-wal"] {
        let Some(file) = server.file() else { break };
        let content = std::fs::read(format!("{}{suffix}", file.display())).unwrap();
        let contains = |bytes: &[u8]| content.windows(bytes.len()).any(|part| part == bytes);
        assert!(!contains(&bits) && !contains(token.as_bytes()) && !contains(b"pw-x-long"), "{suffix}");
    }
    let passwords = stored::column::<String>(&server, "SELECT password FROM users");
    assert!(passwords[0].starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{passwords:?}");
}

#[tokio::test]
async fn a_stolen_hash_opens_no_session() {
    let server = Server::start().await;
    join(&server, "al").await;
    let hash = &stored::column::<String>(&server, "SELECT token_hash FROM sessions")[0];
    let byte = |index| u8::from_str_radix(&hash[2 * index..2 * index + 2], 16).unwrap();
    let hash: Vec<u8> = (1..hash.len() / 2).map(byte).collect();
    let thief = Caller { cookie: Some(format!("sessionid={}", URL_SAFE_NO_PAD.encode(hash))), ..server.stranger() };
    thief.get("/api/v1/").await.expect(403);
}

#[tokio::test]
async fn two_session_cookies_log_nobody_in() {
    let server = Server::start().await;
    let (al, bo) = (join(&server, "al").await, join(&server, "bo").await);
    let (one, two) = (al.cookie.clone().unwrap(), bo.cookie.clone().unwrap());
    // A site on a sibling domain may have set one of them, so that the person uses another account unknowingly.
    for cookie in
        [format!("{one}; {two}"), format!("{two}; {one}"), format!("{one}; {one}"), format!("{one}; sessionid=")]
    {
        let caller = Caller { cookie: Some(cookie), ..server.stranger() };
        caller.get("/api/v1/").await.expect(403);
        assert!(Listener::open(&caller).await.is_err());
    }
    // In two headers as well.
    al.with("cookie", two).get("/api/v1/").await.expect(403);
    al.get("/api/v1/").await.expect(200);
}

#[tokio::test]
async fn a_login_is_extended_while_it_is_used() {
    let server = Server::start().await;
    let al = join(&server, "al").await;
    let unused = join(&server, "bo").await;
    server.advance(Duration::from_secs(59 * 60));
    assert_eq!(al.get("/api/v1/").await.expect(200).header("set-cookie"), "", "it is new enough");
    for _ in 0..3 {
        server.advance(6 * DAY);
        let answer = al.get("/api/v1/").await.expect(200);
        assert_eq!(answer.cookie(), al.cookie, "the same cookie, for another two weeks");
        assert!(attributes(&answer).contains(&"Max-Age=1209600") && attributes(&answer).contains(&"HttpOnly"));
        assert_eq!(al.get("/api/v1/").await.expect(200).header("set-cookie"), "", "once is enough");
    }
    // Eighteen days after the login, the used one is valid and the other is not.
    let ended = unused.get("/api/v1/").await.expect(403);
    assert_eq!(ended.header("set-cookie"), "");
    assert_eq!(unused.get("/").await.expect(302).header("location"), "/login/?next=/");
    server.advance(13 * DAY);
    al.get("/api/v1/").await.expect(200);
    server.advance(14 * DAY);
    al.get("/api/v1/").await.expect(403);
}

#[tokio::test]
async fn logout_closes_the_sockets_of_this_login_at_once_and_no_others() {
    let server = Server::start().await;
    let al = join(&server, "al").await;
    let bo = join(&server, "bo").await;
    let elsewhere = log_in_again(&server, "al").await;
    let (one, two) = (al.listen().await, al.listen().await);
    let mut others = [elsewhere.listen().await, bo.listen().await];
    al.get("/logout/").await.expect(302);
    for socket in [one, two] {
        let close = socket.end().await.expect("a close frame");
        assert_eq!(close.code, CloseCode::Policy);
    }
    let sent = bo.send("al", "are you there?").await;
    for socket in &mut others {
        assert_eq!(socket.next_id().await, sent["id"]);
    }
    assert!(Listener::open(&al).await.is_err());
}

#[tokio::test]
async fn an_expired_login_closes_its_sockets() {
    let server = Server::start_with(|config| config.timeouts.ping = Duration::from_millis(250)).await;
    let (al, bo) = (join(&server, "al").await, join(&server, "bo").await);
    // Both answer pings all the time, as a browser does; otherwise they would be closed for that reason.
    let ending = tokio::spawn(al.listen().await.end());
    let mut renewed = bo.listen().await;
    let pings = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&pings);
    let reading = tokio::spawn(async move {
        loop {
            match renewed.stream.next().await {
                Some(Ok(Message::Text(text))) => return text.to_string(),
                Some(Ok(frame)) => seen.fetch_add(usize::from(frame.is_ping()), Ordering::Relaxed),
                other => panic!("no frame but {other:?}"),
            };
        }
    });
    server.advance(13 * DAY);
    bo.get("/api/v1/").await.expect(200);
    server.advance(2 * DAY);
    assert_eq!(ending.await.unwrap().expect("a close frame").code, CloseCode::Policy);
    // Two more pings: the other session was checked as well after the clock had advanced.
    let before = pings.load(Ordering::Relaxed);
    until("two more pings", || async { pings.load(Ordering::Relaxed) >= before + 2 }).await;
    let note = bo.send("bo", "still here").await;
    assert_eq!(soon("a frame", reading).await.unwrap(), format!(r#"{{"message": "{}"}}"#, note["id"]));
}

#[tokio::test]
async fn the_fifty_first_login_ends_the_oldest() {
    let server = Server::start().await;
    let al = join(&server, "al").await;
    let oldest = al.listen().await;
    let second = log_in_again(&server, "al").await;
    for _ in 0..49 {
        log_in_again(&server, "al").await;
    }
    assert_eq!(oldest.end().await.expect("a close frame").code, CloseCode::Policy);
    al.get("/api/v1/").await.expect(403);
    second.get("/api/v1/").await.expect(200);
    assert_eq!(stored::column::<i64>(&server, "SELECT count(*) FROM sessions"), [50]);
}

#[tokio::test]
async fn a_password_hash_from_django_is_replaced_at_the_first_login() {
    let server = Server::start().await;
    join_as(&server, "al", None, DJANGO).await;
    // As after an import, with nothing cached from before.
    let server = server.restart().await;
    let log_in = async |password: &str| {
        server.stranger().post_form("/login/", &[("username", "al"), ("password", password)]).await
    };
    let stored = || stored::column::<String>(&server, "SELECT password FROM users").remove(0);
    log_in("wrong horse").await.expect(200);
    assert_eq!(stored(), DJANGO, "a wrong password changes nothing");
    let answer = log_in("correct horse").await.expect(302);
    Caller { cookie: answer.cookie(), ..server.stranger() }.get("/api/v1/").await.expect(200);
    let upgraded = stored();
    assert!(upgraded.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{upgraded}");
    log_in("correct horse").await.expect(302);
    log_in("wrong horse").await.expect(200);
    assert_eq!(stored(), upgraded, "it is good enough now");
    // The hash itself is not a password.
    log_in(DJANGO).await.expect(200);
    log_in(&upgraded).await.expect(200);
}

/// Another login of an existing person.
async fn log_in_again(server: &Server, name: &str) -> Caller {
    let found = server.app.store.credentials(name).await.unwrap().unwrap();
    let token = Token::generate();
    let ends = server.app.clock.now().after(14 * DAY);
    log_in(&server.app.store, &token, found.user.id, &found.password, ends).await;
    let cookie = token.cookie(false).split(';').next().map(str::to_owned);
    Caller { name: name.to_string(), cookie, ..server.stranger() }
}
