//! `PUT /api/v1/message/{id}/reaction/`: sets one's reaction to a message.

use utoipa::ToSchema;
use warp::Filter;
use warp::http::StatusCode;
use warp::reply::Response;

use super::id;
use crate::actions::change;
use crate::app::App;
use crate::web::route::{IntoRoute, PUT};
use crate::web::{Body, Cx, Problem, Route, body, json, put};
use crate::wire::MessageState;

pub fn route(app: &App) -> Route {
    warp::path!("api" / "v1" / "message" / String / "reaction")
        .and(put(app))
        .and(body())
        .then(handle)
        .route(PUT, "/api/v1/message/{}/reaction/")
}

/// One emoji.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the input, which is read field by field")]
pub struct ReactionInput {
    emoji: String,
}

/// Sets one's reaction to a message; each person has one, and a new one takes its place.
#[utoipa::path(put, path = "/api/v1/message/{id}/reaction/", operation_id = "set_reaction", tag = "Messages",
    params(("id" = i64, Path, description = "The message's id.")),
    request_body = ReactionInput,
    responses(
        (status = 200, description = "The message as it is now.", body = MessageState),
        (status = 400, description = "This is not one emoji.", body = super::super::InputProblem),
        (status = 403, description = "the message was deleted.", body = super::super::Detail),
        (status = 404, description = "No such message, or one of other people.", body = super::super::Detail),
    ))]
pub async fn handle(message: String, cx: Cx, body: Body) -> Result<Response, Problem> {
    let me = cx.signed_in().await?;
    let fields = body.form(&cx).await?;
    let emoji = fields.get("emoji").unwrap_or_default();
    let message = change::react(&cx.app, &me.user, id(&message)?, Some(emoji)).await?;
    Ok(json(StatusCode::OK, &MessageState::from(&message)))
}
