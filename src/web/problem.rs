//! The one error that is an answer. Handlers return it with `?`; `layer` gives it the dress the client understands.
//! A problem's text is for the client; causes go to the log where the problem is made.

use std::time::Duration;

use serde_json::{Map, Value, json};
use warp::http::header::{ALLOW, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use warp::http::{HeaderName, HeaderValue, Method, StatusCode};
use warp::reply::{Reply, Response};

use super::request::RequestInfo;
use crate::actions::FieldErrors;
use crate::actions::account::Refusal;
use crate::actions::block::BlockError;
use crate::actions::change::ChangeError;
use crate::actions::progress::UpdateError;
use crate::actions::send::SendError;
use crate::auth::password::Busy;
use crate::auth::throttle::Wait;
use crate::pictures::PictureError;
use crate::store::{BlockRefusal, ChangeRefusal, MOST_BLOCKED, MOST_PINNED, StoreError};
use crate::views::{ViewError, Views};

/// Why a request was not answered as asked.
#[derive(Clone, Debug)]
pub struct Problem {
    status: StatusCode,
    content: Content,
    headers: Vec<(HeaderName, HeaderValue)>,
}

#[derive(Clone, Debug)]
enum Content {
    /// One sentence.
    Detail(String),
    /// Sentences by the field they are about.
    Fields(FieldErrors),
    /// A sentence about input that has no fields at all.
    NotAnObject(String),
    /// The request needs a login; pages lead to it.
    SignedOut,
}

impl Problem {
    fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, content: Content::Detail(detail.into()), headers: Vec::new() }
    }

    fn with(mut self, name: HeaderName, value: impl ToString) -> Self {
        let value = HeaderValue::from_str(&value.to_string()).expect("a number or a list of methods");
        self.headers.push((name, value));
        self
    }

    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    pub fn fields(errors: FieldErrors) -> Self {
        Self { status: StatusCode::BAD_REQUEST, content: Content::Fields(errors), headers: Vec::new() }
    }

    /// The input is `null` or a list where an object is due; the original answers with a bare list.
    pub fn not_an_object(detail: impl Into<String>) -> Self {
        let content = Content::NotAnObject(detail.into());
        Self { status: StatusCode::BAD_REQUEST, content, headers: Vec::new() }
    }

    pub fn signed_out() -> Self {
        Self { status: StatusCode::FORBIDDEN, content: Content::SignedOut, headers: Vec::new() }
    }

    /// A WebSocket handshake without a login.
    pub fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Log in first.")
            .with(HeaderName::from_static("www-authenticate"), "Cookie realm=\"chinwag\"")
    }

    /// A WebSocket handshake of another version (RFC 6455, section 4.4).
    pub fn upgrade_required() -> Self {
        Self::new(StatusCode::UPGRADE_REQUIRED, "Only version 13 of the WebSocket protocol is spoken here.")
            .with(warp::http::header::SEC_WEBSOCKET_VERSION, 13)
    }

    pub fn cross_site() -> Self {
        Self::new(StatusCode::FORBIDDEN, "This request came from another site, so it was not carried out.")
    }

    /// The same address over HTTPS.
    pub fn use_https(request: &RequestInfo) -> Self {
        let query = if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
        let location = format!("https://{}{}{query}", request.host(), request.path);
        Self::new(StatusCode::PERMANENT_REDIRECT, "Use HTTPS.").with(LOCATION, location)
    }

    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "There is nothing here.")
    }

    pub fn method_not_allowed(allow: &[Method]) -> Self {
        let allow: Vec<_> = allow.iter().map(Method::as_str).collect();
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "This cannot be done here.").with(ALLOW, allow.join(", "))
    }

    pub fn timeout() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "The request took too long to arrive; send it again.")
            .with(warp::http::header::CONNECTION, "close")
    }

    pub fn too_large(limit: usize) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, format!("A request may have {limit} bytes at the most."))
            .with(warp::http::header::CONNECTION, "close")
    }

    pub fn unsupported_media() -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Send application/json, application/x-www-form-urlencoded or multipart/form-data, not compressed.",
        )
    }

    pub fn not_a_picture() -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Send image/jpeg, image/png, image/webp or image/gif, or one in multipart/form-data, not compressed.",
        )
    }

    pub fn too_many(wait: Duration) -> Self {
        let seconds = wait.as_secs() + 1;
        Self::new(StatusCode::TOO_MANY_REQUESTS, format!("Too many attempts; try again in {seconds} seconds."))
            .with(RETRY_AFTER, seconds)
    }

    pub fn unavailable() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "The server is busy; try again in a moment.").with(RETRY_AFTER, 2)
    }

    pub fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong on the server; it has been noted.")
    }

    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Gives an answer that says the problem in its own words the problem's status and headers.
    pub fn mark(&self, response: &mut Response) {
        *response.status_mut() = self.status;
        response.headers_mut().extend(self.headers.iter().cloned());
    }

    /// The answer for this client: JSON in the original's shape, RFC 9457 where it is asked for, a page otherwise.
    pub fn dress(&self, request: &RequestInfo, views: &Views) -> Response {
        let mut response = match (&self.content, request.wants_json()) {
            (Content::SignedOut, false) => sign_in(request),
            (_, true) => self.as_json(request),
            (_, false) => self.as_page(request, views),
        };
        if response.status() == StatusCode::OK {
            self.mark(&mut response);
        }
        response
    }

    fn as_json(&self, request: &RequestInfo) -> Response {
        let accept = request.header(warp::http::header::ACCEPT).unwrap_or_default();
        let standard = accept.contains("application/problem+json");
        let body = if standard { self.rfc9457(request) } else { self.in_originals_shape() };
        let media = if standard { "application/problem+json" } else { "application/json" };
        let mut response = Response::new(body.to_string().into());
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media));
        response
    }

    fn in_originals_shape(&self) -> Value {
        match &self.content {
            Content::Fields(errors) => Value::Object(by_field(errors)),
            Content::NotAnObject(detail) => json!([detail]),
            _ => json!({ "detail": self.detail() }),
        }
    }

    fn rfc9457(&self, request: &RequestInfo) -> Value {
        let mut problem = json!({
            "type": "about:blank",
            "title": self.title(),
            "status": self.status.as_u16(),
            "detail": self.detail(),
            "request_id": request.id,
        });
        if let Content::Fields(errors) = &self.content {
            problem["errors"] = Value::Object(by_field(errors));
        }
        problem
    }

    fn as_page(&self, request: &RequestInfo, views: &Views) -> Response {
        let values = json!({ "status": self.status.as_u16(), "title": self.title(), "detail": self.detail() });
        match views.render("problem.html", request.look(), &values) {
            Ok(page) => super::html(page),
            Err(error) => {
                tracing::error!(%error, "the page for errors is broken");
                Response::new(self.detail().into())
            }
        }
    }

    fn title(&self) -> &'static str {
        self.status.canonical_reason().unwrap_or("Problem")
    }

    /// The problem in one sentence.
    pub fn detail(&self) -> String {
        match &self.content {
            Content::Detail(detail) | Content::NotAnObject(detail) => detail.clone(),
            Content::Fields(errors) => errors.first().map_or_else(String::new, |(_, error)| error.clone()),
            Content::SignedOut => "Log in first.".into(),
        }
    }
}

/// To the login page, and back here afterwards.
fn sign_in(request: &RequestInfo) -> Response {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    /// What the original leaves as it is.
    const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    let mut here = request.path.clone();
    if !request.query.is_empty() {
        here = format!("{here}?{}", request.query);
    }
    let location = format!("/login/?next={}", utf8_percent_encode(&here, KEPT));
    super::redirect(StatusCode::FOUND, &location)
}

fn by_field(errors: &FieldErrors) -> Map<String, Value> {
    let mut fields = Map::new();
    for (field, error) in errors {
        let list = fields.entry(*field).or_insert_with(|| json!([]));
        list.as_array_mut().expect("made just above").push(json!(error));
    }
    fields
}

/// Leaves the problem in the response for `layer`, which knows how to dress it.
impl Reply for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::default();
        *response.status_mut() = self.status;
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store did not answer");
        Self::unavailable()
    }
}

impl From<Busy> for Problem {
    fn from(_: Busy) -> Self {
        tracing::warn!("too many passwords to hash");
        Self::unavailable()
    }
}

impl From<PictureError> for Problem {
    fn from(error: PictureError) -> Self {
        match error {
            PictureError::Busy => {
                tracing::warn!("too many pictures to take");
                Self::unavailable()
            }
            other => Self::fields(vec![("avatar", other.to_string())]),
        }
    }
}

impl From<ViewError> for Problem {
    fn from(error: ViewError) -> Self {
        tracing::error!(%error, "a page is broken");
        Self::internal()
    }
}

impl From<Wait> for Problem {
    fn from(Wait(wait): Wait) -> Self {
        Self::too_many(wait)
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Fields(errors) => Self::fields(errors),
            Refusal::Closed => Self::new(StatusCode::FORBIDDEN, "This server makes no new accounts."),
            Refusal::WrongLogin => Self::new(StatusCode::FORBIDDEN, "Unknown user name or wrong password."),
            Refusal::TooMany(wait) => wait.into(),
            Refusal::Busy => Busy.into(),
            Refusal::Store(error) => error.into(),
        }
    }
}

impl From<ChangeError> for Problem {
    fn from(error: ChangeError) -> Self {
        let forbidden = |detail: &str| Self::new(StatusCode::FORBIDDEN, detail);
        match error {
            ChangeError::Body(error) => Self::fields(vec![("body", error.to_string())]),
            ChangeError::Emoji(error) => Self::fields(vec![("emoji", error.to_string())]),
            ChangeError::Refused(ChangeRefusal::NoSuchMessage) => Self::not_found(),
            ChangeError::Refused(ChangeRefusal::NotYours) => forbidden("Only who sent a message may do this."),
            ChangeError::Refused(ChangeRefusal::TooLate) => forbidden("It is too late to edit this message."),
            ChangeError::Refused(ChangeRefusal::Deleted) => forbidden("This message was deleted."),
            ChangeError::Store(error) => error.into(),
        }
    }
}

impl From<UpdateError> for Problem {
    fn from(error: UpdateError) -> Self {
        match error {
            UpdateError::NoSuchConversation => Self::not_found(),
            UpdateError::TooManyPinned => {
                Self::fields(vec![("pinned", format!("At most {MOST_PINNED} conversations can be pinned."))])
            }
            UpdateError::Store(error) => error.into(),
        }
    }
}

impl From<BlockError> for Problem {
    fn from(error: BlockError) -> Self {
        match error {
            BlockError::NoSuchPerson => Self::not_found(),
            BlockError::Refused(BlockRefusal::Oneself) => Self::bad_request("Nobody can block themselves."),
            BlockError::Refused(BlockRefusal::TooMany) => {
                Self::bad_request(format!("At most {MOST_BLOCKED} people can be blocked."))
            }
            BlockError::Store(error) => error.into(),
        }
    }
}

impl From<SendError> for Problem {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Fields(errors) => Self::fields(errors),
            SendError::NoSuchConversation => Self::not_found(),
            SendError::NoSuchRecipient => Self::new(StatusCode::NOT_FOUND, "There is nobody of this user name."),
            SendError::KeyReused => {
                let detail = "This client_id was used for another message; make a new one for each message.";
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
            }
            SendError::Blocked => Self::new(StatusCode::FORBIDDEN, "You block this person; unblock first."),
            SendError::Store(error) => error.into(),
        }
    }
}
