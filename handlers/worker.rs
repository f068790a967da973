//! `GET /worker.js`: the service worker that caches the chat page, with the list of this version's files. It is at the
//! root because a worker controls the paths below its own.

use serde_json::json;
use warp::Filter;
use warp::http::HeaderValue;
use warp::http::header::CONTENT_TYPE;
use warp::reply::Response;

use crate::app::App;
use crate::assets;
use crate::web::route::{GET, IntoRoute};
use crate::web::{Cx, Problem, Route, get};

pub fn route(app: &App) -> Route {
    warp::path!("worker.js").and(get(app)).then(handle).route(GET, "/worker.js")
}

async fn handle(_: Cx) -> Result<Response, Problem> {
    let base = assets::prefix();
    let files: Vec<String> = assets::shell().map(|name| format!("{base}/{name}")).collect();
    let shell = json!({ "version": assets::VERSION, "base": base, "fixed": assets::FIXED, "files": files });
    let code = assets::find("worker.js", "").ok_or_else(Problem::not_found)?;
    let mut script = format!("self.shell = {shell};\n").into_bytes();
    script.extend_from_slice(&code.content);
    let mut response = Response::new(script.into());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(code.media));
    Ok(response)
}
