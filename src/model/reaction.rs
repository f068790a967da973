//! Reactions: one emoji.

/// An emoji: at most [`Emoji::MAX_BYTES`] without letters, digits alone, spaces or control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emoji(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("A reaction is one emoji.")]
pub struct EmojiError;

impl Emoji {
    /// Longest emoji, in bytes of UTF-8: a family with skin tones has 41.
    pub const MAX_BYTES: usize = 48;

    pub fn parse(typed: &str) -> Result<Self, EmojiError> {
        let part = |c: char| !c.is_alphabetic() && !c.is_whitespace() && !c.is_control();
        let beyond_ascii = !typed.is_ascii();
        if beyond_ascii && typed.len() <= Self::MAX_BYTES && typed.chars().all(part) {
            Ok(Self(typed.to_owned()))
        } else {
            Err(EmojiError)
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emoji_are_distinguished_from_text() {
        for good in ["👍", "❤️", "👩🏽‍❤️‍💋‍👨🏻", "1️⃣", "🏳️‍🌈"] {
            assert!(Emoji::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "a", "7", "ok", "👍 ", "👍\n", "é", "<b>", &"👍".repeat(20)] {
            assert_eq!(Emoji::parse(bad), Err(EmojiError), "{bad:?}");
        }
    }
}
