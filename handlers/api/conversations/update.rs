//! `PATCH /api/v1/conversation/{name}/`: says how far one has come in the conversation with someone.

use percent_encoding::percent_decode_str;
use utoipa::ToSchema;
use warp::Filter;
use warp::http::StatusCode;
use warp::reply::Response;

use crate::actions::progress::{self, Update};
use crate::app::App;
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

/// How far one has come. What is left out stays as it is.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the input, which is read field by field")]
pub struct ProgressInput {
    /// Everything up to this place has reached a client of one's own.
    delivered: Option<i64>,
    /// Everything up to this place was visible, in a page that had the focus.
    read: Option<i64>,
    /// True puts the conversation aside to read later, false takes it up again.
    unread: Option<bool>,
}

/// Says how far one has come in the conversation with someone.
///
/// Positions only move forward, and never beyond the newest message; saying the same again changes nothing.
#[utoipa::path(patch, path = "/api/v1/conversation/{name}/", tag = "Conversations",
    params(("name" = String, Path, description = "The other one's user name.")),
    request_body = ProgressInput,
    responses(
        (status = 200, description = "The conversation as it is now.", body = ConversationState),
        (status = 400, description = "A field is not a number.", body = super::super::FieldProblems),
        (status = 403, description = "Not logged in.", body = super::super::Detail),
        (status = 404, description = "There is no such conversation.", body = super::super::Detail),
    ))]
pub async fn handle(name: String, cx: Cx, body: Body) -> Result<Response, Problem> {
    let me = cx.signed_in().await?;
    let name = percent_decode_str(&name).decode_utf8().map_err(|_| Problem::not_found())?;
    let mut fields = body.fields(&cx).await?;
    let update = Update {
        delivered: number(&mut fields, "delivered")?,
        read: number(&mut fields, "read")?,
        marked: fields.take_flag("unread").transpose().map_err(|_| wrong("unread", "This must be true or false."))?,
    };
    let conversation = progress::update(&cx.app, &me.user, &name, update).await?;
    let conversation = conversation.ok_or_else(Problem::not_found)?;
    Ok(json(StatusCode::OK, &ConversationState::from(&conversation)))
}

fn number(fields: &mut Fields, name: &'static str) -> Result<Option<i64>, Problem> {
    let number = fields.take(name).map(|text| text.ok().and_then(|text| text.parse().ok()));
    number.map(|number| number.ok_or_else(|| wrong(name, "This must be a number."))).transpose()
}

fn wrong(name: &'static str, detail: &str) -> Problem {
    Problem::fields(vec![(name, detail.into())])
}
