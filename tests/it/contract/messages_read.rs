//! A message, and the list of a person's messages by page number (sections 6 and 7).

use serde_json::{Value, json};

use super::{detail, keys, original};
use crate::support::{Caller, Server, Three, join, stored};

async fn list(who: &Caller, query: &str) -> Value {
    who.get(&format!("/api/v1/message/{query}")).await.expect(200).json()
}

/// The ids on a page, in its order.
fn ids(page: &Value) -> Vec<i64> {
    page["results"].as_array().unwrap().iter().map(|message| message["id"].as_i64().unwrap()).collect()
}

/// Sends this many messages in turns and returns their ids, newest first.
async fn exchange(one: &Caller, other: &Caller, count: usize) -> Vec<i64> {
    let mut ids = Vec::new();
    for n in 0..count {
        let (from, to) = if n % 2 == 0 { (one, other) } else { (other, one) };
        ids.insert(0, from.send(&to.name, &n.to_string()).await["id"].as_i64().unwrap());
    }
    ids
}

#[tokio::test]
async fn a_message_has_the_originals_form() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    let body = "hello\n\t<b>&amp;\"'\\ 👍🏽 שלום \u{200b} end";
    let sent = al.send("bo", body).await;
    let text = al.get(&format!("/api/v1/message/{}/", sent["id"])).await.expect(200).text();
    let order = ["\"id\":", "\"user\":", "\"recipient\":", "\"timestamp\":", "\"body\":"].map(|key| text.find(key));
    assert!(order.is_sorted() && order[0].is_some(), "{text}");
    assert!(text.contains("👍🏽") && text.contains("<b>"), "not escaped: {text}");
    let found = bo.get(&format!("/api/v1/message/{}/", sent["id"])).await.json();
    assert_eq!(found, original(&sent));
    assert_eq!(found["user"], "al");
    assert_eq!(found["recipient"], "bo");
    assert_eq!(found["body"], body);
    let next = bo.send("al", "later").await;
    assert!(next["id"].as_i64() > sent["id"].as_i64());
    let form = |text: &str| text.replace(|c: char| c.is_ascii_digit(), "0");
    assert_eq!(form(sent["timestamp"].as_str().unwrap()), "0000-00-00T00:00:00.000000Z");
}

#[tokio::test]
async fn a_whole_second_has_no_decimals() {
    let server = Server::start().await;
    let Three { al, .. } = Three::join(&server).await;
    al.send("bo", "hello").await;
    for (micros, shown) in
        [(1_767_323_045_000_000_i64, "2026-01-02T03:04:05Z"), (1_767_323_045_000_700, "2026-01-02T03:04:05.000700Z")]
    {
        stored::change(&server, &format!("UPDATE messages SET created_at = {micros}"));
        assert_eq!(list(&al, "").await["results"][0]["timestamp"], shown);
        assert_eq!(al.get("/api/v1/user/").await.json()[0]["timestamp"], shown);
    }
}

#[tokio::test]
async fn only_its_two_members_can_read_a_message() {
    let server = Server::start().await;
    let Three { al, bo, cy } = Three::join(&server).await;
    let id = al.send("bo", "secret").await["id"].as_i64().unwrap();
    let note = al.send("al", "note").await["id"].as_i64().unwrap();
    for (who, path, status) in [
        (&al, id.to_string(), 200),
        (&bo, id.to_string(), 200),
        (&cy, id.to_string(), 404),
        (&server.stranger(), id.to_string(), 403),
        (&al, note.to_string(), 200),
        (&bo, note.to_string(), 404),
        (&al, format!("{id}.json"), 200),
        (&cy, format!("{id}.json"), 404),
        (&al, (id + 1_000).to_string(), 404),
        (&al, "0".into(), 404),
        (&al, "-1".into(), 404),
        (&al, "abc".into(), 404),
        (&al, "%20".into(), 404),
        (&al, "1%00".into(), 404),
        (&al, "1'--".into(), 404),
        (&al, "9".repeat(30), 404),
        (&al, i64::MAX.to_string(), 404),
        (&al, i64::MIN.to_string(), 404),
    ] {
        for path in [format!("/api/v1/message/{path}/"), format!("/api/v1/message/{path}")] {
            let answer = who.get(&path).await.expect(status);
            match status {
                200 => assert_eq!(answer.json()["user"], "al", "{path}"),
                _ => assert!(!answer.text().contains("secret") && !detail(&answer).is_empty(), "{path}"),
            }
        }
    }
    // A message of other people gets the same answer as one that does not exist.
    let (foreign, unknown) = (cy.get(&format!("/api/v1/message/{id}/")).await, cy.get("/api/v1/message/999/").await);
    assert_eq!((foreign.status, foreign.text()), (unknown.status, unknown.text()));
    for query in ["", "?target=al", "?target=bo", "?before=999999", "?after=0"] {
        assert_eq!(list(&cy, query).await["results"], json!([]), "{query}");
    }
}

#[tokio::test]
async fn the_list_comes_in_pages_of_fifteen_newest_first() {
    let server = Server::start().await;
    let Three { al, bo, cy } = Three::join(&server).await;
    let empty = json!({"count": 0, "next": null, "previous": null, "results": []});
    assert_eq!(list(&al, "").await, empty);
    let sent = exchange(&al, &bo, 18).await;
    let elsewhere = al.send("cy", "elsewhere").await["id"].as_i64().unwrap();
    bo.send("cy", "not al's").await;
    let here = format!("http://{}/api/v1/message/", server.address);

    let first = list(&al, "?target=bo").await;
    assert_eq!(keys(&first), ["count", "next", "previous", "results"]);
    assert_eq!((&first["count"], ids(&first)), (&json!(18), sent[..15].to_vec()));
    assert_eq!(first["next"], format!("{here}?page=2&target=bo"));
    assert_eq!(first["previous"], Value::Null);

    let second = list(&al, "?page=2&target=bo").await;
    assert_eq!((&second["count"], ids(&second)), (&json!(18), sent[15..].to_vec()));
    assert_eq!(second["next"], Value::Null);
    assert_eq!(second["previous"], format!("{here}?target=bo"), "the first page has no number");

    for (query, same_as) in [
        ("?page=1&target=bo", &first),
        ("?target=bo&page=2", &second),
        ("?page=%202&target=bo", &second),
        ("?page=last&target=bo", &second),
        ("?target=cy&target=bo", &first),
    ] {
        let found = list(&al, query).await;
        assert_eq!(found["results"], same_as["results"], "{query}");
        assert_eq!(found["count"], 18, "{query}");
    }
    // The other person sees the same conversation; without a target all messages are in one list.
    assert_eq!(ids(&list(&bo, "?target=al").await), sent[..15]);
    let all = list(&al, "").await;
    assert_eq!((&all["count"], ids(&all)[0], ids(&all)[1]), (&json!(19), elsewhere, sent[0]));
    assert_eq!(all["next"], format!("{here}?page=2"));
    assert_eq!(list(&al, "?page=2").await["previous"], here);
    assert_eq!(ids(&list(&cy, "?target=al").await), [elsewhere]);

    // The third page links to the second by its number.
    exchange(&al, &bo, 13).await;
    let third = list(&al, "?page=3&target=bo").await;
    assert_eq!((&third["previous"], ids(&third).len()), (&json!(format!("{here}?page=2&target=bo")), 1));
    assert_eq!(list(&al, "?page=2").await["next"], format!("{here}?page=3"));
}

#[tokio::test]
async fn pages_that_do_not_exist_are_404() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    for query in ["?page=2", "?page=2&target=bo", "?page=2&target=nobody", "?page=2&target="] {
        detail(&al.get(&format!("/api/v1/message/{query}")).await.expect(404));
    }
    exchange(&al, &bo, 16).await;
    let huge = "9".repeat(30);
    for page in ["3", "0", "-1", "abc", "", "1.0", "%20", "2x", "9223372036854775807", huge.as_str()] {
        for target in ["", "&target=bo"] {
            detail(&al.get(&format!("/api/v1/message/?page={page}{target}")).await.expect(404));
        }
    }
}

#[tokio::test]
async fn a_target_is_one_exact_name() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    join(&server, "a.b+c@d-_").await;
    let odd = al.send("a.b+c@d-_", "odd").await["id"].as_i64().unwrap();
    let to_bo = al.send("bo", "one").await["id"].as_i64().unwrap();
    let from_bo = bo.send("al", "two").await["id"].as_i64().unwrap();
    let note = al.send("al", "note").await["id"].as_i64().unwrap();
    for (query, found) in [
        ("?target=bo", vec![from_bo, to_bo]),
        ("?target=al", vec![note]),
        ("?target=BO", vec![]),
        ("?target=b", vec![]),
        ("?target=cy", vec![]),
        ("?target=nobody", vec![]),
        ("?target=", vec![]),
        ("?target=bo&target=nobody", vec![]),
        ("?target=%27%20OR%201=1--", vec![]),
        ("?target=bo%00", vec![]),
        ("?target=a.b%2Bc%40d-_", vec![odd]),
        ("", vec![note, from_bo, to_bo, odd]),
    ] {
        let page = list(&al, query).await;
        assert_eq!((&page["count"], ids(&page)), (&json!(found.len()), found), "{query}");
    }
}

#[tokio::test]
async fn other_parameters_change_nothing_and_are_kept_in_links() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    let sent = exchange(&al, &bo, 31).await;
    let query = "?target=bo&page_size=2&limit=3&foo=a%26b&page=2";
    let page = list(&al, query).await;
    assert_eq!(ids(&page), sent[15..30]);
    let here = format!("http://{}/api/v1/message/", server.address);
    assert_eq!(page["next"], format!("{here}?foo=a%26b&limit=3&page=3&page_size=2&target=bo"));
    assert_eq!(page["previous"], format!("{here}?foo=a%26b&limit=3&page_size=2&target=bo"));

    let json = al.get("/api/v1/message/?format=json").await.expect(200);
    assert_eq!(json.header("content-type"), "application/json");
    al.get("/api/v1/message/?format=xml").await.expect(404);
    for accept in ["*/*", "application/json", "text/html,*/*;q=0.8"] {
        let answer = al.with("accept", accept).get("/api/v1/message/").await.expect(200);
        assert_eq!(answer.header("content-type"), "application/json", "{accept}");
    }
}

#[tokio::test]
async fn links_have_the_requested_host() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    exchange(&al, &bo, 16).await;
    let asked = al.with("host", "chat.example:8443").with("x-forwarded-proto", "https");
    let asked = asked.with("x-forwarded-host", "evil.test").with("x-forwarded-for", "6.6.6.6");
    let page = list(&asked, "").await;
    assert_eq!(page["next"], "http://chat.example:8443/api/v1/message/?page=2", "no proxy is trusted here");
}

#[tokio::test]
async fn messages_with_equal_timestamps_are_ordered_by_id() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    let sent = exchange(&al, &bo, 5).await;
    stored::change(&server, "UPDATE messages SET created_at = 1767323045000000");
    assert_eq!(ids(&list(&al, "").await), sent);
    assert_eq!(ids(&list(&bo, "?target=al").await), sent);
}
