//! The list of people as one of them sees it: those one has written with, newest conversation first, then the others
//! by name. Read in pages by key; a page's cost does not grow with the number of people.

use super::conversations::last_id;
use super::direct::{is_direct, other_member};
use super::engine::{self, Db, Row};
use super::{Store, StoreError};
use crate::clock::Timestamp;
use crate::model::{UserId, Username, fold_name};

/// People one shares a direct conversation with, by their newest message `m`: found among all of one's own
/// conversations. Each is checked against the search in turn. Of a message one has deleted for oneself only the time is
/// left.
pub(super) const WRITTEN_WITH: &str = concat!(
    "SELECT list.place, u.username, u.display_name, u.avatar, m.created_at,
            CASE WHEN EXISTS (SELECT 1 FROM hidden_messages h WHERE h.user_id = $1 AND h.message_id = m.id)
                 THEN '' ELSE m.body END
     FROM (SELECT ",
    other_member!("c", "me.user_id"),
    " AS other_id, ",
    last_id!(),
    " AS place FROM members me
           JOIN conversations c ON c.id = me.conversation_id AND ",
    other_member!("c", "me.user_id"),
    " <> me.user_id
           WHERE me.user_id = $1 AND ",
    last_id!(),
    " < $2 AND EXISTS (SELECT 1 FROM user_names n
                       WHERE n.user_id = ",
    other_member!("c", "me.user_id"),
    " AND n.name >= $3 AND n.name < $4)
           ORDER BY place DESC LIMIT $5) list
     JOIN users u ON u.id = list.other_id
     JOIN messages m ON m.id = list.place
     ORDER BY list.place DESC"
);

/// The others, by the first of their names that fits; a second name of the same person is skipped.
pub(super) const NOT_WRITTEN_WITH: &str = concat!(
    "SELECT n.name, n.user_id, u.username, u.display_name, u.avatar
     FROM user_names n
     JOIN users u ON u.id = n.user_id
     WHERE (n.name, n.user_id) > ($1, $2) AND n.name >= $3 AND n.name < $4 AND n.user_id <> $5
       AND NOT EXISTS (SELECT 1 FROM user_names e
                       WHERE e.user_id = n.user_id AND e.name >= $3 AND e.name < n.name)
       AND NOT EXISTS (SELECT 1 FROM conversations c
                       JOIN members me ON me.user_id = $5 AND me.conversation_id = c.id
                       WHERE ",
    is_direct!("n.user_id", "$5"),
    ")
     ORDER BY n.name, n.user_id LIMIT $6"
);

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

/// Which part of the list is asked for.
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
        self.read(move |db| page(db, me, &query)).await
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
        // No key holds the last code point: it is not a character. Neither does any text hold U+0000.
        let from = from.replace('\0', "\u{fffd}");
        let to = format!("{from}{}", char::MAX);
        Self { from, to }
    }
}

fn page(db: &mut dyn Db, me: UserId, query: &PeopleQuery) -> engine::Result<PeoplePage> {
    let range = Range::of(&query.search);
    // One more than asked for shows whether there is a next page.
    let ask = query.limit + 1;
    let mut found = match &query.cursor {
        None => written_with(db, me, &range, i64::MAX, ask)?,
        Some(PeopleCursor::WrittenWith { last_message }) => written_with(db, me, &range, *last_message, ask)?,
        Some(PeopleCursor::Named { .. }) => Vec::new(),
    };
    if found.len() < ask {
        let (name, user) = match &query.cursor {
            Some(PeopleCursor::Named { name, user }) => (name.as_str(), *user),
            _ => ("", 0),
        };
        found.extend(not_written_with(db, me, &range, (name, user), ask - found.len())?);
    }
    let more = found.len() > query.limit;
    found.truncate(query.limit);
    let next = found.last().filter(|_| more).map(|(cursor, _)| cursor.clone());
    Ok(PeoplePage { people: found.into_iter().map(|(_, person)| person).collect(), next })
}

type Found = Vec<(PeopleCursor, Person)>;

fn written_with(db: &mut dyn Db, me: UserId, range: &Range, before: i64, limit: usize) -> engine::Result<Found> {
    let params =
        [me.0.into(), before.into(), range.from.as_str().into(), range.to.as_str().into(), (limit as i64).into()];
    db.all(WRITTEN_WITH, &params, |row| {
        let latest = Some((row.get(5)?, Timestamp::from_micros(row.get(4)?)));
        Ok((PeopleCursor::WrittenWith { last_message: row.get(0)? }, person_from(row, 1, latest)?))
    })
}

fn not_written_with(
    db: &mut dyn Db,
    me: UserId,
    range: &Range,
    (name, user): (&str, i64),
    limit: usize,
) -> engine::Result<Found> {
    let params = [
        name.into(),
        user.into(),
        range.from.as_str().into(),
        range.to.as_str().into(),
        me.0.into(),
        (limit as i64).into(),
    ];
    db.all(NOT_WRITTEN_WITH, &params, |row| {
        Ok((PeopleCursor::Named { name: row.get(0)?, user: row.get(1)? }, person_from(row, 2, None)?))
    })
}

/// Reads the user name, the display name and the picture's tag, from this column on.
fn person_from(row: &dyn Row, first: usize, latest: Option<(String, Timestamp)>) -> engine::Result<Person> {
    let mut columns = row.columns(first);
    Ok(Person {
        username: Username::from_stored(columns.read()?),
        display_name: columns.read()?,
        avatar: columns.read()?,
        latest,
    })
}
