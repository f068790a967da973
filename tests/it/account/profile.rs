//! The profile and the privacy settings.

use hyper::Method;
use serde_json::{Value, json};

use super::ask;
use crate::support::{Answer, Caller, Server, Three, stored};

const ME: &str = "/api/v1/me/";

async fn change(who: &Caller, what: Value) -> Answer {
    ask(who, Method::PATCH, ME, &what.to_string()).await
}

#[tokio::test]
async fn profile_and_privacy_changes_are_stored() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    al.send("bo", "hello").await;
    let before = al.get(ME).await.json();
    let said = json!({ "display_name": "  Ali 🐴 ", "about": "Tea first.", "hides_typing": true });
    let me = change(&al, said).await.expect(200).json();
    assert_eq!((&me["display_name"], &me["about"]), (&json!("Ali 🐴"), &json!("Tea first.")));
    let hides = |me: &Value| ["hides_presence", "hides_typing", "hides_receipts"].map(|key| me[key] == true);
    assert_eq!(hides(&me), [false, true, false]);
    assert!(me["revision"].as_i64() > before["revision"].as_i64());
    assert_eq!(al.get(ME).await.json(), me);
    let seen = bo.conversation("al").await.json();
    assert_eq!((&seen["name"], &seen["about"]), (&json!("Ali 🐴"), &json!("Tea first.")));

    let same = change(&al, json!({ "about": "Tea first.", "hides_typing": true })).await.expect(200).json();
    assert_eq!(same["revision"], me["revision"], "no change, no revision");
    let flags = json!({ "hides_presence": true, "hides_typing": false, "hides_receipts": true });
    assert_eq!(hides(&change(&al, flags).await.expect(200).json()), [true, false, true]);
    for none in [json!(""), json!(null), json!(" \u{3000} ")] {
        change(&al, json!({ "display_name": "Ali" })).await.expect(200);
        assert_eq!(change(&al, json!({ "display_name": none })).await.expect(200).json()["display_name"], Value::Null);
    }
}

#[tokio::test]
async fn people_are_found_by_their_current_display_name_only() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    let found = async |name: &str| {
        let list = bo.get(&format!("/api/v1/user/?search={name}")).await.expect(200).json();
        list.as_array().unwrap().first().map_or(Value::Null, |person| person["name"].clone())
    };
    change(&al, json!({ "display_name": "Zebedee" })).await.expect(200);
    assert_eq!((found("zeb").await, found("al").await), (json!("Zebedee"), json!("Zebedee")));
    change(&al, json!({ "display_name": "al" })).await.expect(200);
    assert_eq!((found("zeb").await, found("al").await), (Value::Null, json!("al")));
}

#[tokio::test]
async fn a_change_with_an_invalid_field_is_refused_as_a_whole() {
    let server = Server::start().await;
    let Three { al, .. } = Three::join(&server).await;
    let before = stored::dump(&server);
    for (field, hostile) in [
        ("display_name", json!("al\u{202e}nimda")),
        ("display_name", json!("\u{200f}al")),
        ("display_name", json!("a\u{200b}l")),
        ("display_name", json!("\u{3164}")),
        ("display_name", json!("a\u{0}l")),
        ("display_name", json!("two\nlines")),
        ("display_name", json!("﷽".repeat(150))),
        ("display_name", json!("x".repeat(65))),
        ("display_name", json!({ "is": "this" })),
        ("about", json!("a\u{2066}b")),
        ("about", json!("a\u{7}b")),
        ("about", json!("x".repeat(141))),
        ("about", json!(["x"])),
        ("hides_presence", json!("perhaps")),
        ("hides_typing", json!(7)),
        ("hides_receipts", json!(null)),
    ] {
        let mut what = json!({ "display_name": "Ali", "about": "fine", "hides_presence": true });
        what[field] = hostile;
        let refused = change(&al, what.clone()).await.expect(400).json();
        assert!(refused[field][0].is_string() && refused.as_object().unwrap().len() == 1, "{what} {refused}");
    }
    change(&server.stranger(), json!({ "about": "x" })).await.expect(403);
    change(&al.with("origin", "https://evil.test"), json!({ "about": "x" })).await.expect(403);
    change(&al, json!(["about"])).await.expect(400);
    assert_eq!(stored::dump(&server), before);
    let wide = "﷽".repeat(64);
    assert_eq!(change(&al, json!({ "display_name": wide })).await.expect(200).json()["display_name"], wide);
    let markup = json!({ "display_name": "<img src=x onerror=alert(1)>" });
    assert_eq!(change(&al, markup.clone()).await.expect(200).json()["display_name"], markup["display_name"]);
}

#[tokio::test]
async fn profile_changes_are_rate_limited() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    let me = server.app.store.sessions(chinwag::model::UserId(1), server.app.clock.now()).await.unwrap();
    assert_eq!(me.len(), 1, "al is the first");
    let now = server.app.clock.now();
    (0..60).for_each(|_| server.app.throttle.may_change_profile(chinwag::model::UserId(1), now).unwrap());
    let waiting = change(&al, json!({ "about": "x" })).await.expect(429);
    assert!(waiting.header("retry-after").parse::<u64>().unwrap() <= 10);
    super::call(&al, Method::DELETE, "/api/v1/me/avatar/").await.expect(429);
    change(&bo, json!({ "about": "x" })).await.expect(200);
    server.advance(std::time::Duration::from_secs(11));
    change(&al, json!({ "about": "x" })).await.expect(200);
}
