//! `GET /api/v1/user/`: everyone but oneself, newest conversation first, then the others by name, in pages.

use serde::Serialize;
use utoipa::ToSchema;
use warp::Filter;
use warp::http::StatusCode;
use warp::http::header::{HeaderValue, LINK};
use warp::reply::Response;

use crate::app::App;
use crate::store::{PeopleQuery, Person};
use crate::web::route::{GET, IntoRoute};
use crate::web::{Cx, Problem, Query, Route, cursor, get, json};

pub fn route(app: &App) -> Route {
    warp::path!("api" / "v1" / "user").and(get(app)).then(handle).route(GET, "/api/v1/user/")
}

/// A person as one sees them.
#[derive(Serialize, ToSchema)]
pub struct PersonJson {
    username: String,
    /// The whole text of the newest message of the two, by either.
    latest_message: Option<String>,
    /// When it was sent, RFC 3339 in UTC.
    timestamp: Option<String>,
    /// The display name; left out when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The tag of the picture; left out when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    avatar: Option<String>,
}

impl From<Person> for PersonJson {
    fn from(person: Person) -> Self {
        let (latest_message, timestamp) = person.latest.map(|(body, time)| (body, time.to_string())).unzip();
        let Person { username, display_name: name, avatar, .. } = person;
        Self { username: username.to_string(), latest_message, timestamp, name, avatar }
    }
}

/// Everyone but oneself, newest conversation first, then the others by name.
///
/// A page is a plain array; where there is more, the header `Link: <…>; rel="next"` leads on (RFC 8288).
#[utoipa::path(get, path = "/api/v1/user/", tag = "People",
    params(
        ("limit" = Option<u8>, Query, description = "People on a page: 1 to 100; 100 unless told."),
        ("search" = Option<String>, Query, description = "The beginning of a user name or display name, in any case."),
        ("cursor" = Option<String>, Query, description = "Where the page before ended; taken from its `Link`."),
    ),
    responses(
        (status = 200, description = "People.", body = Vec<PersonJson>, headers(("Link" = String, description = "The next page, if there is one."))),
        (status = 400, description = "A parameter is not valid.", body = super::super::FieldProblems),
        (status = 403, description = "Not logged in.", body = super::super::Detail),
    ))]
pub async fn handle(cx: Cx) -> Result<Response, Problem> {
    let me = cx.signed_in().await?;
    let query = cx.query();
    let wanted = PeopleQuery {
        search: query.get("search").unwrap_or_default().to_owned(),
        cursor: cursor::from(&query)?,
        limit: query.limit(MOST)?,
    };
    let page = cx.app.store.people(me.user.id, wanted).await?;
    let people: Vec<PersonJson> = page.people.into_iter().map(PersonJson::from).collect();
    let mut response = json(StatusCode::OK, &people);
    if let Some(next) = page.next {
        response.headers_mut().insert(LINK, link(&cx, &query, &cursor::text(&next)));
    }
    Ok(response)
}

/// People on a page, unless fewer are asked for.
const MOST: usize = 100;

fn link(cx: &Cx, query: &Query, next: &str) -> HeaderValue {
    let parameters = query.with(&[("cursor", Some(next.to_owned()))]);
    let link = format!("<{}/api/v1/user/?{parameters}>; rel=\"next\"", cx.request.origin);
    HeaderValue::from_str(&link).expect("a host and encoded parameters are visible ASCII")
}
