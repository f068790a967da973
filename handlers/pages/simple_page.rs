//! The plain page as it is shown: people, one conversation and a form to send, all rendered here so that it works
//! without a script.

use serde::Serialize;
use warp::reply::Response;

use super::forms::ShownErrors;
use crate::actions::history::{self, Position};
use crate::model::{ClientKey, Message, MessageId, User};
use crate::store::{PeopleQuery, Person};
use crate::web::{Cx, Problem, Query, cursor};

const PATH: &str = "/simpleui/";
const PEOPLE: usize = 30;

/// Characters of a person's latest message that the list shows.
const PREVIEW: usize = 120;

/// What is in the form to send.
#[derive(Default)]
pub struct Composer {
    pub body: String,
    /// The key of this send; a new one is made for a new message.
    pub client_id: Option<String>,
    pub errors: ShownErrors,
}

#[derive(Serialize)]
struct Values<'a> {
    me: MeValues<'a>,
    ephemeral: bool,
    people: Vec<PersonValues>,
    more_people: Option<String>,
    search: &'a str,
    target: Option<&'a str>,
    messages: Vec<MessageValues>,
    older: Option<String>,
    newer: Option<String>,
    client_id: String,
    body: String,
    errors: ShownErrors,
}

#[derive(Serialize)]
struct MeValues<'a> {
    username: &'a str,
}

#[derive(Serialize)]
struct PersonValues {
    username: String,
    url: String,
    latest_message: Option<String>,
    timestamp: Option<String>,
    selected: bool,
}

#[derive(Serialize)]
struct MessageValues {
    id: i64,
    user: String,
    mine: bool,
    body: String,
    timestamp: String,
}

/// The page for what the query asks for: `target`, `before`, `search`, `cursor`.
pub async fn show(cx: &Cx, me: &User, query: &Query, composer: Composer) -> Result<Response, Problem> {
    let target = find_target(cx, query).await?;
    let name = target.as_ref().map(|target| target.username.as_str());
    let (messages, older) = match name {
        Some(name) => conversation(cx, me, name, query).await?,
        None => (Vec::new(), None),
    };
    let search = query.get("search").unwrap_or_default();
    let wanted = PeopleQuery { search: search.to_owned(), cursor: cursor::from(query.get("cursor"))?, limit: PEOPLE };
    let page = cx.app.store.people(me.id, wanted).await?;
    let next = page.next.map(|next| link(query, &[("cursor", Some(cursor::text(&next)))]));
    let values = Values {
        me: MeValues { username: me.username.as_str() },
        ephemeral: cx.app.config.ephemeral_disk && me.is_admin,
        people: page.people.into_iter().map(|person| person_values(person, name)).collect(),
        more_people: next,
        search,
        target: name,
        messages,
        older,
        newer: query.get("before").and(name).map(path_to),
        client_id: composer.client_id.unwrap_or_else(|| ClientKey::generate().as_str().to_owned()),
        body: composer.body,
        errors: composer.errors,
    };
    cx.page("simpleui.html", &values)
}

/// The page of the conversation with this person.
pub fn path_to(name: &str) -> String {
    format!("{PATH}?{}", Query::default().with(&[("target", Some(name.to_owned()))]))
}

async fn find_target(cx: &Cx, query: &Query) -> Result<Option<User>, Problem> {
    let Some(name) = query.get("target") else { return Ok(None) };
    let found = history::find(&cx.app, name).await?;
    found.map(Some).ok_or_else(Problem::not_found)
}

/// A page of the conversation, oldest first, and the way to older messages.
async fn conversation(
    cx: &Cx,
    me: &User,
    name: &str,
    query: &Query,
) -> Result<(Vec<MessageValues>, Option<String>), Problem> {
    let position = match query.get("before").map(str::parse) {
        Some(Ok(id)) => Position::Before(MessageId(id)),
        Some(Err(_)) => return Err(Problem::not_found()),
        None => Position::Page(1),
    };
    let limit = cx.app.config.messages_to_load;
    let part = history::history(&cx.app, me, Some(name), position, limit).await?;
    let part = part.map_err(|_| Problem::not_found())?;
    let older = part.next.map(|oldest| link(query, &[("before", Some(oldest.0.to_string()))]));
    Ok((part.messages.into_iter().rev().map(|message| message_values(message, me)).collect(), older))
}

fn link(query: &Query, changes: &[(&str, Option<String>)]) -> String {
    format!("{PATH}?{}", query.with(changes))
}

fn person_values(person: Person, target: Option<&str>) -> PersonValues {
    let (latest_message, timestamp) = person.latest.unzip();
    PersonValues {
        url: path_to(person.username.as_str()),
        selected: target == Some(person.username.as_str()),
        username: person.username.to_string(),
        latest_message: latest_message.map(|text| text.chars().take(PREVIEW).collect()),
        timestamp: timestamp.map(|time| time.to_string()),
    }
}

fn message_values(message: Message, me: &User) -> MessageValues {
    MessageValues {
        id: message.id.0,
        mine: message.sender == me.id,
        user: message.sender_name.to_string(),
        body: message.body,
        timestamp: message.created_at.to_string(),
    }
}
