//! User names: what may be one, and when two are the same.

use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;

/// A valid user name: 1 to 150 letters, digits and `@ . + - _`, in Unicode form NFKC (the original's rule). A copy
/// costs nothing: names go along with each message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Username(Arc<str>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UsernameError {
    #[error("Enter a user name.")]
    Blank,
    #[error("A user name has at most {} characters.", Username::MAX_CHARS)]
    TooLong,
    #[error("A user name may contain letters, digits and @ . + - _ only.")]
    Characters,
}

impl Username {
    /// Longest name, in characters.
    pub const MAX_CHARS: usize = 150;

    /// Takes what a person typed; spaces around it are dropped.
    pub fn parse(typed: &str) -> Result<Self, UsernameError> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Err(UsernameError::Blank);
        }
        // Normalising makes text longer by a bounded factor, so a huge input is refused before the work.
        if typed.len() > Self::MAX_CHARS * 4 {
            return Err(UsernameError::TooLong);
        }
        let name: String = if typed.is_ascii() { typed.to_owned() } else { typed.nfkc().collect() };
        if name.chars().count() > Self::MAX_CHARS {
            return Err(UsernameError::TooLong);
        }
        let allowed = |c: char| c.is_alphanumeric() || "@.+-_".contains(c);
        if !name.chars().all(allowed) {
            return Err(UsernameError::Characters);
        }
        Ok(Self(name.into()))
    }

    /// A name that was valid when it was stored.
    pub fn from_stored(name: String) -> Self {
        Self(name.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which a name is taken: alike in any case and any Unicode form.
    pub fn key(&self) -> String {
        fold_name(&self.0)
    }
}

impl std::fmt::Display for Username {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Folds a name or the beginning of one for comparison: compatibility form, then case removed.
/// Up and down again, letter by letter, also unites letters with several small forms (`ς` and `σ`, `ß` and `ss`).
pub fn fold_name(name: &str) -> String {
    let folded = name.nfkc().flat_map(char::to_uppercase).flat_map(char::to_lowercase);
    folded.nfkc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> String {
        Username::parse(name).unwrap().key()
    }

    #[test]
    fn names_of_the_original_are_valid() {
        for name in ["al", "ünï_x", "a.b+c@d-_", "名前", "7", &"x".repeat(150)] {
            assert_eq!(Username::parse(name).unwrap().as_str(), name);
        }
        assert_eq!(Username::parse("  al \n").unwrap().as_str(), "al");
    }

    #[test]
    fn other_names_say_what_is_wrong() {
        assert_eq!(Username::parse(" \t"), Err(UsernameError::Blank));
        assert_eq!(Username::parse("bad name!"), Err(UsernameError::Characters));
        assert_eq!(Username::parse("a\u{202e}b"), Err(UsernameError::Characters));
        assert_eq!(Username::parse("a\0b"), Err(UsernameError::Characters));
        assert_eq!(Username::parse(&"x".repeat(151)), Err(UsernameError::TooLong));
        assert_eq!(Username::parse(&"ﷺ".repeat(150)), Err(UsernameError::TooLong));
    }

    #[test]
    fn a_name_is_taken_in_any_case_and_form() {
        assert_eq!(key("Anna"), key("aNNA"));
        assert_eq!(key("Straße"), key("STRASSE"));
        assert_eq!(key("ΟΔΟΣ"), key("οδος"));
        assert_eq!(key("é"), key("e\u{301}"));
        assert_eq!(key("ｆｕｌｌ"), key("full"));
        assert_ne!(key("anna"), key("hanna"));
    }
}
