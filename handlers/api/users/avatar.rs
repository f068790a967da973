//! `GET /api/v1/user/{name}/avatar/`: the picture of someone.

use serde::Deserialize;
use utoipa::IntoParams;
use warp::Filter;
use warp::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderValue};
use warp::http::{HeaderMap, StatusCode};
use warp::reply::Response;

use crate::app::App;
use crate::model::Username;
use crate::web::route::{GET, IntoRoute};
use crate::web::{Cx, Problem, Route, get, segment};

pub fn route(app: &App) -> Route {
    warp::path!("api" / "v1" / "user" / String / "avatar")
        .and(get(app))
        .then(handle)
        .route(GET, "/api/v1/user/{}/avatar/")
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Params {
    /// The picture's tag, as it stands beside the name.
    v: Option<String>,
}

/// The picture of someone, as a JPEG.
///
/// With its tag as `v` it may be kept for ever: another picture has another tag.
#[utoipa::path(get, path = "/api/v1/user/{name}/avatar/", operation_id = "get_avatar", tag = "People",
    params(("name" = String, Path, description = "The person's user name."), Params),
    responses(
        (status = 200, description = "The picture.", content_type = "image/jpeg", body = super::super::PictureBytes),
        (status = 304, description = "The one of `If-None-Match` is still the one."),
        (status = 404, description = "Nobody of this name, or no picture.", body = super::super::Detail),
    ))]
pub async fn handle(name: String, cx: Cx) -> Result<Response, Problem> {
    cx.signed_in().await?;
    let query: Params = cx.params()?;
    let name = Username::of_account(&segment(&name)?).map_err(|_| Problem::not_found())?;
    let picture = cx.app.store.picture(&name).await?.ok_or_else(Problem::not_found)?;
    let etag = format!("\"{}\"", picture.tag);
    let mut response = Response::default();
    fill(response.headers_mut(), &etag, query.v.as_ref() == Some(&picture.tag));
    if cx.request.knows(&etag) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        *response.body_mut() = picture.jpeg.into();
    }
    Ok(response)
}

fn fill(headers: &mut HeaderMap, etag: &str, this_one: bool) {
    let keep = match this_one {
        true => "private, max-age=31536000, immutable",
        false => "private, no-cache",
    };
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("image/jpeg"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(keep));
    headers.insert(ETAG, HeaderValue::from_str(etag).expect("hexadecimal digits are visible ASCII"));
    // An uploaded file must never be more than a picture, also when it is opened by itself.
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
}
