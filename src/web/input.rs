//! The body of a request, in any of the three forms the original took. Its size and the wait for it are bounded, and
//! nothing is read before a handler asks for it.

use std::pin::Pin;

use bytes::{Buf, Bytes, BytesMut};
use futures_util::future::Either;
use futures_util::{Stream, StreamExt};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use tokio::runtime::Handle;
use tokio::task::{spawn_blocking, yield_now};
use tokio::time::timeout;
use warp::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};

use super::cx::Cx;
use super::problem::Problem;
use super::query::Query;
use crate::actions::{FieldCode, FieldError};

/// Largest request body, in bytes.
pub const MAX_BODY: usize = 256 * 1024;

/// From this size in bytes a body is parsed on a blocking thread: a long one may take a millisecond, in which nobody
/// else would be served.
const LONG: usize = 16 * 1024;

/// Fields that are read; further ones are ignored like unknown fields. A body of very many fields would keep everybody
/// on this thread waiting for milliseconds.
const MOST_FIELDS: usize = 1_000;

const MULTIPART: &str = "multipart/form-data";

type Chunks = Pin<Box<dyn Stream<Item = Result<Bytes, warp::Error>> + Send>>;

/// A body that has not been read yet.
pub struct Body(Chunks);

impl Body {
    pub fn new<B: Buf>(chunks: impl Stream<Item = Result<B, warp::Error>> + Send + 'static) -> Self {
        Self(Box::pin(chunks.map(|chunk| chunk.map(|mut data| data.copy_to_bytes(data.remaining())))))
    }

    /// The whole body, within its bounds of size and time.
    async fn read(self, cx: &Cx, most: usize) -> Result<Bytes, Problem> {
        let announced = cx.request.header(CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
        if announced.is_some_and(|length| length > most as u64) {
            return Err(Problem::too_large(most));
        }
        let length = announced.unwrap_or(0) as usize;
        timeout(cx.app.config.timeouts.body, collect(self.0, length, most)).await.map_err(|_| Problem::timeout())?
    }

    /// The fields of a JSON object, a form or a multipart form; anything else is refused.
    pub async fn fields(self, cx: &Cx) -> Result<Fields, Problem> {
        let form = media_type(cx).and_then(Form::of).ok_or_else(Problem::unsupported_media)?;
        let body = self.read(cx, MAX_BODY).await?;
        parse(body.len(), async move {
            match form {
                Form::Json => Fields::from_json(&body),
                Form::Urlencoded => Ok(Fields::from_form(&body)),
                // Boxed, because every request's future would otherwise be larger.
                Form::Multipart(media) => Box::pin(Fields::from_multipart(&media, body)).await,
                Form::Unnamed if body.is_empty() => Ok(Fields::default()),
                Form::Unnamed => Err(Problem::unsupported_media()),
            }
        })
        .await
    }

    /// A picture of at most `most` bytes: the body as it is, or the part `field` of a multipart form.
    pub async fn picture(self, cx: &Cx, field: &'static str, most: usize) -> Result<Bytes, Problem> {
        let media = media_type(cx).ok_or_else(Problem::not_a_picture)?;
        match essence(media).to_ascii_lowercase().as_str() {
            "image/jpeg" | "image/png" | "image/webp" | "image/gif" => self.read(cx, most).await,
            MULTIPART => {
                let (media, body) = (media.to_owned(), self.read(cx, most).await?);
                parse(body.len(), async move { part(&media, body, field).await }).await
            }
            _ => Err(Problem::not_a_picture()),
        }
    }

    /// The fields of a form from one of our pages.
    pub async fn form(self, cx: &Cx) -> Result<Query, Problem> {
        let fields = self.fields(cx).await?;
        Ok(fields.0.into_iter().filter_map(|(name, value)| Some((name, value.text.ok()?))).collect())
    }
}

/// Parses a body of this length: a long one on a blocking thread. (Not an `async fn`, whose future would hold
/// `parsing` twice.)
fn parse<T: Send + 'static>(
    length: usize,
    parsing: impl Future<Output = Result<T, Problem>> + Send + 'static,
) -> impl Future<Output = Result<T, Problem>> {
    if length <= LONG {
        return Either::Left(parsing);
    }
    let parsed = spawn_blocking(move || Handle::current().block_on(parsing));
    Either::Right(async move { parsed.await.map_err(|_| Problem::internal())? })
}

/// The forms in which fields come.
enum Form {
    Json,
    Urlencoded,
    /// With the media type, which says what stands between the parts.
    Multipart(String),
    /// No type was given, which is right for an empty body.
    Unnamed,
}

impl Form {
    fn of(media: &str) -> Option<Self> {
        let essence = essence(media);
        let is = |name| essence.eq_ignore_ascii_case(name);
        if is("application/json") {
            Some(Self::Json)
        } else if is("application/x-www-form-urlencoded") {
            Some(Self::Urlencoded)
        } else if is(MULTIPART) {
            Some(Self::Multipart(media.to_owned()))
        } else {
            is("").then_some(Self::Unnamed)
        }
    }
}

/// The body's media type; nothing for a compressed body.
fn media_type(cx: &Cx) -> Option<&str> {
    if cx.request.headers.get_all(CONTENT_ENCODING).iter().any(|encoding| encoding != "identity") {
        return None;
    }
    Some(cx.request.header(CONTENT_TYPE).unwrap_or_default())
}

/// A media type without its parameters.
fn essence(media: &str) -> &str {
    media.split(';').next().unwrap_or_default().trim()
}

/// The chunks as one; a single one without a copy. Of many each is taken in a separate poll: a picture that has arrived
/// already would keep everybody else on this thread waiting until it is copied.
async fn collect(mut chunks: Chunks, length: usize, most: usize) -> Result<Bytes, Problem> {
    let Some(first) = next(&mut chunks, 0, most).await? else { return Ok(Bytes::new()) };
    if first.len() == length {
        // Nothing can follow.
        return Ok(first);
    }
    let Some(second) = next(&mut chunks, first.len(), most).await? else { return Ok(first) };
    let mut whole = BytesMut::with_capacity(length.max(first.len() + second.len()));
    whole.extend_from_slice(&first);
    whole.extend_from_slice(&second);
    while let Some(chunk) = next(&mut chunks, whole.len(), most).await? {
        whole.extend_from_slice(&chunk);
        yield_now().await;
    }
    Ok(whole.freeze())
}

/// The chunk after so many bytes.
async fn next(chunks: &mut Chunks, before: usize, most: usize) -> Result<Option<Bytes>, Problem> {
    match chunks.next().await {
        None => Ok(None),
        Some(Ok(chunk)) if before + chunk.len() <= most => Ok(Some(chunk)),
        Some(Ok(_)) => Err(Problem::too_large(most)),
        Some(Err(_)) => Err(Problem::malformed("The request's body ended too early.")),
    }
}

fn parts(media: &str, body: Bytes) -> Result<multer::Multipart<'static>, Problem> {
    let boundary = multer::parse_boundary(media).map_err(malformed)?;
    let whole = futures_util::stream::iter([Ok::<_, std::convert::Infallible>(body)]);
    Ok(multer::Multipart::new(whole, boundary))
}

/// The part of this name of a multipart form.
async fn part(media: &str, body: Bytes, field: &str) -> Result<Bytes, Problem> {
    let mut parts = parts(media, body)?;
    while let Some(part) = parts.next_field().await.map_err(malformed)? {
        if part.name() == Some(field) {
            return part.bytes().await.map_err(malformed);
        }
    }
    Err(Problem::malformed(format!("The form has no part called {field}.")))
}

fn malformed(_: multer::Error) -> Problem {
    Problem::malformed("The body is not a valid multipart form.")
}

/// The fields of a body.
#[derive(Debug, Default)]
pub struct Fields(Vec<(String, Field)>);

/// A field's value in both forms: as text, and as a flag.
#[derive(Debug)]
struct Field {
    text: Result<String, NotText>,
    flag: Option<bool>,
}

/// A value that is not text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotText {
    Null,
    List,
    Other,
}

impl Field {
    fn of_form(text: String) -> Self {
        Self { flag: flag(&text), text: Ok(text) }
    }

    /// A valid JSON value, as it is in the body. A number is its digits as text, as in the original.
    fn of_json(json: &str) -> Self {
        let text = match json.as_bytes() {
            // A string without escapes is what is between its quotes.
            [b'"', ..] if !json.contains('\\') => Ok(json[1..json.len() - 1].to_owned()),
            [b'"', ..] => serde_json::from_str(json).map_err(|_| NotText::Other),
            [b'0'..=b'9' | b'-', ..] => Ok(json.to_owned()),
            [b'n', ..] => Err(NotText::Null),
            [b'[', ..] => Err(NotText::List),
            _ => Err(NotText::Other),
        };
        Self { flag: flag(json), text }
    }
}

fn flag(word: &str) -> Option<bool> {
    match word {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

impl Fields {
    /// Takes a field out as text; the last one of its name counts.
    pub fn take(&mut self, name: &str) -> Option<Result<String, NotText>> {
        Some(self.remove(name)?.text)
    }

    /// Takes a field out as yes or no: `true`, `1`, `false` or `0`.
    pub fn take_flag(&mut self, name: &str) -> Option<Result<bool, NotText>> {
        Some(self.remove(name)?.flag.ok_or(NotText::Other))
    }

    fn remove(&mut self, name: &str) -> Option<Field> {
        let index = self.0.iter().rposition(|(key, _)| key == name)?;
        Some(self.0.remove(index).1)
    }

    /// Reads an object's fields, each value separately, so that a bad value is an error of that field alone.
    fn from_json(body: &[u8]) -> Result<Self, Problem> {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self::default());
        }
        let malformed = |_| Problem::malformed("The body is not valid JSON.");
        let text = std::str::from_utf8(body).map_err(|_| Problem::malformed("The body is not valid UTF-8."))?;
        if let Ok(fields) = serde_json::from_str(text) {
            return Ok(fields);
        }
        let value: &RawValue = serde_json::from_str(text).map_err(malformed)?;
        match value.get().as_bytes().first() {
            // The JSON is valid except for a name.
            Some(b'{') => Err(Problem::malformed("The body is not valid JSON.")),
            Some(b'n') => Err(Problem::not_an_object("Send a JSON object.")),
            _ => {
                Err(Problem::field(FieldError::new("non_field_errors", FieldCode::NotAnObject, "Send a JSON object.")))
            }
        }
    }

    fn from_form(body: &[u8]) -> Self {
        let pairs = form_urlencoded::parse(body).take(MOST_FIELDS);
        Self(pairs.map(|(name, value)| (name.into_owned(), Field::of_form(value.into_owned()))).collect())
    }

    async fn from_multipart(media: &str, body: Bytes) -> Result<Self, Problem> {
        if body.is_empty() {
            return Ok(Self::default());
        }
        let mut parts = parts(media, body)?;
        let mut fields = Vec::new();
        while let Some(part) = parts.next_field().await.map_err(malformed)? {
            let Some(name) = part.name().map(str::to_owned) else { continue };
            fields.push((name, Field::of_form(part.text().await.map_err(malformed)?)));
        }
        Ok(Self(fields))
    }
}

/// An object's members as they came, with repeated names.
impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Fields;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut members = Vec::new();
                while let Some((name, value)) = map.next_entry::<_, &RawValue>()? {
                    members.push((name, Field::of_json(value.get())));
                    if members.len() == MOST_FIELDS {
                        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                    }
                }
                Ok(Fields(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn json(body: &str) -> Fields {
        Fields::from_json(body.as_bytes()).unwrap()
    }

    #[test]
    fn of_very_many_fields_only_the_first_are_read() {
        let many: Vec<_> = (0..2 * MOST_FIELDS).map(|number| format!(r#""{number}":"x""#)).collect();
        assert_eq!(json(&format!("{{{}}}", many.join(","))).0.len(), MOST_FIELDS);
        assert_eq!(Fields::from_form("a=x&".repeat(2 * MOST_FIELDS).as_bytes()).0.len(), MOST_FIELDS);
    }

    #[test]
    fn a_bad_value_is_an_error_of_that_field_alone() {
        let mut fields = json(r#"{"a": "x\ud800", "b": 42, "c": null, "d": [1], "e": true, "f": "1", "f": "2"}"#);
        assert_eq!(fields.take("a"), Some(Err(NotText::Other)));
        assert_eq!(fields.take("b"), Some(Ok("42".into())));
        assert_eq!(fields.take("c"), Some(Err(NotText::Null)));
        assert_eq!(fields.take("d"), Some(Err(NotText::List)));
        assert_eq!(fields.take("e"), Some(Err(NotText::Other)));
        assert_eq!(fields.take("f"), Some(Ok("2".into())));
        assert_eq!(fields.take("g"), None);
    }

    #[test]
    fn taking_a_field_leaves_the_others_in_their_order() {
        let mut fields = json(r#"{"a": "", "f": "1", "f": "2"}"#);
        fields.take("a");
        assert_eq!(fields.take("f"), Some(Ok("2".into())));
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for body in ["{", "nope", r#"{"a": NaN}"#, "[]", "\"x\"", "null", "7", "{} {}", "{\"a\": 1e}"] {
            let refused = Fields::from_json(body.as_bytes()).unwrap_err();
            assert_eq!(refused.status(), warp::http::StatusCode::BAD_REQUEST, "{body}");
        }
        assert!(Fields::from_json(b"\xff").is_err());
        assert!(json("").0.is_empty() && json(" \n").0.is_empty());
    }

    proptest! {
        #[test]
        fn no_body_makes_the_parsers_panic(body in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Fields::from_json(&body);
            let _ = Fields::from_form(&body);
        }

        #[test]
        fn every_json_string_comes_back(text in ".*") {
            let body = serde_json::json!({ "body": text }).to_string();
            prop_assert_eq!(json(&body).take("body"), Some(Ok(text)));
        }
    }
}
