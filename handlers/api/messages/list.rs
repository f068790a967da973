//! `GET /api/v1/message/`: what one has sent and received, by page number or by key.

use serde::Serialize;
use utoipa::ToSchema;
use warp::Filter;
use warp::http::StatusCode;
use warp::reply::Response;

use super::MessageJson;
use crate::actions::history::{PAGE, Part, Position, history};
use crate::app::App;
use crate::model::MessageId;
use crate::web::route::{GET, IntoRoute};
use crate::web::{Cx, Problem, Query, Route, get, json};

pub fn route(app: &App) -> Route {
    warp::path!("api" / "v1" / "message").and(get(app)).then(handle).route(GET, "/api/v1/message/")
}

/// A page of messages.
#[derive(Serialize, ToSchema)]
pub struct Envelope<'m> {
    /// Messages on all pages.
    count: i64,
    /// The following page, in the direction asked for.
    next: Option<String>,
    /// The page before; by page number only.
    previous: Option<String>,
    results: Vec<MessageJson<'m>>,
}

/// Messages one has sent or received.
///
/// By page number they come newest first, 15 on a page. By key (`before` or `after`) pages stay in place while messages
/// arrive, and cost the same however far back: `before` gives older ones, newest first; `after` gives newer ones, oldest
/// first, which is the order to catch up in.
#[utoipa::path(get, path = "/api/v1/message/", tag = "Messages",
    params(
        ("target" = Option<String>, Query, description = "Only those exchanged with this user name."),
        ("page" = Option<String>, Query, description = "A page number from 1, or `last`."),
        ("before" = Option<i64>, Query, description = "Only those older than this id."),
        ("after" = Option<i64>, Query, description = "Only those newer than this id."),
        ("limit" = Option<u8>, Query, description = "With `before` or `after`: messages on a page, 1 to 100; 15 unless told."),
    ),
    responses(
        (status = 200, description = "Messages.", body = Envelope),
        (status = 400, description = "A parameter is not valid.", body = super::super::FieldProblems),
        (status = 403, description = "Not logged in.", body = super::super::Detail),
        (status = 404, description = "No such page.", body = super::super::Detail),
    ))]
pub async fn handle(cx: Cx) -> Result<Response, Problem> {
    let me = cx.signed_in().await?;
    let query = cx.query();
    if query.get("format").is_some_and(|format| format != "json") {
        return Err(Problem::not_found());
    }
    let (position, limit) = asked_for(&query)?;
    let part = history(&cx.app, &me.user, query.get("target"), position, limit).await?;
    let part = part.map_err(|_| Problem::not_found())?;
    let (next, previous) = links(&cx, &query, position, &part);
    let results = part.messages.iter().map(MessageJson::from).collect();
    Ok(json(StatusCode::OK, &Envelope { count: part.count, next, previous, results }))
}

fn asked_for(query: &Query) -> Result<(Position, usize), Problem> {
    let key = |name: &'static str| match query.get(name).map(str::parse) {
        None => Ok(None),
        Some(Ok(id)) => Ok(Some(MessageId(id))),
        Some(Err(_)) => Err(Problem::fields(vec![(name, "This must be the id of a message.".into())])),
    };
    match (key("before")?, key("after")?) {
        (None, None) => Ok((page(query.get("page"))?, PAGE)),
        (Some(id), None) => Ok((Position::Before(id), query.limit(PAGE)?)),
        (None, Some(id)) => Ok((Position::After(id), query.limit(PAGE)?)),
        (Some(_), Some(_)) => Err(Problem::fields(vec![("before", "Ask for either before or after.".into())])),
    }
}

fn page(text: Option<&str>) -> Result<Position, Problem> {
    match text.map(str::trim) {
        None => Ok(Position::Page(1)),
        Some("last") => Ok(Position::LastPage),
        Some(text) => text.parse().map(Position::Page).map_err(|_| Problem::not_found()),
    }
}

/// Absolute addresses of the pages around, with the other parameters as they were.
fn links(cx: &Cx, query: &Query, position: Position, part: &Part) -> (Option<String>, Option<String>) {
    let link = |name, value: Option<String>| {
        let parameters = query.with(&[(name, value)]);
        let mark = if parameters.is_empty() { "" } else { "?" };
        format!("{}/api/v1/message/{mark}{parameters}", cx.request.origin)
    };
    let last = part.next.map(|message| Some(message.0.to_string()));
    match position {
        Position::Before(_) => (last.map(|id| link("before", id)), None),
        Position::After(_) => (last.map(|id| link("after", id)), None),
        Position::Page(_) | Position::LastPage => {
            let next = part.next.is_some().then(|| link("page", Some((part.page + 1).to_string())));
            let previous = (part.page > 1)
                .then(|| link("page", Some(part.page - 1).filter(|page| *page > 1).map(|page| page.to_string())));
            (next, previous)
        }
    }
}
