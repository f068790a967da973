//! The one error that is an answer. Handlers return it with `?`; `layer` renders it in the form the client understands.
//! A problem's text is for the client; causes go to the log where the problem is made.

mod from;
mod render;

pub use render::ProblemDetails;

use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;
use warp::http::header::{ALLOW, CONNECTION, LOCATION, RETRY_AFTER};
use warp::http::{HeaderName, HeaderValue, Method, StatusCode};
use warp::reply::{Reply, Response};

use super::request::RequestInfo;
use crate::actions::{FieldError, FieldErrors};

/// What the problem is: a stable code for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProblemCode {
    /// The request cannot be read.
    Malformed,
    /// Fields of the input are not valid; `errors` says which.
    Invalid,
    /// The input is `null` or a list where an object is due.
    NotAnObject,
    /// Nobody is logged in.
    SignedOut,
    /// The user name or the password is wrong.
    WrongLogin,
    /// This server makes no new accounts.
    SignupClosed,
    /// Someone else is logged in than the request names.
    OtherPerson,
    /// The request came from a page of another site.
    CrossSite,
    HttpsRequired,
    NotFound,
    /// Nobody has this user name, or the account is deleted.
    NoSuchRecipient,
    MethodNotAllowed,
    /// The request did not arrive in time.
    Timeout,
    TooLarge,
    /// The body is of a media type that is not taken here.
    UnsupportedMedia,
    /// The WebSocket protocol has another version here.
    UpgradeRequired,
    /// Wait as `Retry-After` says.
    TooManyRequests,
    /// The server has too much to do; wait as `Retry-After` says.
    Busy,
    Damaged,
    Internal,
    /// One blocks the person one writes to.
    Blocked,
    /// The `client_id` was used for another message.
    ClientIdReused,
    /// It is someone else's message.
    NotYours,
    /// The message was sent too long ago.
    TooLate,
    /// The message was deleted for everyone.
    Deleted,
    /// Nobody can block themselves.
    OwnBlock,
    /// One blocks as many people as one may.
    TooManyBlocked,
}

/// Why a request was not answered as asked.
#[derive(Clone, Debug)]
pub struct Problem {
    status: StatusCode,
    code: ProblemCode,
    content: Content,
    headers: Vec<(HeaderName, HeaderValue)>,
}

#[derive(Clone, Debug)]
enum Content {
    /// One sentence.
    Detail(String),
    /// What is wrong with each field.
    Fields(FieldErrors),
}

impl Problem {
    fn new(status: StatusCode, code: ProblemCode, detail: impl Into<String>) -> Self {
        Self { status, code, content: Content::Detail(detail.into()), headers: Vec::new() }
    }

    fn with(mut self, name: HeaderName, value: impl ToString) -> Self {
        let value = HeaderValue::from_str(&value.to_string()).expect("a number or a list of methods");
        self.headers.push((name, value));
        self
    }

    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, ProblemCode::Malformed, detail)
    }

    pub fn fields(errors: FieldErrors) -> Self {
        let (status, code) = (StatusCode::BAD_REQUEST, ProblemCode::Invalid);
        Self { status, code, content: Content::Fields(errors), headers: Vec::new() }
    }

    pub fn field(error: FieldError) -> Self {
        Self::fields(vec![error])
    }

    /// The input is `null` or a list where an object is due; the original answers with a bare list.
    pub fn not_an_object(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, ProblemCode::NotAnObject, detail)
    }

    /// The request needs a login; pages lead to it.
    pub fn signed_out() -> Self {
        Self::new(StatusCode::FORBIDDEN, ProblemCode::SignedOut, "Log in first.")
    }

    /// A WebSocket handshake without a login.
    pub fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, ProblemCode::SignedOut, "Log in first.")
            .with(HeaderName::from_static("www-authenticate"), "Cookie realm=\"chinwag\"")
    }

    /// The login is not that of the person the request names.
    pub fn other_person() -> Self {
        let detail = "Someone else is logged in in this browser; reload the page.";
        Self::new(StatusCode::CONFLICT, ProblemCode::OtherPerson, detail)
    }

    /// A WebSocket handshake of another version (RFC 6455, section 4.4).
    pub fn upgrade_required() -> Self {
        let detail = "Only version 13 of the WebSocket protocol is spoken here.";
        Self::new(StatusCode::UPGRADE_REQUIRED, ProblemCode::UpgradeRequired, detail)
            .with(warp::http::header::SEC_WEBSOCKET_VERSION, 13)
    }

    pub fn cross_site() -> Self {
        let detail = "This request came from another site, so it was not carried out.";
        Self::new(StatusCode::FORBIDDEN, ProblemCode::CrossSite, detail)
    }

    /// The same address over HTTPS.
    pub fn use_https(request: &RequestInfo) -> Self {
        let query = if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
        let location = format!("https://{}{}{query}", request.host(), request.path);
        Self::new(StatusCode::PERMANENT_REDIRECT, ProblemCode::HttpsRequired, "Use HTTPS.").with(LOCATION, location)
    }

    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, ProblemCode::NotFound, "There is nothing here.")
    }

    pub fn method_not_allowed(allow: &[Method]) -> Self {
        let allow: Vec<_> = allow.iter().map(Method::as_str).collect();
        Self::new(StatusCode::METHOD_NOT_ALLOWED, ProblemCode::MethodNotAllowed, "This cannot be done here.")
            .with(ALLOW, allow.join(", "))
    }

    pub fn timeout() -> Self {
        let detail = "The request took too long to arrive; send it again.";
        Self::new(StatusCode::REQUEST_TIMEOUT, ProblemCode::Timeout, detail).with(CONNECTION, "close")
    }

    pub fn too_large(limit: usize) -> Self {
        let detail = format!("A request may have {limit} bytes at the most.");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, ProblemCode::TooLarge, detail).with(CONNECTION, "close")
    }

    pub fn unsupported_media() -> Self {
        let detail = "Send application/json, application/x-www-form-urlencoded or multipart/form-data, not compressed.";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, ProblemCode::UnsupportedMedia, detail)
    }

    pub fn not_a_picture() -> Self {
        let detail =
            "Send image/jpeg, image/png, image/webp or image/gif, or one in multipart/form-data, not compressed.";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, ProblemCode::UnsupportedMedia, detail)
    }

    pub fn too_many(wait: Duration) -> Self {
        let seconds = wait.as_secs() + 1;
        let detail = format!("Too many attempts; try again in {seconds} seconds.");
        Self::new(StatusCode::TOO_MANY_REQUESTS, ProblemCode::TooManyRequests, detail).with(RETRY_AFTER, seconds)
    }

    pub fn unavailable() -> Self {
        let detail = "The server is busy; try again in a moment.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, ProblemCode::Busy, detail).with(RETRY_AFTER, 2)
    }

    /// What is asked for is damaged in the database, and trying again is of no use.
    pub fn damaged() -> Self {
        let detail =
            "This conversation is damaged in the server's database; whoever runs the server should restore a backup.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, ProblemCode::Damaged, detail)
    }

    pub fn internal() -> Self {
        let detail = "Something went wrong on the server; it has been noted.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, ProblemCode::Internal, detail)
    }

    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Sets the problem's status and headers on an answer that shows the problem itself.
    pub fn mark(&self, response: &mut Response) {
        *response.status_mut() = self.status;
        response.headers_mut().extend(self.headers.iter().cloned());
    }

    /// The problem in one sentence.
    pub fn detail(&self) -> String {
        match &self.content {
            Content::Detail(detail) => detail.clone(),
            Content::Fields(errors) => errors.first().map_or_else(String::new, |error| error.detail.to_string()),
        }
    }
}

/// Leaves the problem in the response for `layer`, which knows how to render it.
impl Reply for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::default();
        *response.status_mut() = self.status;
        response.extensions_mut().insert(self);
        response
    }
}
