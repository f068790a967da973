//! What clients of the live protocol say. Types that are not known are passed over, so that newer clients work too.

use serde::Deserialize;

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Says {
    /// Tell me everything after this revision.
    Resume { since: i64, epoch: Option<String> },
    /// Everything up to this place of the conversation with someone has reached me.
    Delivered { with: String, seq: i64 },
    /// Everything up to this place was visible, in a page that had the focus.
    Read { with: String, seq: i64 },
    /// I am writing to someone, at this moment.
    Typing { with: String },
    /// Whether my page is visible and has the focus.
    Active { active: bool },
    /// Tell me of these people, and no longer of others, whether they are there.
    Watch { people: Vec<String> },
    /// Are you there?
    Ping {},
}

impl Says {
    pub fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_passed_over() {
        assert_eq!(Says::parse(r#"{"type":"resume","since":7}"#), Some(Says::Resume { since: 7, epoch: None }));
        let read = Says::Read { with: "bo".into(), seq: 3 };
        assert_eq!(Says::parse(r#"{"type":"read","with":"bo","seq":3,"later":true}"#), Some(read));
        for passed in ["", "{}", "[]", "{\"type\":\"dance\"}", r#"{"type":"read","with":7,"seq":"x"}"#] {
            assert_eq!(Says::parse(passed), None, "{passed}");
        }
    }
}
