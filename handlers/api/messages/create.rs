//! `POST /api/v1/message/`: sends a message. The sender is always who is logged in.

use utoipa::ToSchema;
use warp::Filter;
use warp::http::StatusCode;
use warp::http::header::{HeaderName, HeaderValue, LOCATION};
use warp::reply::Response;

use crate::actions::send::{Draft, send};
use crate::actions::{FieldCode, FieldError, FieldErrors};
use crate::app::App;
use crate::model::SendOutcome;
use crate::web::input::NotText;
use crate::web::route::{IntoRoute, POST};
use crate::web::{Body, Cx, Fields, Problem, Route, body, json, post};
use crate::wire::MessageState;

static KEY: HeaderName = HeaderName::from_static("idempotency-key");

pub fn route(app: &App) -> Route {
    warp::path!("api" / "v1" / "message").and(post(app)).and(body()).then(handle).route(POST, "/api/v1/message/")
}

/// A message to send. Also taken as a form.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the input; `draft` reads it field by field, so that each has its own errors")]
pub struct MessageInput {
    /// The id of the conversation it goes to; either this or `recipient`.
    conversation: Option<i64>,
    /// The user name of the person it goes to; the first message to someone begins the conversation with them.
    recipient: Option<String>,
    /// The text: trimmed, not blank, at most 65,536 bytes of UTF-8. It may be left out with `forward`.
    body: Option<String>,
    /// The sender's own key for this send, 1 to 64 visible ASCII characters. Sending again with the same key is safe at
    /// any later time: it answers with the first message. The header `Idempotency-Key` says the same. A UUID of version
    /// 7 is the best key: those are stored in the order of time.
    #[schema(min_length = 1, max_length = 64)]
    client_id: Option<String>,
    /// The id of a message of the same conversation that this one answers.
    reply_to: Option<i64>,
    /// The id of a message whose text is passed on in the place of `body`.
    forward: Option<i64>,
}

/// Sends a message.
///
/// When the answer is here, the message is on disk and has been sent to everyone concerned.
#[utoipa::path(post, path = "/api/v1/message/", operation_id = "send_message", tag = "Messages",
    request_body(content(
        (MessageInput = "application/json"),
        (MessageInput = "application/x-www-form-urlencoded"),
        (MessageInput = "multipart/form-data"),
    )),
    responses(
        (status = 201, description = "Stored.", body = MessageState),
        (status = 200, description = "This client_id was sent before; this is the message it made.", body = MessageState),
        (status = 400, description = "A field is not valid.", body = super::super::InputProblem),
        (status = 403, description = "One blocks the person one writes to.", body = super::super::Detail),
        (status = 404, description = "There is nobody of this user name, or no such conversation of one's own.", body = super::super::Detail),
        (status = 408, description = "The body did not arrive in time.", body = super::super::Detail),
        (status = 413, description = "The body is too large.", body = super::super::Detail),
        (status = 415, description = "The body is of another media type.", body = super::super::Detail),
        (status = 422, description = "This client_id was used for another message.", body = super::super::Detail),
    ))]
pub async fn handle(cx: Cx, body: Body) -> Result<Response, Problem> {
    let me = cx.signed_in().await?;
    let mut draft = draft(body.fields(&cx).await?)?;
    if cx.request.headers.contains_key(&KEY) {
        // Two headers are not a valid key; ignoring them would send twice what the client means to send once.
        draft.client_key = Some(cx.request.header(&KEY).unwrap_or_default().to_owned());
    }
    let (status, message) = match send(&cx.app, &me.user, draft).await? {
        SendOutcome::Created(message) => (StatusCode::CREATED, message),
        SendOutcome::Duplicate(message) => (StatusCode::OK, message),
    };
    let location = format!("/api/v1/message/{}/", message.id.0);
    let mut response = json(status, &MessageState::from(&message));
    response.headers_mut().insert(LOCATION, HeaderValue::from_str(&location).expect("digits are visible ASCII"));
    Ok(response)
}

/// The fields as text. What is missing is left empty, for the use case to report; what is not text is reported here.
fn draft(mut fields: Fields) -> Result<Draft, Problem> {
    let mut errors = FieldErrors::new();
    let mut text = |name: &'static str| match fields.take(name) {
        None => Ok(None),
        Some(Ok(text)) => Ok(Some(text)),
        Some(Err(NotText::List)) if name == "recipient" => {
            Err(Problem::not_an_object("The recipient must be one user name."))
        }
        Some(Err(NotText::Null)) if !matches!(name, "recipient" | "body") => Ok(None),
        Some(Err(_)) => {
            errors.push(FieldError::new(name, FieldCode::NotText, "This must be text."));
            Ok(None)
        }
    };
    let (conversation, recipient, body) = (text("conversation")?, text("recipient")?, text("body")?);
    let (client_key, reply_to, forward) = (text("client_id")?, text("reply_to")?, text("forward")?);
    if errors.is_empty() {
        let body = body.unwrap_or_default();
        return Ok(Draft { conversation, recipient, body, client_key, reply_to, forward });
    }
    let names_conversation = conversation.is_some() || errors.iter().any(|error| error.field == "conversation");
    let missing =
        [("recipient", recipient.is_none() && !names_conversation), ("body", body.is_none() && forward.is_none())];
    for (name, is_missing) in missing {
        if is_missing && errors.iter().all(|error| error.field != name) {
            errors.push(FieldError::new(name, FieldCode::Required, "This is needed."));
        }
    }
    Err(Problem::fields(errors))
}
