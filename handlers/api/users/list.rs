//! `GET /api/v1/user/`: everyone but oneself, newest conversation first, then the others by name, in pages.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use warp::Filter;
use warp::http::StatusCode;
use warp::http::header::{HeaderValue, LINK};
use warp::reply::Response;

use crate::app::App;
use crate::store::{PeopleQuery, Person};
use crate::web::route::{GET, IntoRoute};
use crate::web::{Cx, Problem, Route, cursor, get, json, params};

pub fn route(app: &App) -> Route {
    warp::path!("api" / "v1" / "user").and(get(app)).then(handle).route(GET, "/api/v1/user/")
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Params {
    /// The beginning of a user name or display name, in any case.
    search: Option<String>,
    /// Where the page before ended; taken from its `Link`.
    cursor: Option<String>,
    /// The most people on a page.
    #[param(minimum = 1, maximum = 100, default = 100)]
    limit: Option<i64>,
}

/// A person as one sees them.
#[derive(Serialize, ToSchema)]
pub struct PersonJson {
    username: String,
    /// The whole text of the newest message of the two, by either.
    #[schema(required)]
    latest_message: Option<String>,
    /// When it was sent, RFC 3339 in UTC.
    #[schema(required)]
    timestamp: Option<String>,
    /// The display name; left out when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    name: Option<String>,
    /// The tag of the picture; left out when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
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
#[utoipa::path(get, path = "/api/v1/user/", operation_id = "list_people", tag = "People",
    params(Params),
    responses(
        (status = 200, description = "People.", body = Vec<PersonJson>, headers(("Link" = String, description = "The next page, if there is one."))),
        (status = 400, description = "A parameter is not valid.", body = super::super::InputProblem),
    ))]
pub async fn handle(cx: Cx) -> Result<Response, Problem> {
    let me = cx.signed_in().await?;
    let query: Params = cx.params()?;
    let wanted = PeopleQuery {
        search: query.search.unwrap_or_default(),
        cursor: cursor::from(query.cursor.as_deref())?,
        limit: params::limit(query.limit, params::MAX_LIMIT)?,
    };
    let page = cx.app.store.people(me.user.id, wanted).await?;
    let people: Vec<PersonJson> = page.people.into_iter().map(PersonJson::from).collect();
    let mut response = json(StatusCode::OK, &people);
    if let Some(next) = page.next {
        response.headers_mut().insert(LINK, link(&cx, cursor::text(&next)));
    }
    Ok(response)
}

fn link(cx: &Cx, next: String) -> HeaderValue {
    let parameters = cx.query().with(&[("cursor", Some(next))]);
    let link = format!("<{}/api/v1/user/?{parameters}>; rel=\"next\"", cx.request.origin);
    HeaderValue::from_str(&link).expect("a host and encoded parameters are visible ASCII")
}
