//! The key a client gives to one send, so that sending again is the same send.

use std::sync::Arc;

/// 1 to 64 visible ASCII characters, chosen by the client, unique for its sender for ever.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientKey(Arc<str>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("A message key has 1 to {} visible ASCII characters.", ClientKey::MAX_CHARS)]
pub struct ClientKeyError;

impl ClientKey {
    /// Longest key, in characters.
    pub const MAX_CHARS: usize = 64;

    pub fn parse(key: &str) -> Result<Self, ClientKeyError> {
        let visible = key.bytes().all(|b| b.is_ascii_graphic());
        if visible && (1..=Self::MAX_CHARS).contains(&key.len()) { Ok(Self(key.into())) } else { Err(ClientKeyError) }
    }

    /// A key that was valid when it was stored.
    pub fn from_stored(key: String) -> Self {
        Self(key.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_short_visible_ascii() {
        assert!(ClientKey::parse("0b6c6f1e-5f0e-4f0a-9a33-2f1d4f3f0c11").is_ok());
        assert!(ClientKey::parse(&"~".repeat(64)).is_ok());
        for bad in ["", "a b", "é", "a\n", &"x".repeat(65)] {
            assert_eq!(ClientKey::parse(bad), Err(ClientKeyError), "{bad:?}");
        }
    }
}
