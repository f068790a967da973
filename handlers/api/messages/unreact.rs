//! `DELETE /api/v1/message/{id}/reaction/`: takes one's reaction back.

use warp::Filter;
use warp::http::StatusCode;
use warp::reply::Response;

use super::id;
use crate::actions::change;
use crate::app::App;
use crate::web::route::{DELETE, IntoRoute};
use crate::web::{Cx, Problem, Route, delete, json};
use crate::wire::MessageState;

pub fn route(app: &App) -> Route {
    warp::path!("api" / "v1" / "message" / String / "reaction")
        .and(delete(app))
        .then(handle)
        .route(DELETE, "/api/v1/message/{}/reaction/")
}

/// Takes one's reaction back; without one nothing changes.
#[utoipa::path(delete, path = "/api/v1/message/{id}/reaction/", operation_id = "delete_reaction", tag = "Messages",
    params(("id" = i64, Path, description = "The message's id.")),
    responses(
        (status = 200, description = "The message as it is now.", body = MessageState),
        (status = 403, description = "the message was deleted.", body = super::super::Detail),
        (status = 404, description = "No such message, or one of other people.", body = super::super::Detail),
    ))]
pub async fn handle(message: String, cx: Cx) -> Result<Response, Problem> {
    let me = cx.signed_in().await?;
    let message = change::react(&cx.app, &me.user, id(&message)?, None).await?;
    Ok(json(StatusCode::OK, &MessageState::from(&message)))
}
