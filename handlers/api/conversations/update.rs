//! `PATCH /api/v1/conversation/{id}/`: how far one has come in a conversation, and its settings.

use utoipa::ToSchema;
use warp::Filter;
use warp::http::StatusCode;
use warp::reply::Response;

use super::id;
use crate::actions::{FieldCode, FieldError, progress};
use crate::app::App;
use crate::clock::Timestamp;
use crate::store::ConversationUpdate;
use crate::web::input::NotText;
use crate::web::route::{IntoRoute, PATCH};
use crate::web::{Body, Cx, Fields, Problem, Route, body, json, patch};
use crate::wire::ConversationState;

pub fn route(app: &App) -> Route {
    warp::path!("api" / "v1" / "conversation" / String)
        .and(patch(app))
        .and(body())
        .then(handle)
        .route(PATCH, "/api/v1/conversation/{}/")
}

/// How far one has come, and the conversation's settings. What is left out stays as it is.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the input, which is read field by field")]
pub struct ConversationInput {
    /// Everything up to this `seq` has reached a client of one's own.
    delivered: Option<i64>,
    /// Everything up to this `seq` was on screen, in a page that had the focus.
    read: Option<i64>,
    /// Whether the conversation is marked as unread.
    unread: Option<bool>,
    /// At most 10 conversations can be pinned. Pinning takes one out of the archive.
    pinned: Option<bool>,
    /// Archiving takes the pin away. New messages do not take a conversation out of the archive.
    archived: Option<bool>,
    /// Until when it is muted, RFC 3339 with any offset; `null` for not at all.
    muted_until: Option<String>,
}

/// Says how far one has come in a conversation, and changes its settings.
///
/// Positions only move forward, and never beyond the newest message; saying the same again changes nothing.
#[utoipa::path(patch, path = "/api/v1/conversation/{id}/", operation_id = "update_conversation", tag = "Conversations",
    params(("id" = i64, Path, description = "The conversation's id.")),
    request_body = ConversationInput,
    responses(
        (status = 200, description = "The conversation as it is now.", body = ConversationState),
        (status = 400, description = "A field is not valid, or too many are pinned.", body = super::super::InputProblem),
        (status = 404, description = "There is no such conversation of one's own.", body = super::super::Detail),
    ))]
pub async fn handle(conversation: String, cx: Cx, body: Body) -> Result<Response, Problem> {
    let me = cx.signed_in().await?;
    let mut fields = body.fields(&cx).await?;
    let update = ConversationUpdate {
        delivered: number(&mut fields, "delivered")?,
        read: number(&mut fields, "read")?,
        marked_unread: flag(&mut fields, "unread")?,
        pinned: flag(&mut fields, "pinned")?,
        archived: flag(&mut fields, "archived")?,
        muted_until: time(&mut fields, "muted_until")?,
    };
    let conversation = progress::update(&cx.app, &me.user, id(&conversation)?, update).await?;
    Ok(json(StatusCode::OK, &ConversationState::from(&conversation)))
}

fn number(fields: &mut Fields, name: &'static str) -> Result<Option<i64>, Problem> {
    let number = fields.take(name).map(|text| text.ok().and_then(|text| text.parse().ok()));
    number.map(|number| number.ok_or_else(|| wrong(name, FieldCode::NotANumber, "This must be a number."))).transpose()
}

fn flag(fields: &mut Fields, name: &'static str) -> Result<Option<bool>, Problem> {
    fields.take_flag(name).transpose().map_err(|_| wrong(name, FieldCode::NotAFlag, "This must be true or false."))
}

fn time(fields: &mut Fields, name: &'static str) -> Result<Option<Option<Timestamp>>, Problem> {
    let malformed = || wrong(name, FieldCode::NotATime, "This must be a time such as 2030-01-31T12:00:00Z, or null.");
    match fields.take(name) {
        None => Ok(None),
        Some(Err(NotText::Null)) => Ok(Some(None)),
        Some(Ok(text)) => Timestamp::parse(&text).map(|time| Some(Some(time))).ok_or_else(malformed),
        Some(Err(_)) => Err(malformed()),
    }
}

fn wrong(name: &'static str, code: FieldCode, detail: &'static str) -> Problem {
    Problem::field(FieldError::new(name, code, detail))
}
