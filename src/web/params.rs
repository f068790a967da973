//! The parameters of a query as a typed value, which also documents them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

use super::problem::Problem;
use crate::actions::{FieldCode, FieldError};

/// Most entries on one page of a list.
pub const MAX_LIMIT: usize = 100;

/// Reads a query. Unknown parameters are ignored.
pub fn parse<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    // The last of a name counts, as in the original, where serde would refuse the second.
    let last: BTreeMap<Cow<'_, str>, Cow<'_, str>> = form_urlencoded::parse(query.as_bytes()).collect();
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(last).finish();
    let deserializer = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
    // All that is not text is a number.
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        Problem::field(FieldError::new(error.path().to_string(), FieldCode::NotANumber, "This must be a number."))
    })
}

/// A number that was left as text because not everyone who sends it means one.
pub fn number(name: &'static str, text: &str) -> Result<i64, Problem> {
    let wrong = |_| Problem::field(FieldError::new(name, FieldCode::NotANumber, "This must be a number."));
    text.parse().map_err(wrong)
}

/// A number within these bounds.
pub fn in_range(name: &'static str, value: i64, (least, most): (i64, i64)) -> Result<i64, Problem> {
    if (least..=most).contains(&value) {
        return Ok(value);
    }
    let detail = format!("This must be a number from {least} to {most}.");
    Err(Problem::field(FieldError::new(name, FieldCode::OutOfRange, detail)))
}

/// The `limit` of a page: 1 to [`MAX_LIMIT`].
pub fn limit(limit: Option<i64>, default: usize) -> Result<usize, Problem> {
    let Some(limit) = limit else { return Ok(default) };
    in_range("limit", limit, (1, MAX_LIMIT as i64)).map(|limit| limit as usize)
}

/// One of two places in a list, or none.
pub fn either(before: Option<i64>, after: Option<i64>) -> Result<Option<Place>, Problem> {
    match (before, after) {
        (None, None) => Ok(None),
        (Some(before), None) => Ok(Some(Place::Before(before))),
        (None, Some(after)) => Ok(Some(Place::After(after))),
        (Some(_), Some(_)) => {
            Err(Problem::field(FieldError::new("before", FieldCode::NotBoth, "Ask for either before or after.")))
        }
    }
}

/// Which side of a place in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Before(i64),
    After(i64),
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Eq, Deserialize)]
    struct Params {
        target: Option<String>,
        limit: Option<i64>,
    }

    #[test]
    fn the_last_of_a_name_counts_and_unknown_ones_are_ignored() {
        let params: Params = parse("target=b%20o&foo=&target=c&limit=07&x").unwrap();
        assert_eq!(params, Params { target: Some("c".into()), limit: Some(7) });
        assert_eq!(parse::<Params>("").unwrap(), Params { target: None, limit: None });
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for wrong in ["x", "", "1e9", "1.0", "99999999999999999999"] {
            assert!(parse::<Params>(&format!("limit={wrong}")).is_err(), "{wrong}");
        }
    }

    #[test]
    fn limits_have_bounds() {
        assert_eq!(limit(None, 15).unwrap(), 15);
        assert_eq!((limit(Some(1), 15).unwrap(), limit(Some(100), 15).unwrap()), (1, 100));
        for wrong in [0, -1, 101, i64::MIN, i64::MAX] {
            assert!(limit(Some(wrong), 15).is_err(), "{wrong}");
        }
    }
}
