//! What the API has beyond the original's: keyset pagination, idempotent sends, and its own description.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::people::join_as;
use crate::support::{Answer, Caller, Server, Three, join};

const MESSAGES: &str = "/api/v1/message/";

/// More pages than any list here has.
const MOST_PAGES: usize = 200;

/// The path of an absolute link to this server.
fn path<'l>(server: &Server, link: &'l str) -> &'l str {
    link.strip_prefix(&format!("http://{}", server.address)).expect("a link to this server")
}

fn ids(page: &Value) -> Vec<i64> {
    page["results"].as_array().unwrap().iter().map(|message| message["id"].as_i64().unwrap()).collect()
}

/// Follows `next` to the end; runs `between` before each further page.
async fn follow(server: &Server, who: &Caller, start: &str, mut between: impl AsyncFnMut()) -> Vec<Vec<i64>> {
    let (mut pages, mut next) = (Vec::new(), start.to_owned());
    loop {
        let page = who.get(&next).await.expect(200).json();
        assert_eq!(page["previous"], Value::Null);
        pages.push(ids(&page));
        assert!(pages.len() <= MOST_PAGES, "the links form a loop");
        let Some(link) = page["next"].as_str() else { return pages };
        next = path(server, link).to_owned();
        between().await;
    }
}

#[tokio::test]
async fn keyset_pages_visit_every_message_once_while_others_arrive() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    let mut sent = Vec::new();
    for n in 0..25 {
        let (from, to) = if n % 3 == 0 { (&bo, "al") } else { (&al, "bo") };
        sent.push(from.send(to, &n.to_string()).await["id"].as_i64().unwrap());
        al.send("al", "in another conversation").await;
    }
    let newest = sent[24] + 1;
    let arriving = async || {
        bo.send("al", "new").await;
    };
    let back = follow(&server, &al, &format!("{MESSAGES}?target=bo&before={newest}&limit=7"), arriving).await;
    assert_eq!(back.iter().map(Vec::len).collect::<Vec<_>>(), [7, 7, 7, 4]);
    let expected: Vec<i64> = sent.iter().rev().copied().collect();
    assert_eq!(back.concat(), expected, "newest first, each once, and none that came later");

    // In the other direction, messages that arrive meanwhile are at the end.
    let start = format!("{MESSAGES}?after={}&limit=10&target=bo", sent[9]);
    let mut late = Vec::new();
    let forth = follow(&server, &al, &start, async || {
        if late.len() < 2 {
            late.push(bo.send("al", "late").await["id"].as_i64().unwrap());
        }
    });
    let forth = forth.await.concat();
    assert_eq!(forth[..15], sent[10..]);
    assert!(forth.is_sorted() && forth.ends_with(&late), "{forth:?}: {late:?}");

    // Without a target, over all conversations; an id that never existed is a valid start.
    let all = follow(&server, &al, &format!("{MESSAGES}?before={}&limit=100", i64::MAX), async || {}).await.concat();
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
    assert_eq!(all.len() as i64, al.get(MESSAGES).await.json()["count"].as_i64().unwrap());
    assert!(all.is_sorted_by(|newer, older| newer > older));
    let up = follow(&server, &al, &format!("{MESSAGES}?after=-5&limit=9"), async || {}).await.concat();
    assert_eq!(up, all.iter().rev().copied().collect::<Vec<_>>());
}

#[tokio::test]
async fn a_keyset_page_is_bounded_and_reports_invalid_parameters() {
    let server = Server::start().await;
    let Three { al, .. } = Three::join(&server).await;
    for n in 0..16 {
        al.send("bo", &n.to_string()).await;
    }
    let page = al.get(&format!("{MESSAGES}?after=0")).await.expect(200).json();
    assert_eq!((ids(&page).len(), &page["count"]), (15, &json!(16)));
    let last = ids(&page)[14];
    assert_eq!(page["next"], format!("http://{}{MESSAGES}?after={last}", server.address));
    for (query, field) in [
        ("before=x", "before"),
        ("before=", "before"),
        ("after=1.5", "after"),
        ("after=99999999999999999999", "after"),
        ("before=1&after=1", "before"),
        ("after=0&limit=0", "limit"),
        ("after=0&limit=101", "limit"),
        ("after=0&limit=-1", "limit"),
        ("before=9&limit=x", "limit"),
    ] {
        let refused = al.get(&format!("{MESSAGES}?{query}")).await.expect(400).json();
        assert!(refused[field][0].is_string(), "{query}: {refused}");
    }
    for query in ["before=0", "before=-9", "before=9&target=nobody", "after=9223372036854775807", "after=0&target=cy"] {
        let page = al.get(&format!("{MESSAGES}?{query}")).await.expect(200).json();
        assert_eq!((&page["results"], &page["next"]), (&json!([]), &Value::Null), "{query}");
    }
}

/// All pages of the list of people, by following its `Link` headers.
async fn everyone(server: &Server, who: &Caller, start: &str) -> Vec<Vec<String>> {
    let (mut pages, mut next) = (Vec::new(), start.to_owned());
    loop {
        let answer = who.get(&next).await.expect(200);
        let list = answer.json();
        let names = list.as_array().unwrap().iter().map(|person| person["username"].as_str().unwrap().to_owned());
        pages.push(names.collect());
        assert!(pages.len() <= MOST_PAGES, "the links form a loop");
        let Some(link) = answer.header("link").strip_prefix('<') else { return pages };
        let link = link.strip_suffix(">; rel=\"next\"").expect("RFC 8288");
        next = path(server, link).to_owned();
    }
}

#[tokio::test]
async fn the_list_of_people_is_complete_ordered_and_without_duplicates() {
    let server = Server::start().await;
    let al = join(&server, "al").await;
    let mut names: Vec<String> = (0..103).map(|n| format!("u{n:03}")).collect();
    for name in &names {
        // A person with a display name does not appear twice.
        join_as(&server, name, Some(&format!("Named {name}")), "!").await;
    }
    // Someone without any message of al's may have many with others.
    for name in ["u050", "u007", "u101"] {
        al.send(name, "hello").await;
    }
    names.retain(|name| !["u050", "u007", "u101"].contains(&name.as_str()));
    let expected: Vec<String> = ["u101", "u007", "u050"].map(str::to_owned).into_iter().chain(names).collect();
    for (limit, sizes) in [
        ("", vec![100, 3]),
        ("?limit=50", vec![50, 50, 3]),
        ("?limit=1", vec![1; 103]),
        ("?limit=3", [vec![3; 34], vec![1]].concat()),
    ] {
        let pages = everyone(&server, &al, &format!("/api/v1/user/{limit}")).await;
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), sizes, "{limit}");
        assert_eq!(pages.concat(), expected, "{limit}");
    }
    for (query, field) in [("limit=0", "limit"), ("limit=101", "limit"), ("limit=x", "limit"), ("cursor=x", "cursor")] {
        let refused = al.get(&format!("/api/v1/user/?{query}")).await.expect(400).json();
        assert!(refused[field][0].is_string(), "{query}: {refused}");
    }
}

#[tokio::test]
async fn people_are_found_by_a_prefix_of_either_name_in_any_case() {
    let server = Server::start().await;
    let al = join(&server, "al").await;
    for (name, display_name) in [
        ("Anna", None),
        ("hannah", Some("Annabel")),
        ("zoe", Some("  Ünsal Straße")),
        ("bob_1", None),
        ("bobby", Some("100% bob")),
        ("alice", Some("alice")),
    ] {
        join_as(&server, name, display_name, "!").await;
    }
    al.send("hannah", "hello").await;
    for (search, found) in [
        ("ann", vec!["hannah", "Anna"]),
        ("ANNA", vec!["hannah", "Anna"]),
        ("annab", vec!["hannah"]),
        ("nna", vec![]),
        ("han", vec!["hannah"]),
        ("ali", vec!["alice"]),
        ("al", vec!["alice"]),
        ("100%", vec!["bobby"]),
        ("bob_", vec!["bob_1"]),
        ("bob%", vec![]),
        ("b*", vec![]),
        ("  bobb ", vec!["bobby"]),
        ("' OR 1=1", vec![]),
        ("", vec!["hannah", "alice", "Anna", "bob_1", "bobby", "zoe"]),
    ] {
        let query: String = form_urlencoded::byte_serialize(search.as_bytes()).collect();
        let pages = everyone(&server, &al, &format!("/api/v1/user/?search={query}&limit=2")).await;
        let mut names = pages.concat();
        if search.is_empty() {
            // Sorted by the first of a person's names: bobby is also called 100% bob.
            names[1..].sort_unstable_by_key(|name| name.to_lowercase());
        }
        assert_eq!(names, found, "{search}");
    }
}

fn keyed(key: &str, recipient: &str, body: &str) -> String {
    json!({"recipient": recipient, "body": body, "client_id": key}).to_string()
}

#[tokio::test]
async fn a_repeated_send_returns_the_same_message_even_after_a_restart() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    let first = al.post_json(MESSAGES, keyed("k-1", "bo", "hello")).await.expect(201);
    assert_eq!(first.header("location"), format!("{MESSAGES}{}/", first.json()["id"]));
    let same = |answer: Answer| assert_eq!(answer.expect(200).json(), first.json());
    same(al.post_json(MESSAGES, keyed("k-1", " bo ", "  hello\n")).await);
    let form = [("recipient", "bo"), ("body", "hello")];
    same(al.with("idempotency-key", "k-1").post_form(MESSAGES, &form).await);
    for (recipient, body) in [("bo", "other"), ("cy", "hello")] {
        let refused = al.post_json(MESSAGES, keyed("k-1", recipient, body)).await.expect(422);
        assert!(refused.json()["detail"].is_string());
    }
    // A key belongs to its sender; without a key, every send is a new message.
    bo.post_json(MESSAGES, keyed("k-1", "al", "hello")).await.expect(201);
    al.with("idempotency-key", "k-2").post_form(MESSAGES, &form).await.expect(201);
    al.post_form(MESSAGES, &form).await.expect(201);
    al.post_json(MESSAGES, r#"{"recipient":"bo","body":"hello","client_id":null}"#).await.expect(201);
    assert_eq!(al.get(&format!("{MESSAGES}?target=bo")).await.json()["count"], 5);

    let server = server.restart().await;
    let al = Caller { address: server.address, ..al };
    same(al.post_json(MESSAGES, keyed("k-1", "bo", "hello")).await);
    al.post_json(MESSAGES, keyed("k-1", "bo", "other")).await.expect(422);
    assert_eq!(al.get(&format!("{MESSAGES}?target=bo")).await.json()["count"], 5);
}

#[tokio::test]
async fn a_key_stays_valid_after_a_thousand_messages_a_week_and_a_clock_set_back() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    let first = al.post_json(MESSAGES, keyed("k", "bo", "hello")).await.expect(201).json();
    // Enough later sends that a limited store of recent keys would have dropped this one.
    for number in 0..1_100 {
        bo.send("al", &format!("message {number}")).await;
    }
    server.advance(Duration::from_secs(7 * 24 * 60 * 60));
    assert_eq!(al.post_json(MESSAGES, keyed("k", "bo", "hello")).await.expect(200).json(), first);
    let before = al.post_json(MESSAGES, keyed("later", "bo", "later")).await.expect(201).json();

    // After a restart the system clock is used again, which is a week behind.
    let server = server.restart().await;
    let al = Caller { address: server.address, ..al };
    assert_eq!(al.post_json(MESSAGES, keyed("k", "bo", "hello")).await.expect(200).json(), first);
    assert_eq!(al.post_json(MESSAGES, keyed("later", "bo", "later")).await.expect(200).json(), before);
    let after = al.send("bo", "after").await;
    assert!(after["timestamp"].as_str() < before["timestamp"].as_str());
    assert!(after["id"].as_i64() > before["id"].as_i64());
    assert_eq!(al.get(&format!("{MESSAGES}?target=bo")).await.json()["results"][0]["id"], after["id"]);
}

#[tokio::test]
async fn concurrent_repeats_make_one_message_and_one_frame() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    let (mut own, mut others) = (al.listen().await, bo.listen().await);
    let repeats: Vec<_> = (0..50)
        .map(|_| {
            let al = al.clone();
            tokio::spawn(async move { al.post_json(MESSAGES, keyed("k", "bo", "once")).await })
        })
        .collect();
    let (mut statuses, mut messages) = (BTreeMap::new(), BTreeSet::new());
    for repeat in repeats {
        let answer = repeat.await.unwrap();
        *statuses.entry(answer.status.as_u16()).or_insert(0) += 1;
        messages.insert(answer.json().to_string());
    }
    assert_eq!((statuses, messages.len()), (BTreeMap::from([(200, 49), (201, 1)]), 1));
    let next = al.send("bo", "next").await["id"].as_i64().unwrap();
    for listener in [&mut own, &mut others] {
        assert!(listener.next_id().await < next);
        assert_eq!(listener.next_id().await, next, "one frame for all fifty");
    }
    assert_eq!(bo.get(MESSAGES).await.json()["count"], 2);
}

#[tokio::test]
async fn an_invalid_key_is_refused() {
    let server = Server::start().await;
    let Three { al, .. } = Three::join(&server).await;
    for key in ["", " ", "a b", "ü", &"x".repeat(65)] {
        let refused = al.post_json(MESSAGES, keyed(key, "bo", "hello")).await.expect(400).json();
        assert!(refused["client_id"][0].is_string(), "{key}: {refused}");
    }
    for input in
        [r#"{"recipient":"bo","body":"x","client_id":["k"]}"#, r#"{"recipient":"bo","body":"x","client_id":true}"#]
    {
        assert!(al.post_json(MESSAGES, input).await.expect(400).json()["client_id"][0].is_string(), "{input}");
    }
    // Two keys are ambiguous.
    let two = al.with("idempotency-key", "k-1").with("idempotency-key", "k-2");
    two.post_form(MESSAGES, &[("recipient", "bo"), ("body", "hello")]).await.expect(400);
    assert_eq!(al.get(MESSAGES).await.json()["count"], 0);
}
