//! The text of a message.

/// What a person wrote: trimmed, not blank, no NUL, at most [`MessageBody::MAX_BYTES`] of UTF-8; otherwise verbatim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageBody(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    #[error("Write something first: the message is blank.")]
    Blank,
    #[error("A message has at most {} bytes; send it in parts.", MessageBody::MAX_BYTES)]
    TooLong,
    #[error("A message cannot contain the character U+0000.")]
    Nul,
}

impl MessageBody {
    /// Longest message, in bytes of UTF-8.
    pub const MAX_BYTES: usize = 65_536;

    pub fn parse(typed: &str) -> Result<Self, BodyError> {
        let body = typed.trim();
        if body.is_empty() {
            return Err(BodyError::Blank);
        }
        if body.len() > Self::MAX_BYTES {
            return Err(BodyError::TooLong);
        }
        if body.contains('\0') {
            return Err(BodyError::Nul);
        }
        Ok(Self(body.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn into_string(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_body_is_trimmed_and_otherwise_verbatim() {
        let kept = |typed| MessageBody::parse(typed).unwrap().into_string();
        assert_eq!(kept("  padded \n\t "), "padded");
        assert_eq!(kept("a\n\tb <b> 👍"), "a\n\tb <b> 👍");
        assert_eq!(kept("\u{200b}"), "\u{200b}");
    }

    #[test]
    fn blank_nul_and_huge_bodies_are_refused() {
        for blank in ["", " \n\t", "\u{a0}\u{2003}"] {
            assert_eq!(MessageBody::parse(blank), Err(BodyError::Blank));
        }
        assert_eq!(MessageBody::parse("a\0b"), Err(BodyError::Nul));
        assert!(MessageBody::parse(&"x".repeat(MessageBody::MAX_BYTES)).is_ok());
        assert_eq!(MessageBody::parse(&"x".repeat(MessageBody::MAX_BYTES + 1)), Err(BodyError::TooLong));
    }

    proptest! {
        #[test]
        fn parsing_what_was_parsed_changes_nothing(typed in ".*") {
            if let Ok(body) = MessageBody::parse(&typed) {
                prop_assert_eq!(MessageBody::parse(body.as_str()), Ok(body.clone()));
                prop_assert!(typed.contains(body.as_str()));
            }
        }
    }
}
