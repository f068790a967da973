//! The key a client gives to one send, so that a repeated send stores nothing.

use std::sync::Arc;

use uuid::Uuid;

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

    /// A new key, as the page makes them too: a UUID of version 7 (RFC 9562), which begins with the time.
    pub fn generate() -> Self {
        Self(Uuid::now_v7().to_string().into())
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
    fn new_keys_are_valid_and_of_version_7() {
        let keys = [ClientKey::generate(), ClientKey::generate()];
        assert_ne!(keys[0], keys[1]);
        for key in keys {
            assert_eq!(ClientKey::parse(key.as_str()).as_ref(), Ok(&key));
            assert_eq!(Uuid::try_parse(key.as_str()).unwrap().get_version_num(), 7);
        }
    }

    #[test]
    fn keys_are_short_visible_ascii() {
        assert!(ClientKey::parse("0b6c6f1e-5f0e-4f0a-9a33-2f1d4f3f0c11").is_ok());
        assert!(ClientKey::parse(&"~".repeat(64)).is_ok());
        for bad in ["", "a b", "é", "a\n", &"x".repeat(65)] {
            assert_eq!(ClientKey::parse(bad), Err(ClientKeyError), "{bad:?}");
        }
    }
}
