//! Sending a message (section 8): what is accepted, what is refused, and that a refusal has no effect.

use bytes::Bytes;
use hyper::Method;
use serde_json::{Value, json};

use super::{keys, original};
use crate::support::{Answer, Caller, Server, Three, stored};

const PATH: &str = "/api/v1/message/";
const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data; boundary=XX";

/// The format of a refusal.
#[derive(Clone, Copy, Debug)]
enum Shape {
    /// `{"detail": "…"}`
    Detail,
    /// `{"field": ["…"], …}` with these fields.
    Fields(&'static [&'static str]),
    /// `["…"]`
    List,
}

impl Shape {
    #[track_caller]
    fn check(self, answer: &Answer) {
        let json = answer.json();
        let sentences =
            |value: &Value| value.as_array().is_some_and(|list| !list.is_empty() && list.iter().all(Value::is_string));
        match self {
            Self::Detail => assert!(keys(&json) == ["detail"] && json["detail"].is_string(), "{json}"),
            Self::List => assert!(sentences(&json), "{json}"),
            Self::Fields(fields) => {
                assert_eq!(keys(&json), fields);
                assert!(fields.iter().all(|field| sentences(&json[field])), "{json}");
            }
        }
    }
}

async fn post(who: &Caller, media: &str, body: impl Into<Bytes>) -> Answer {
    who.ask(Method::POST, PATH, Some(media).filter(|media| !media.is_empty()), body.into()).await
}

fn multipart(fields: &[(&str, &str)]) -> String {
    let part = |(name, value): &(&str, &str)| {
        format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    fields.iter().map(part).collect::<String>() + "--XX--\r\n"
}

#[tokio::test]
async fn a_message_is_accepted_in_three_media_types() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    let mut listening = bo.listen().await;
    for (media, body, text) in [
        (JSON, r#"{"recipient":"bo","body":"  padded \n\t "}"#.to_owned(), "padded"),
        ("application/json; charset=utf-8", r#"{"body":"h\u00e9","recipient":"bo"}"#.into(), "hé"),
        ("Application/JSON", r#" {"recipient":"bo","body":"spaced"} "#.into(), "spaced"),
        (FORM, "recipient=bo&body=hello+form%21%0A&csrfmiddlewaretoken=x".into(), "hello form!"),
        (MULTIPART, multipart(&[("recipient", "bo"), ("body", "a\nb & c=d")]), "a\nb & c=d"),
    ] {
        let answer = post(&al, media, body).await.expect(201);
        assert_eq!(answer.header("content-type"), JSON);
        let sent = answer.json();
        assert!(original(&sent).as_object().unwrap().values().all(|value| !value.is_null()), "{sent}");
        assert_eq!((&sent["user"], &sent["recipient"], &sent["body"]), (&json!("al"), &json!("bo"), &json!(text)));
        assert_eq!(listening.next_id().await, sent["id"]);
        assert_eq!(bo.get(&format!("{PATH}{}/", sent["id"])).await.expect(200).json(), original(&sent));
    }
}

#[tokio::test]
async fn input_that_the_original_accepted_is_accepted() {
    let server = Server::start().await;
    let Three { al, .. } = Three::join(&server).await;
    let ten_kilobytes = "x".repeat(10_000);
    let longest = "y".repeat(65_536);
    let forged = json!({"recipient": "bo", "body": "mine", "user": "cy", "id": 1, "timestamp": "2000-01-01T00:00:00Z"});
    for (input, recipient, text) in [
        (json!({"recipient": "al", "body": "note"}), "al", "note"),
        (forged, "bo", "mine"),
        (json!({"recipient": "bo", "body": 42}), "bo", "42"),
        (json!({"recipient": "  bo ", "body": "to bo"}), "bo", "to bo"),
        (json!({"recipient": "bo", "body": ten_kilobytes}), "bo", &ten_kilobytes),
        (json!({"recipient": "bo", "body": longest}), "bo", &longest),
        (json!({"recipient": "bo", "body": "\u{200b}"}), "bo", "\u{200b}"),
        (json!({"recipient": "bo", "body": "\u{a0}a\u{2003}"}), "bo", "a"),
        (json!({"recipient": "bo", "body": "'); DROP TABLE messages;--"}), "bo", "'); DROP TABLE messages;--"),
    ] {
        let sent = post(&al, JSON, input.to_string()).await.expect(201).json();
        assert_eq!(sent["user"], "al", "the sender is the logged-in person");
        assert_eq!((sent["recipient"].as_str(), sent["body"].as_str()), (Some(recipient), Some(text)));
        assert!(sent["timestamp"].as_str() > Some("2026"), "{sent}");
    }
    // The last of several equal names counts.
    let sent = post(&al, JSON, r#"{"recipient":"cy","body":"a","body":"b","recipient":"bo"}"#).await.expect(201).json();
    assert_eq!((&sent["recipient"], &sent["body"]), (&json!("bo"), &json!("b")));
}

#[tokio::test]
async fn a_refused_message_is_not_stored_and_nobody_is_notified() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    let (mut own, mut others) = (al.listen().await, bo.listen().await);
    let before = stored::dump(&server);
    const BOTH: Shape = Shape::Fields(&["body", "recipient"]);
    const BODY: Shape = Shape::Fields(&["body"]);
    const RECIPIENT: Shape = Shape::Fields(&["recipient"]);
    let too_long = json!({"recipient": "bo", "body": "x".repeat(65_537)}).to_string();
    let rows: &[(&str, &str, u16, Shape)] = &[
        (JSON, "{}", 400, BOTH),
        (JSON, "", 400, BOTH),
        (FORM, "", 400, BOTH),
        (MULTIPART, "", 400, BOTH),
        ("", "", 400, BOTH),
        (FORM, "a=b", 400, BOTH),
        (MULTIPART, "--XX--\r\n", 400, BOTH),
        (JSON, r#"{"recipient":"bo"}"#, 400, BODY),
        (FORM, "recipient=bo", 400, BODY),
        (JSON, r#"{"body":"x"}"#, 400, RECIPIENT),
        (FORM, "body=x", 400, RECIPIENT),
        (JSON, r#"{"recipient":"bo","body":""}"#, 400, BODY),
        (JSON, r#"{"recipient":"bo","body":" \n\t "}"#, 400, BODY),
        (JSON, r#"{"recipient":"bo","body":"\u00a0\u2003"}"#, 400, BODY),
        (JSON, r#"{"recipient":"bo","body":null}"#, 400, BODY),
        (JSON, r#"{"recipient":"bo","body":true}"#, 400, BODY),
        (JSON, r#"{"recipient":"bo","body":["x"]}"#, 400, BODY),
        (JSON, r#"{"recipient":"bo","body":{"x":1}}"#, 400, BODY),
        (JSON, r#"{"recipient":"bo","body":"a\u0000b"}"#, 400, BODY),
        (FORM, "recipient=bo&body=a%00b", 400, BODY),
        (JSON, r#"{"recipient":"bo","body":"a\ud800"}"#, 400, BODY),
        (JSON, &too_long, 400, BODY),
        (JSON, r#"{"recipient":"","body":"x"}"#, 400, RECIPIENT),
        (JSON, r#"{"recipient":"  ","body":"x"}"#, 400, RECIPIENT),
        (JSON, r#"{"recipient":null,"body":"x"}"#, 400, RECIPIENT),
        (JSON, r#"{"recipient":["bo"],"body":"x"}"#, 400, Shape::List),
        (JSON, r#"{"recipient":"nobody","body":" "}"#, 400, BODY),
        (JSON, r#"{"recipient":"nobody","body":"x"}"#, 404, Shape::Detail),
        (JSON, r#"{"recipient":"BO","body":"x"}"#, 404, Shape::Detail),
        (JSON, r#"{"recipient":"bad name!","body":"x"}"#, 404, Shape::Detail),
        (JSON, r#"{"recipient":"bo","body":"x""#, 400, Shape::Detail),
        (JSON, "recipient=bo&body=x", 400, Shape::Detail),
        (JSON, r#"{"recipient":"bo","body":NaN}"#, 400, Shape::Detail),
        (JSON, r#"{"recipient":"bo","body":"x"} {}"#, 400, Shape::Detail),
        (JSON, r#"[{"recipient":"bo","body":"x"}]"#, 400, Shape::Fields(&["non_field_errors"])),
        (JSON, r#""x""#, 400, Shape::Fields(&["non_field_errors"])),
        (JSON, "7", 400, Shape::Fields(&["non_field_errors"])),
        (JSON, "null", 400, Shape::List),
        ("text/plain", r#"{"recipient":"bo","body":"x"}"#, 415, Shape::Detail),
        ("application/xml", "<x/>", 415, Shape::Detail),
        ("", r#"{"recipient":"bo","body":"x"}"#, 415, Shape::Detail),
        ("multipart/form-data", "x", 400, Shape::Detail),
        (MULTIPART, "no parts at all", 400, Shape::Detail),
    ];
    for (media, body, status, shape) in rows {
        let answer = post(&al, media, (*body).to_owned()).await;
        assert_eq!(answer.status.as_u16(), *status, "{media}: {body:.80}: {}", answer.text());
        shape.check(&answer);
    }
    let deep = format!(r#"{{"recipient":"bo","body":{}1{}}}"#, "[".repeat(5_000), "]".repeat(5_000));
    post(&al, JSON, deep).await.expect(400);
    Shape::Detail.check(&post(&al, JSON, b"{\"recipient\":\"bo\",\"body\":\"\xff\"}".to_vec()).await.expect(400));
    post(&server.stranger(), JSON, r#"{"recipient":"bo","body":"x"}"#).await.expect(403);

    assert_eq!(stored::dump(&server), before);
    // A frame for any of these would arrive before that of the first stored message.
    let sent = al.send("bo", "the first").await;
    assert_eq!(own.next_id().await, sent["id"]);
    assert_eq!(others.next_id().await, sent["id"]);
}
