//! The toolkit handlers are made of: what a request brings (`request`, `cx`, `input`), how a route is declared
//! (`route`), how errors become answers (`problem`), and what every answer gets (`layer`). Knows no route and no SQL.

pub mod cursor;
pub mod cx;
pub mod input;
pub mod layer;
pub mod params;
pub mod problem;
pub mod query;
pub mod request;
pub mod route;

pub use cx::{Cx, Me};
pub use input::{Body, Fields};
pub use problem::Problem;
pub use query::Query;
pub use route::{Route, any, body, delete, get, patch, post, put};

use percent_encoding::percent_decode_str;
use serde::Serialize;
use warp::http::header::{CONTENT_TYPE, LOCATION};
use warp::http::{HeaderValue, StatusCode};
use warp::reply::Response;

/// A decoded part of a path, such as a user name; what is no text is not found.
pub fn segment(encoded: &str) -> Result<String, Problem> {
    let text = percent_decode_str(encoded).decode_utf8().map_err(|_| Problem::not_found())?;
    Ok(text.into_owned())
}

/// A JSON answer.
pub fn json(status: StatusCode, value: &impl Serialize) -> Response {
    let body = serde_json::to_vec(value).expect("our answers have string keys only");
    let mut response = of_type("application/json", Response::new(body.into()));
    *response.status_mut() = status;
    response
}

/// An HTML answer.
pub fn html(page: String) -> Response {
    of_type("text/html; charset=utf-8", Response::new(page.into()))
}

fn of_type(media: &'static str, mut response: Response) -> Response {
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media));
    response
}

/// An answer that sends the browser to another of our paths.
pub fn redirect(status: StatusCode, location: &str) -> Response {
    let mut response = Response::default();
    *response.status_mut() = status;
    let location = HeaderValue::from_str(location).unwrap_or(HeaderValue::from_static("/"));
    response.headers_mut().insert(LOCATION, location);
    response
}
