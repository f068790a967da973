//! `GET /api/v1/message/{id}/`: one message, for those who sent or received it.

use warp::Filter;
use warp::http::StatusCode;
use warp::reply::Response;

use super::MessageJson;
use crate::app::App;
use crate::web::route::{GET, IntoRoute};
use crate::web::{Cx, Problem, Route, get, json};

pub fn route(app: &App) -> Route {
    warp::path!("api" / "v1" / "message" / String).and(get(app)).then(handle).route(GET, "/api/v1/message/{}/")
}

/// One message, for those who sent or received it.
#[utoipa::path(get, path = "/api/v1/message/{id}/", operation_id = "get_message", tag = "Messages",
    params(("id" = i64, Path, description = "The message's id.")),
    responses(
        (status = 200, description = "The message.", body = MessageJson),
        (status = 404, description = "No such message, or one of other people.", body = super::super::Detail),
    ))]
pub async fn handle(id: String, cx: Cx) -> Result<Response, Problem> {
    let me = cx.signed_in().await?;
    // The original also answers to its own suffix for a format.
    let id = super::id(id.strip_suffix(".json").unwrap_or(&id))?;
    let message = cx.app.store.message(me.user.id, id).await?.ok_or_else(Problem::not_found)?;
    Ok(json(StatusCode::OK, &MessageJson::from(&message)))
}
