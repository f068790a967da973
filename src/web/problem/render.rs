//! A problem as an answer: JSON in the original's shape, RFC 9457 where it is asked for, a page for people.

use std::borrow::Cow;
use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use warp::http::header::{ACCEPT, CONTENT_TYPE};
use warp::http::{HeaderValue, StatusCode};
use warp::reply::Response;

use super::{Content, Problem, ProblemCode};
use crate::actions::{FieldCode, FieldErrors};
use crate::views::Views;
use crate::web::request::RequestInfo;

const STANDARD: &str = "application/problem+json";

/// Why a request was not answered as asked (RFC 9457).
#[derive(Serialize, ToSchema)]
pub struct ProblemDetails<'p> {
    /// Always `about:blank`: `code` says what the problem is.
    #[serde(rename = "type")]
    kind: &'static str,
    /// What the status is called.
    title: &'static str,
    #[schema(minimum = 300, maximum = 599)]
    status: u16,
    code: ProblemCode,
    /// One sentence for people; it may be worded otherwise at any time.
    detail: String,
    /// Names the request in the server's log.
    request_id: &'p str,
    /// What is wrong with each field; there when `code` is `invalid`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    errors: BTreeMap<&'p str, Vec<FieldProblem<'p>>>,
}

/// One thing that is wrong with a field.
#[derive(Serialize, ToSchema)]
pub struct FieldProblem<'p> {
    code: FieldCode,
    /// One sentence for people; it may be worded otherwise at any time.
    detail: &'p str,
}

impl Problem {
    /// The answer for this client.
    pub fn render(&self, request: &RequestInfo, views: &Views) -> Response {
        let leads_to_login = self.code == ProblemCode::SignedOut && self.status == StatusCode::FORBIDDEN;
        if leads_to_login && !request.wants_json() {
            return sign_in(request);
        }
        let mut response = if request.wants_json() { self.as_json(request) } else { self.as_page(request, views) };
        self.mark(&mut response);
        response
    }

    fn as_json(&self, request: &RequestInfo) -> Response {
        let is_standard = request.header(ACCEPT).is_some_and(|accept| accept.contains(STANDARD));
        let (body, media) = match is_standard {
            true => (json!(self.details(request)), STANDARD),
            false => (self.in_originals_shape(), "application/json"),
        };
        let mut response = Response::new(body.to_string().into());
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media));
        response
    }

    fn in_originals_shape(&self) -> Value {
        match (&self.content, self.code) {
            (Content::Fields(errors), _) => Value::Object(sentences_by_field(errors)),
            (Content::Detail(detail), ProblemCode::NotAnObject) => json!([detail]),
            (Content::Detail(detail), _) => json!({ "detail": detail }),
        }
    }

    fn details<'p>(&'p self, request: &'p RequestInfo) -> ProblemDetails<'p> {
        let mut errors = BTreeMap::<_, Vec<_>>::new();
        if let Content::Fields(all) = &self.content {
            for error in all {
                let problem = FieldProblem { code: error.code, detail: &error.detail };
                errors.entry(error.field.as_ref()).or_default().push(problem);
            }
        }
        ProblemDetails {
            kind: "about:blank",
            title: self.title(),
            status: self.status.as_u16(),
            code: self.code,
            detail: self.detail(),
            request_id: &request.id,
            errors,
        }
    }

    fn as_page(&self, request: &RequestInfo, views: &Views) -> Response {
        let values = json!({ "status": self.status.as_u16(), "title": self.title(), "detail": self.detail() });
        match views.render("problem.html", request.look(), &values) {
            Ok(page) => crate::web::html(page),
            Err(error) => {
                tracing::error!(%error, "cannot render the error page");
                Response::new(self.detail().into())
            }
        }
    }

    fn title(&self) -> &'static str {
        self.status.canonical_reason().unwrap_or("Problem")
    }
}

/// Redirects to the login page, which leads back here.
fn sign_in(request: &RequestInfo) -> Response {
    /// What the original does not percent-encode.
    const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    let mut here = Cow::from(&request.path);
    if !request.query.is_empty() {
        here = format!("{here}?{}", request.query).into();
    }
    let location = format!("/login/?next={}", utf8_percent_encode(&here, KEPT));
    crate::web::redirect(StatusCode::FOUND, &location)
}

fn sentences_by_field(errors: &FieldErrors) -> Map<String, Value> {
    let mut fields = Map::new();
    for error in errors {
        let list = fields.entry(error.field.as_ref()).or_insert_with(|| json!([]));
        list.as_array_mut().expect("made just above").push(json!(error.detail));
    }
    fields
}
