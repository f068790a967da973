//! `GET /api/v1/message/{id}/receipt/`: when a message arrived and was read, for its sender.

use serde::Serialize;
use utoipa::ToSchema;
use warp::Filter;
use warp::http::StatusCode;
use warp::reply::Response;

use super::id;
use crate::actions::change::ChangeError;
use crate::app::App;
use crate::web::route::{GET, IntoRoute};
use crate::web::{Cx, Problem, Route, get, json};

pub fn route(app: &App) -> Route {
    warp::path!("api" / "v1" / "message" / String / "receipt")
        .and(get(app))
        .then(handle)
        .route(GET, "/api/v1/message/{}/receipt/")
}

/// When a message arrived and was read: RFC 3339 in UTC, or `null` for what has not happened or is not shown.
#[derive(Serialize, ToSchema)]
pub struct ReceiptJson {
    #[schema(required)]
    delivered_at: Option<String>,
    #[schema(required)]
    read_at: Option<String>,
}

/// When a message of one's own arrived and was read.
#[utoipa::path(get, path = "/api/v1/message/{id}/receipt/", operation_id = "get_receipt", tag = "Messages",
    params(("id" = i64, Path, description = "The message's id.")),
    responses(
        (status = 200, description = "The times.", body = ReceiptJson),
        (status = 403, description = "it is the other one's message.", body = super::super::Detail),
        (status = 404, description = "No such message, or one of other people.", body = super::super::Detail),
    ))]
pub async fn handle(message: String, cx: Cx) -> Result<Response, Problem> {
    let me = cx.signed_in().await?;
    let receipt = cx.app.store.receipt(me.user.id, id(&message)?).await?.map_err(ChangeError::from)?;
    let [delivered_at, read_at] = [receipt.delivered_at, receipt.read_at].map(|at| at.map(|at| at.to_string()));
    Ok(json(StatusCode::OK, &ReceiptJson { delivered_at, read_at }))
}
