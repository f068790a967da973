//! `DELETE /api/v1/message/{id}/`: deletes a message, from everyone or from oneself.

use serde::Deserialize;
use utoipa::IntoParams;
use warp::Filter;
use warp::http::StatusCode;
use warp::reply::{Reply, Response};

use super::id;
use crate::actions::change::{self, Whose};
use crate::actions::{FieldCode, FieldError};
use crate::app::App;
use crate::web::route::{DELETE, IntoRoute};
use crate::web::{Cx, Problem, Route, delete};

pub fn route(app: &App) -> Route {
    warp::path!("api" / "v1" / "message" / String).and(delete(app)).then(handle).route(DELETE, "/api/v1/message/{}/")
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Params {
    /// `everyone`, unless it is `me`.
    #[serde(rename = "for")]
    whose: Option<String>,
}

/// Deletes a message: one's own from everyone, or with `for=me` any from oneself.
#[utoipa::path(delete, path = "/api/v1/message/{id}/", operation_id = "delete_message", tag = "Messages",
    params(("id" = i64, Path, description = "The message's id."), Params),
    responses(
        (status = 204, description = "Deleted."),
        (status = 400, description = "`for` is something else.", body = super::super::InputProblem),
        (status = 403, description = "not one's own.", body = super::super::Detail),
        (status = 404, description = "No such message, or one of other people.", body = super::super::Detail),
    ))]
pub async fn handle(message: String, cx: Cx) -> Result<Response, Problem> {
    let me = cx.signed_in().await?;
    let query: Params = cx.params()?;
    let whose = match query.whose.as_deref() {
        None | Some("everyone") => Whose::Everyones,
        Some("me") => Whose::Mine,
        Some(_) => {
            let error = FieldError::new("for", FieldCode::OutOfRange, "This must be everyone or me.");
            return Err(Problem::field(error));
        }
    };
    change::delete(&cx.app, &me.user, id(&message)?, whose).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
