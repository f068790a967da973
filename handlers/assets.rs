//! `GET /static/…`: the files of `public/`. A path that names this version may be cached for ever; any other must be
//! revalidated soon.

use warp::Filter;
use warp::filters::path::Tail;
use warp::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, VARY,
};
use warp::http::{HeaderMap, StatusCode};
use warp::reply::Response;

use crate::app::App;
use crate::assets::{self, Asset};
use crate::web::route::{GET, IntoRoute};
use crate::web::{Cx, Problem, Route, get};

pub fn route(app: &App) -> Route {
    warp::path("static").and(warp::path::tail()).and(get(app)).then(handle).route(GET, "/static/{*}")
}

async fn handle(path: Tail, cx: Cx) -> Result<Response, Problem> {
    let (name, this_version) = assets::split_version(path.as_str());
    let accept_encoding = cx.request.header(ACCEPT_ENCODING).unwrap_or_default();
    let asset = assets::find(name, accept_encoding).ok_or_else(Problem::not_found)?;
    let mut response = Response::default();
    fill(response.headers_mut(), &asset, this_version);
    if cx.request.knows(&asset.etag) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        *response.body_mut() = asset.content.into();
    }
    Ok(response)
}

fn fill(headers: &mut HeaderMap, asset: &Asset, this_version: bool) {
    let keep = match this_version {
        true => "public, max-age=31536000, immutable",
        false => "public, max-age=60",
    };
    let mut set = |name: HeaderName, value: &str| {
        headers
            .insert(name, HeaderValue::from_str(value).expect("media types, tags and our own words are visible ASCII"));
    };
    set(CONTENT_TYPE, asset.media);
    set(CACHE_CONTROL, keep);
    set(ETAG, &asset.etag);
    if let Some(encoding) = asset.encoding {
        set(CONTENT_ENCODING, encoding);
    }
    if asset.varies {
        set(VARY, "Accept-Encoding");
    }
}
