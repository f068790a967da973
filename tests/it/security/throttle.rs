//! Rate limiting of login attempts: only failures count, per client, and they never lock the owner out permanently.

use std::net::IpAddr;
use std::time::Duration;

use crate::support::caller::PASSWORD;
use crate::support::{Answer, Caller, Server, stored};

async fn behind_a_proxy() -> Server {
    Server::start_with(|config| config.trusted_proxies = 1).await
}

async fn try_password(who: &Caller, name: &str, password: &str) -> Answer {
    who.post_form("/login/", &[("username", name), ("password", password)]).await
}

#[track_caller]
fn must_wait(answer: Answer) -> u64 {
    let answer = answer.expect(429);
    assert!(!answer.headers.contains_key("set-cookie"));
    answer.header("retry-after").parse().expect("seconds to wait")
}

#[tokio::test]
async fn failed_logins_delay_the_guesser_and_not_the_owner_elsewhere() {
    let server = behind_a_proxy().await;
    let from = |address: &str| server.stranger().with("x-forwarded-for", address);
    from("198.51.100.9").sign_up("al").await;
    for n in 0..10 {
        // Entries further left are claims of the guesser, and have no effect.
        let guesser = from(&format!("198.51.100.{n}, 127.0.0.1, 203.0.113.7"));
        try_password(&guesser, "al", "pw-guessed").await.expect(200);
    }
    for claim in ["203.0.113.7", "198.51.100.9, 203.0.113.7", "127.0.0.1, 203.0.113.7", "::1,203.0.113.7"] {
        // Even the correct password has to wait, so that a guesser does not learn that it was correct.
        let seconds = must_wait(try_password(&from(claim), "al", PASSWORD).await);
        assert!((1..=61).contains(&seconds), "{seconds}");
    }
    try_password(&from("203.0.113.7, 198.51.100.9"), "al", PASSWORD).await.expect(302);
    server.advance(Duration::from_secs(61));
    try_password(&from("203.0.113.7"), "al", PASSWORD).await.expect(302);
}

#[tokio::test]
async fn the_rate_limit_page_keeps_what_was_typed() {
    let server = behind_a_proxy().await;
    let address: IpAddr = "203.0.113.7".parse().unwrap();
    (0..10).for_each(|_| server.app.throttle.failed(address, "al", server.app.clock.now()));
    let guesser = server.stranger().with("x-forwarded-for", "203.0.113.7");
    let page = try_password(&guesser, "al", "pw-guessed").await;
    assert!(page.text().contains(r#"value="al""#) && page.text().contains("role=\"alert\""), "{}", page.text());
    assert!(!page.text().contains("pw-guessed"));
    must_wait(page);
}

#[tokio::test]
async fn an_address_that_tries_many_names_is_limited_and_loopback_is_not() {
    let server = behind_a_proxy().await;
    let counted = |address: &str| {
        let address: IpAddr = address.parse().unwrap();
        (0..60).for_each(|n| server.app.throttle.failed(address, &format!("user{n}"), server.app.clock.now()));
    };
    ["203.0.113.7", "127.0.0.1", "2001:db8:1:2::7"].into_iter().for_each(counted);
    let from = |address: &str| server.stranger().with("x-forwarded-for", address);
    must_wait(try_password(&from("203.0.113.7"), "another", "pw-guessed").await);
    // One customer of a provider has a whole /64.
    must_wait(try_password(&from("2001:db8:1:2:ffff::1"), "another", "pw-guessed").await);
    try_password(&from("2001:db8:1:3::7"), "another", "pw-guessed").await.expect(200);
    try_password(&server.stranger(), "another", "pw-guessed").await.expect(200);
}

#[tokio::test]
async fn proxy_headers_are_ignored_without_a_trusted_proxy() {
    let server = Server::start().await;
    (0..10).for_each(|_| server.app.throttle.failed(server.address.ip(), "al", server.app.clock.now()));
    for claim in ["203.0.113.7", "198.51.100.9, 203.0.113.8", "garbage", ""] {
        must_wait(try_password(&server.stranger().with("x-forwarded-for", claim), "al", "pw-guessed").await);
    }
}

#[tokio::test]
async fn sign_ups_of_one_address_are_limited() {
    let server = behind_a_proxy().await;
    let address: IpAddr = "203.0.113.7".parse().unwrap();
    while server.app.throttle.may_sign_up(address, server.app.clock.now()).is_ok() {}
    let fields = [("username", "al"), ("email", "al@e.test"), ("password1", PASSWORD), ("password2", PASSWORD)];
    let sign_up =
        async |claim: &str| server.stranger().with("x-forwarded-for", claim).post_form("/signup/", &fields).await;
    must_wait(sign_up("203.0.113.7").await);
    must_wait(sign_up("198.51.100.9, 203.0.113.7").await);
    assert!(stored::column::<i64>(&server, "SELECT id FROM users").is_empty());
    sign_up("198.51.100.9").await.expect(302);
}
