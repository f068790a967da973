//! The list of people as one of them sees it: those one has written with, newest conversation first, then the others
//! by name. Read in pages by key; a page's cost does not grow with the number of people.

use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::members::Late;
use super::recent::View;
use super::{Store, StoreError};
use crate::clock::Timestamp;
use crate::model::{ConversationId, MessageId, UserId, Username, fold_name};

/// People one shares a conversation with, by their newest message `m`. Whether one fits the search is asked of each in turn.
/// Of a message one has deleted for oneself only the time is left.
macro_rules! select_written_with {
    ($newest:literal, $which:literal) => {
        concat!(
            "SELECT u.username, u.display_name, u.avatar, m.created_at, m.id AS last_message_id, c.id AS conversation_id,
                iif(EXISTS (SELECT 1 FROM hidden_messages h WHERE h.user_id = :me AND h.message_id = m.id), '', m.body) AS body
             FROM members me
             JOIN conversations c ON c.id = me.conversation_id AND c.low_user_id <> c.high_user_id
             JOIN users u ON u.id = c.low_user_id + c.high_user_id - me.user_id
             JOIN messages m ON m.id = ",
            $newest,
            " WHERE me.user_id = :me
               AND EXISTS (SELECT 1 FROM user_names n WHERE n.user_id = u.id AND n.name >= :from AND n.name < :to)
               AND ",
            $which
        )
    };
}

/// Newest first, as far as rows say.
pub(super) const WRITTEN_WITH: &str =
    select_written_with!("me.last_message_id", "me.last_message_id < :before ORDER BY me.last_message_id DESC");
/// Of one conversation, whose newest message is known.
pub(super) const LATELY_WRITTEN_WITH: &str = select_written_with!(":last", "me.conversation_id = :conversation");

/// The others, by the first of their names that fits; a name that only repeats a person is passed over.
pub(super) const NOT_WRITTEN_WITH: &str = "SELECT n.name, n.user_id, u.username, u.display_name, u.avatar
     FROM user_names n
     JOIN users u ON u.id = n.user_id
     WHERE (n.name, n.user_id) > (:name, :user) AND n.name >= :from AND n.name < :to AND n.user_id <> :me
       AND NOT EXISTS (SELECT 1 FROM user_names e
                       WHERE e.user_id = n.user_id AND e.name >= :from AND e.name < n.name)
       AND NOT EXISTS (SELECT 1 FROM conversations c
                       JOIN members me ON me.conversation_id = c.id AND me.user_id = :me
                       WHERE c.low_user_id = min(n.user_id, :me) AND c.high_user_id = max(n.user_id, :me))
     ORDER BY n.name, n.user_id LIMIT :limit";

/// A person in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub username: Username,
    pub display_name: Option<String>,
    /// The tag of the picture.
    pub avatar: Option<String>,
    /// The newest message of the two, by either: its text and time.
    pub latest: Option<(String, Timestamp)>,
}

/// What of the list is asked for.
#[derive(Clone, Debug)]
pub struct PeopleQuery {
    /// The beginning of a user or display name, in any case; empty for everyone.
    pub search: String,
    /// Where the page before ended.
    pub cursor: Option<PeopleCursor>,
    pub limit: usize,
}

/// A place in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeopleCursor {
    /// After the person whose newest message this is.
    WrittenWith { last_message: i64 },
    /// After this name of this person.
    Named { name: String, user: i64 },
}

/// Some people, and where the next page begins, if there is one.
#[derive(Debug)]
pub struct PeoplePage {
    pub people: Vec<Person>,
    pub next: Option<PeopleCursor>,
}

impl Store {
    /// One page of everyone but `me`.
    pub async fn people(&self, me: UserId, query: PeopleQuery) -> Result<PeoplePage, StoreError> {
        self.read(move |conn| page(conn, me, &query)).await
    }
}

/// The keys from `from` up to but not including `to` are those that begin with the search text.
struct Range {
    from: String,
    to: String,
}

impl Range {
    fn of(search: &str) -> Self {
        let from = fold_name(search.trim());
        // No key holds the last code point: it is not a character.
        let to = format!("{from}{}", char::MAX);
        Self { from, to }
    }
}

fn page(conn: &View<'_>, me: UserId, query: &PeopleQuery) -> rusqlite::Result<PeoplePage> {
    let range = Range::of(&query.search);
    // One more than asked for tells whether there is a next page.
    let ask = query.limit + 1;
    let mut found = match &query.cursor {
        None => written_with(conn, me, &range, i64::MAX, ask)?,
        Some(PeopleCursor::WrittenWith { last_message }) => written_with(conn, me, &range, *last_message, ask)?,
        Some(PeopleCursor::Named { .. }) => Vec::new(),
    };
    if found.len() < ask {
        let (name, user) = match &query.cursor {
            Some(PeopleCursor::Named { name, user }) => (name.as_str(), *user),
            _ => ("", 0),
        };
        found.extend(not_written_with(conn, me, &range, (name, user), ask - found.len())?);
    }
    let more = found.len() > query.limit;
    found.truncate(query.limit);
    let next = found.last().filter(|_| more).map(|(cursor, _)| cursor.clone());
    Ok(PeoplePage { people: found.into_iter().map(|(_, person)| person).collect(), next })
}

type Found = Vec<(PeopleCursor, Person)>;

fn written_with(view: &View<'_>, me: UserId, range: &Range, before: i64, limit: usize) -> rusqlite::Result<Found> {
    let late = Late::of(view, me)?;
    let mut query = view.prepare_cached(WRITTEN_WITH)?;
    let params = named_params! { ":me": me.0, ":before": before, ":from": range.from, ":to": range.to };
    let rows = query.query_map(params, |row| {
        let (conversation, last) = (row.get("conversation_id")?, row.get("last_message_id")?);
        Ok((ConversationId(conversation), MessageId(last), written_to(row)?))
    })?;
    let find = |conversation: ConversationId, last: MessageId| {
        let params = named_params! {
            ":me": me.0, ":conversation": conversation.0, ":last": last.0, ":from": range.from, ":to": range.to,
        };
        view.prepare_cached(LATELY_WRITTEN_WITH)?.query_row(params, written_to).optional()
    };
    let found = late.in_order(before, limit, rows, find)?.into_iter();
    Ok(found.map(|(last, person)| (PeopleCursor::WrittenWith { last_message: last.0 }, person)).collect())
}

fn written_to(row: &Row<'_>) -> rusqlite::Result<Person> {
    person_from(row, Some((row.get("body")?, Timestamp::from_micros(row.get("created_at")?))))
}

fn not_written_with(
    conn: &Connection,
    me: UserId,
    range: &Range,
    (name, user): (&str, i64),
    limit: usize,
) -> rusqlite::Result<Found> {
    let mut query = conn.prepare_cached(NOT_WRITTEN_WITH)?;
    let params = named_params! {
        ":me": me.0, ":name": name, ":user": user, ":from": range.from, ":to": range.to, ":limit": limit as i64,
    };
    let people = query.query_map(params, |row| {
        Ok((PeopleCursor::Named { name: row.get("name")?, user: row.get("user_id")? }, person_from(row, None)?))
    });
    people?.collect()
}

fn person_from(row: &Row<'_>, latest: Option<(String, Timestamp)>) -> rusqlite::Result<Person> {
    Ok(Person {
        username: Username::from_stored(row.get("username")?),
        display_name: row.get("display_name")?,
        avatar: row.get("avatar")?,
        latest,
    })
}
