//! `PUT /api/v1/me/avatar/`: takes another picture of oneself.

use utoipa::ToSchema;
use warp::Filter;
use warp::http::StatusCode;
use warp::reply::Response;

use super::super::PictureBytes;
use crate::actions::profile;
use crate::app::App;
use crate::pictures::MAX_BYTES;
use crate::web::route::{IntoRoute, PUT};
use crate::web::{Body, Cx, Problem, Route, body, json, put};
use crate::wire::MeState;

/// Room for a form around a picture.
const FORM: usize = 4 * 1024;

pub fn route(app: &App) -> Route {
    warp::path!("api" / "v1" / "me" / "avatar").and(put(app)).and(body()).then(handle).route(PUT, "/api/v1/me/avatar/")
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the input, which is read part by part")]
pub struct AvatarForm {
    avatar: PictureBytes,
}

/// Takes another picture of oneself.
///
/// Of the picture, at most 4 MiB and 16 megapixels, the square in the middle is kept, 320 pixels wide, without
/// metadata. It may also come as the part `avatar` of a form.
#[utoipa::path(put, path = "/api/v1/me/avatar/", operation_id = "set_avatar", tag = "Me",
    request_body(content(
        (PictureBytes = "image/jpeg"),
        (PictureBytes = "image/png"),
        (PictureBytes = "image/webp"),
        (PictureBytes = "image/gif"),
        (AvatarForm = "multipart/form-data"),
    )),
    responses(
        (status = 200, description = "The account as it is now.", body = MeState),
        (status = 400, description = "This is no picture, only a part of one, or one with too many pixels.", body = super::super::InputProblem),
        (status = 408, description = "The picture did not arrive in time.", body = super::super::Detail),
        (status = 413, description = "The picture is too large.", body = super::super::Detail),
        (status = 415, description = "This is of another media type.", body = super::super::Detail),
        (status = 429, description = "Changed too often; wait as `Retry-After` says.", body = super::super::Detail),
    ))]
pub async fn handle(cx: Cx, body: Body) -> Result<Response, Problem> {
    let me = cx.signed_in().await?;
    profile::may_change(&cx.app, me.user.id)?;
    let permit = cx.app.pictures.permit().await?;
    let picture = cx.app.pictures.square(body.picture(&cx, "avatar", MAX_BYTES + FORM).await?).await?;
    drop(permit);
    let account = cx.app.store.set_picture(me.user.id, Some(picture)).await?.ok_or_else(Problem::signed_out)?;
    Ok(json(StatusCode::OK, &MeState::from(&account)))
}
