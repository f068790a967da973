//! `GET /api/v1/message/`: what one has sent and received, by page number or by key.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use warp::Filter;
use warp::http::StatusCode;
use warp::reply::Response;

use super::MessageJson;
use crate::actions::history::{PAGE, Part, Position, history};
use crate::app::App;
use crate::model::MessageId;
use crate::web::params::{self, Place};
use crate::web::route::{GET, IntoRoute};
use crate::web::{Cx, Problem, Route, get, json};

pub fn route(app: &App) -> Route {
    warp::path!("api" / "v1" / "message").and(get(app)).then(handle).route(GET, "/api/v1/message/")
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Params {
    /// Only those exchanged with this user name.
    target: Option<String>,
    /// A page number from 1, or `last`.
    page: Option<String>,
    /// Only those older than this id; not together with `after`.
    before: Option<i64>,
    /// Only those newer than this id.
    after: Option<i64>,
    /// With `before` or `after`: the most messages on a page. The original's clients may send it without; it is ignored
    /// then.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 100, default = 15)]
    limit: Option<String>,
    /// The only one is `json`.
    format: Option<String>,
}

/// A page of messages.
#[derive(Serialize, ToSchema)]
pub struct Envelope<'m> {
    /// Messages on all pages.
    count: i64,
    /// The following page, in the direction asked for.
    #[schema(required)]
    next: Option<String>,
    /// The page before; by page number only.
    #[schema(required)]
    previous: Option<String>,
    results: Vec<MessageJson<'m>>,
}

/// Messages one has sent or received.
///
/// By page number they come newest first, 15 on a page. By key (`before` or `after`) pages stay in place while messages
/// arrive, and cost the same however far back: `before` gives older ones, newest first; `after` gives newer ones,
/// oldest first, which is the order to catch up in.
#[utoipa::path(get, path = "/api/v1/message/", operation_id = "list_messages", tag = "Messages",
    params(Params),
    responses(
        (status = 200, description = "Messages.", body = Envelope),
        (status = 400, description = "A parameter is not valid.", body = super::super::InputProblem),
        (status = 404, description = "No such page.", body = super::super::Detail),
    ))]
pub async fn handle(cx: Cx) -> Result<Response, Problem> {
    let me = cx.signed_in().await?;
    let query: Params = cx.params()?;
    if query.format.as_deref().is_some_and(|format| format != "json") {
        return Err(Problem::not_found());
    }
    let (position, limit) = asked_for(&query)?;
    let part = history(&cx.app, &me.user, query.target.as_deref(), position, limit).await?;
    let part = part.map_err(|_| Problem::not_found())?;
    let (next, previous) = links(&cx, position, &part);
    let results = part.messages.iter().map(MessageJson::from).collect();
    Ok(json(StatusCode::OK, &Envelope { count: part.count, next, previous, results }))
}

fn asked_for(query: &Params) -> Result<(Position, usize), Problem> {
    let position = match params::either(query.before, query.after)? {
        None => return Ok((page(query.page.as_deref())?, PAGE)),
        Some(Place::Before(id)) => Position::Before(MessageId(id)),
        Some(Place::After(id)) => Position::After(MessageId(id)),
    };
    let limit = query.limit.as_deref().map(|limit| params::number("limit", limit)).transpose()?;
    Ok((position, params::limit(limit, PAGE)?))
}

fn page(text: Option<&str>) -> Result<Position, Problem> {
    match text.map(str::trim) {
        None => Ok(Position::Page(1)),
        Some("last") => Ok(Position::LastPage),
        Some(text) => text.parse().map(Position::Page).map_err(|_| Problem::not_found()),
    }
}

/// Absolute addresses of the pages around, with the other parameters as they were.
fn links(cx: &Cx, position: Position, part: &Part) -> (Option<String>, Option<String>) {
    let link = |name, value: Option<String>| {
        let parameters = cx.query().with(&[(name, value)]);
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
