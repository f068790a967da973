//! `PATCH /api/v1/message/{id}/`: gives one's own message another text.

use utoipa::ToSchema;
use warp::Filter;
use warp::http::StatusCode;
use warp::reply::Response;

use super::id;
use crate::actions::change;
use crate::app::App;
use crate::web::route::{IntoRoute, PATCH};
use crate::web::{Body, Cx, Problem, Route, body, json, patch};
use crate::wire::MessageState;

pub fn route(app: &App) -> Route {
    warp::path!("api" / "v1" / "message" / String)
        .and(patch(app))
        .and(body())
        .then(handle)
        .route(PATCH, "/api/v1/message/{}/")
}

/// The new text of a message.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the input, which is read field by field")]
pub struct EditInput {
    body: String,
}

/// Gives one's own message another text, within 15 minutes unless the server is set otherwise.
#[utoipa::path(patch, path = "/api/v1/message/{id}/", operation_id = "edit_message", tag = "Messages",
    params(("id" = i64, Path, description = "The message's id.")),
    request_body = EditInput,
    responses(
        (status = 200, description = "The message as it is now.", body = MessageState),
        (status = 400, description = "The text is not valid.", body = super::super::InputProblem),
        (status = 403, description = "Not one's own, deleted, or too late.", body = super::super::Detail),
        (status = 404, description = "No such message, or one of other people.", body = super::super::Detail),
    ))]
pub async fn handle(message: String, cx: Cx, body: Body) -> Result<Response, Problem> {
    let me = cx.signed_in().await?;
    let fields = body.form(&cx).await?;
    let text = fields.get("body").unwrap_or_default();
    let message = change::edit(&cx.app, &me.user, id(&message)?, text).await?;
    Ok(json(StatusCode::OK, &MessageState::from(&message)))
}
