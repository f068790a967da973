//! Cursors of the list of people, as text in links: opaque to clients.

use super::problem::Problem;
use crate::actions::{FieldCode, FieldError};
use crate::store::PeopleCursor;

/// The cursor as text for a link.
pub fn text(cursor: &PeopleCursor) -> String {
    match cursor {
        PeopleCursor::WrittenWith { last_message } => format!("m{last_message}"),
        PeopleCursor::Named { name, user } => format!("n{user}.{name}"),
    }
}

/// The cursor in a query, if there is one.
pub fn from(cursor: Option<&str>) -> Result<Option<PeopleCursor>, Problem> {
    cursor.map(parse).map_or(Ok(None), |cursor| match cursor {
        Some(cursor) => Ok(Some(cursor)),
        None => {
            let detail = "Follow the link of the page before.";
            Err(Problem::field(FieldError::new("cursor", FieldCode::NotACursor, detail)))
        }
    })
}

fn parse(text: &str) -> Option<PeopleCursor> {
    if let Some(id) = text.strip_prefix('m') {
        return Some(PeopleCursor::WrittenWith { last_message: id.parse().ok()? });
    }
    let (user, name) = text.strip_prefix('n')?.split_once('.')?;
    Some(PeopleCursor::Named { name: name.to_owned(), user: user.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_the_link() {
        for cursor in [
            PeopleCursor::WrittenWith { last_message: 40 },
            PeopleCursor::Named { name: "a.b+ü".into(), user: 7 },
            PeopleCursor::Named { name: String::new(), user: 0 },
        ] {
            assert_eq!(parse(&text(&cursor)), Some(cursor));
        }
        for garbled in ["", "m", "mx", "n", "n7", "nx.y", "q1"] {
            assert_eq!(parse(garbled), None, "{garbled}");
        }
    }
}
