//! What clients of the live protocol send. Unknown types are ignored, so that newer clients work too.

use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientFrame {
    /// Everything up to these `seq`s of a conversation has reached the client, and was on screen in a page that had the
    /// focus. Each of the two may be left out; what was read has also been delivered.
    Ack { conversation: i64, delivered: Option<i64>, read: Option<i64> },
    /// The person is typing in a conversation, at this moment.
    Typing { conversation: i64 },
    /// Whether the page is visible and has the focus.
    Active { active: bool },
    /// Replaces the list of people whose presence is sent.
    Watch { people: Vec<String> },
    /// Asks for a pong.
    Ping {},
}

impl ClientFrame {
    pub fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_frames_and_fields_are_ignored() {
        let ack = |delivered, read| Some(ClientFrame::Ack { conversation: 5, delivered, read });
        assert_eq!(ClientFrame::parse(r#"{"type":"ack","conversation":5,"read":3}"#), ack(None, Some(3)));
        let newer = r#"{"type":"ack","conversation":5,"delivered":4,"read":null,"later":true}"#;
        assert_eq!(ClientFrame::parse(newer), ack(Some(4), None));
        for passed in
            ["", "{}", "[]", r#"{"type":"dance"}"#, r#"{"type":"ack","conversation":"x"}"#, r#"{"type":"ack"}"#]
        {
            assert_eq!(ClientFrame::parse(passed), None, "{passed}");
        }
    }
}
