//! `DELETE /api/v1/message/{id}/`: deletes a message, from everyone or from oneself.

use warp::Filter;
use warp::http::StatusCode;
use warp::reply::{Reply, Response};

use super::id;
use crate::actions::change::{self, Whose};
use crate::app::App;
use crate::web::route::{DELETE, IntoRoute};
use crate::web::{Cx, Problem, Route, delete};

pub fn route(app: &App) -> Route {
    warp::path!("api" / "v1" / "message" / String).and(delete(app)).then(handle).route(DELETE, "/api/v1/message/{}/")
}

/// Deletes a message: one's own from everyone, or with `for=me` any from oneself.
#[utoipa::path(delete, path = "/api/v1/message/{id}/", tag = "Messages",
    params(
        ("id" = i64, Path, description = "The message's id."),
        ("for" = Option<String>, Query, description = "`everyone` (unless told) or `me`."),
    ),
    responses(
        (status = 204, description = "Deleted."),
        (status = 400, description = "`for` is something else.", body = super::super::FieldProblems),
        (status = 403, description = "Not logged in, or not one's own.", body = super::super::Detail),
        (status = 404, description = "No such message, or one of other people.", body = super::super::Detail),
    ))]
pub async fn handle(message: String, cx: Cx) -> Result<Response, Problem> {
    let me = cx.signed_in().await?;
    let whose = match cx.query().get("for") {
        None | Some("everyone") => Whose::Everyones,
        Some("me") => Whose::Mine,
        Some(_) => return Err(Problem::fields(vec![("for", "This must be everyone or me.".into())])),
    };
    change::delete(&cx.app, &me.user, id(&message)?, whose).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
