//! `GET /api/v1/conversation/`: one's conversations, newest first, in pages; or the one with a person.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use warp::Filter;
use warp::http::StatusCode;
use warp::reply::Response;

use super::super::users::list::PersonJson;
use crate::app::App;
use crate::model::{MessageId, User};
use crate::store::{ConversationPage, Latest, Person};
use crate::web::route::{GET, IntoRoute};
use crate::web::{Cx, Me, Problem, Route, get, json, params};
use crate::wire::LatestState;

/// Conversations on a page, unless asked for otherwise.
const DEFAULT_LIMIT: usize = 30;

pub fn route(app: &App) -> Route {
    warp::path!("api" / "v1" / "conversation").and(get(app)).then(handle).route(GET, "/api/v1/conversation/")
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Params {
    /// Only the conversation with the person of this user name, in any case and Unicode form.
    with: Option<String>,
    /// Only those whose newest message is older than this id.
    cursor: Option<i64>,
    /// The most conversations on a page.
    #[param(minimum = 1, maximum = 100, default = 30)]
    limit: Option<i64>,
}

/// Conversations, newest first.
#[derive(Serialize, ToSchema)]
pub struct ConversationsJson<'c> {
    conversations: Vec<LatestState<'c>>,
    /// The person that `with` named; left out without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    person: Option<PersonJson>,
    /// The following page, if there is one.
    #[schema(required)]
    next: Option<String>,
}

/// One's conversations, newest first; or the one with a person, if there is one, and that person.
#[utoipa::path(get, path = "/api/v1/conversation/", operation_id = "list_conversations", tag = "Conversations",
    params(Params),
    responses(
        (status = 200, description = "Conversations.", body = ConversationsJson),
        (status = 400, description = "A parameter is not valid.", body = super::super::InputProblem),
        (status = 404, description = "There is nobody of this user name.", body = super::super::Detail),
    ))]
pub async fn handle(cx: Cx) -> Result<Response, Problem> {
    let me = cx.signed_in().await?;
    let query: Params = cx.params()?;
    if let Some(name) = &query.with {
        return with_person(&cx, &me, name).await;
    }
    let limit = params::limit(query.limit, DEFAULT_LIMIT)?;
    let page = cx.app.store.conversations(me.user.id, query.cursor.map(MessageId), limit).await?;
    let next = next(&cx, &page);
    let conversations = page.conversations.iter().map(LatestState::from).collect();
    Ok(json(StatusCode::OK, &ConversationsJson { conversations, person: None, next }))
}

async fn with_person(cx: &Cx, me: &Me, name: &str) -> Result<Response, Problem> {
    let other = cx.app.store.find_user(name).await?.ok_or_else(Problem::not_found)?;
    let found = cx.app.store.direct_conversation(me.user.id, other.id).await?;
    let person = PersonJson::from(person(cx, other, found.as_ref()).await?);
    let conversations = found.iter().map(LatestState::from).collect();
    Ok(json(StatusCode::OK, &ConversationsJson { conversations, person: Some(person), next: None }))
}

/// What one sees of a person. One whose account is deleted is found only through the conversation with them.
async fn person(cx: &Cx, user: User, found: Option<&Latest>) -> Result<Person, Problem> {
    let profile = cx.app.store.account(user.id).await?.map(|account| account.profile);
    if profile.is_none() && found.is_none() {
        return Err(Problem::not_found());
    }
    let profile = profile.unwrap_or_default();
    let latest = found.and_then(|latest| latest.message.as_ref());
    Ok(Person {
        username: user.username,
        display_name: profile.display_name,
        avatar: profile.avatar,
        latest: latest.map(|message| (message.body.clone(), message.created_at)),
    })
}

fn next(cx: &Cx, page: &ConversationPage) -> Option<String> {
    let last = page.conversations.last().filter(|_| page.more)?;
    let parameters = cx.query().with(&[("cursor", Some(last.place.0.to_string()))]);
    Some(format!("{}/api/v1/conversation/?{parameters}", cx.request.origin))
}
