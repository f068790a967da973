//! `PATCH /api/v1/conversation/{name}/`: says how far one has come in the conversation with someone, and sets it up.

use utoipa::ToSchema;
use warp::Filter;
use warp::http::StatusCode;
use warp::reply::Response;

use crate::actions::{history, progress};
use crate::app::App;
use crate::clock::Timestamp;
use crate::store::ConversationUpdate;
use crate::web::input::NotText;
use crate::web::route::{IntoRoute, PATCH};
use crate::web::{Body, Cx, Fields, Problem, Route, body, json, patch, segment};
use crate::wire::ConversationState;

pub fn route(app: &App) -> Route {
    warp::path!("api" / "v1" / "conversation" / String)
        .and(patch(app))
        .and(body())
        .then(handle)
        .route(PATCH, "/api/v1/conversation/{}/")
}

/// How far one has come, and how one wants the conversation in the list. What is left out stays as it is.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the input, which is read field by field")]
pub struct ConversationInput {
    /// Everything up to this place has reached a client of one's own.
    delivered: Option<i64>,
    /// Everything up to this place was visible, in a page that had the focus.
    read: Option<i64>,
    /// True puts the conversation aside to read later, false takes it up again.
    unread: Option<bool>,
    /// At most 10 conversations can be pinned. Pinning takes one out of the archive.
    pinned: Option<bool>,
    /// Archiving takes the pin away. New messages do not take a conversation out of the archive.
    archived: Option<bool>,
    /// Until when one does not want to be told of it, RFC 3339 with any offset; `null` for no longer.
    muted_until: Option<String>,
}

/// Says how far one has come in the conversation with someone, and sets it up.
///
/// Positions only move forward, and never beyond the newest message; saying the same again changes nothing.
#[utoipa::path(patch, path = "/api/v1/conversation/{name}/", tag = "Conversations",
    params(("name" = String, Path, description = "The other one's user name.")),
    request_body = ConversationInput,
    responses(
        (status = 200, description = "The conversation as it is now.", body = ConversationState),
        (status = 400, description = "A field is not valid, or too many are pinned.", body = super::super::FieldProblems),
        (status = 403, description = "Not logged in.", body = super::super::Detail),
        (status = 404, description = "There is no such conversation.", body = super::super::Detail),
    ))]
pub async fn handle(name: String, cx: Cx, body: Body) -> Result<Response, Problem> {
    let me = cx.signed_in().await?;
    let name = segment(&name)?;
    let mut fields = body.fields(&cx).await?;
    let update = ConversationUpdate {
        delivered: number(&mut fields, "delivered")?,
        read: number(&mut fields, "read")?,
        marked_unread: flag(&mut fields, "unread")?,
        pinned: flag(&mut fields, "pinned")?,
        archived: flag(&mut fields, "archived")?,
        muted_until: time(&mut fields, "muted_until")?,
    };
    let id = history::conversation_with(&cx.app, &me.user, &name).await?.ok_or_else(Problem::not_found)?;
    let conversation = progress::update(&cx.app, &me.user, id, update).await?;
    Ok(json(StatusCode::OK, &ConversationState::from(&conversation)))
}

fn number(fields: &mut Fields, name: &'static str) -> Result<Option<i64>, Problem> {
    let number = fields.take(name).map(|text| text.ok().and_then(|text| text.parse().ok()));
    number.map(|number| number.ok_or_else(|| wrong(name, "This must be a number."))).transpose()
}

fn flag(fields: &mut Fields, name: &'static str) -> Result<Option<bool>, Problem> {
    fields.take_flag(name).transpose().map_err(|_| wrong(name, "This must be true or false."))
}

fn time(fields: &mut Fields, name: &'static str) -> Result<Option<Option<Timestamp>>, Problem> {
    let malformed = || wrong(name, "This must be a time such as 2030-01-31T12:00:00Z, or null.");
    match fields.take(name) {
        None => Ok(None),
        Some(Err(NotText::Null)) => Ok(Some(None)),
        Some(Ok(text)) => Timestamp::parse(&text).map(|time| Some(Some(time))).ok_or_else(malformed),
        Some(Err(_)) => Err(malformed()),
    }
}

fn wrong(name: &'static str, detail: &str) -> Problem {
    Problem::fields(vec![(name, detail.into())])
}
