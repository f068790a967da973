//! User names: what may be one, and when two are the same.

use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;

use super::characters::{is_invisible, is_joiner_in_context, is_mark};

/// A user name: 1 to 150 letters, digits, marks of letters and `@ . + - _`, of which one at least is a letter or digit,
/// in Unicode form NFKC. Accounts made under earlier rules keep their names. A copy costs nothing: names go along with
/// each message.
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
    /// Browsers take `.` and `..` in an address for something else, and punctuation alone names nobody.
    #[error("A user name needs at least one letter or digit.")]
    NoLetter,
}

/// Marks on one letter: no language needs more, and a pile of them covers the lines above and below.
const MAX_MARKS: usize = 4;

impl Username {
    /// Longest name, in characters.
    pub const MAX_CHARS: usize = 150;

    /// Takes what a person typed for a new account; spaces around it are dropped.
    pub fn parse(typed: &str) -> Result<Self, UsernameError> {
        let name = normalize(typed)?;
        let chars: Vec<char> = name.chars().collect();
        if !are_allowed(&chars) {
            return Err(UsernameError::Characters);
        }
        if chars.iter().any(|&c| is_letter_or_digit(c)) { Ok(Self(name.into())) } else { Err(UsernameError::NoLetter) }
    }

    /// Takes what a person typed to name an existing account, whose name may be one that no new account can have.
    pub fn of_account(typed: &str) -> Result<Self, UsernameError> {
        normalize(typed).map(|name| Self(name.into()))
    }

    /// A name that was valid when it was stored.
    pub fn from_stored(name: String) -> Self {
        Self(name.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form that must be unique: equal in any case and any Unicode form.
    pub fn key(&self) -> String {
        fold_name(&self.0)
    }
}

impl std::fmt::Display for Username {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

fn normalize(typed: &str) -> Result<String, UsernameError> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Err(UsernameError::Blank);
    }
    // Normalising makes text longer by a bounded factor, so a huge input is refused before the work.
    if typed.len() > Username::MAX_CHARS * 4 {
        return Err(UsernameError::TooLong);
    }
    // No database takes it in a text.
    if typed.contains('\0') {
        return Err(UsernameError::Characters);
    }
    let name: String = if typed.is_ascii() { typed.to_owned() } else { typed.nfkc().collect() };
    if name.chars().count() > Username::MAX_CHARS { Err(UsernameError::TooLong) } else { Ok(name) }
}

/// Whether each character is allowed where it stands: a mark only on a letter, a joiner only where it is seen.
fn are_allowed(name: &[char]) -> bool {
    let mut marks = None;
    name.iter().enumerate().all(|(at, &c)| {
        if is_mark(c) {
            marks = marks.map(|count| count + 1);
            return marks.is_some_and(|count| count <= MAX_MARKS);
        }
        let joiner = is_joiner_in_context(&name[..at], c, &name[at + 1..]);
        marks = is_letter_or_digit(c).then_some(0);
        marks.is_some() || joiner || "@.+-_".contains(c)
    })
}

fn is_letter_or_digit(c: char) -> bool {
    c.is_alphanumeric() && !is_mark(c) && !is_invisible(c)
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
    fn names_of_all_scripts_are_valid() {
        for name in [
            "al",
            "ünï_x",
            "a.b+c@d-_",
            "名前",
            "7",
            "_.al",
            &"x".repeat(150),
            // Hindi, Tamil, Thai, Bengali and Sinhala marks; Persian with its non-joiner; Vietnamese; Hebrew points.
            "हिन्दी",
            "क़ुतुब",
            "தமிழ்",
            "น้ำผึ้ง",
            "বাংলা",
            "ක්\u{200d}ෂේ",
            "علی\u{200c}رضا",
            "مُحَمَّد",
            "Nguyễn",
            "שָׁלוֹם",
        ] {
            let valid = Username::parse(name).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(valid.as_str(), name.nfkc().collect::<String>());
        }
        assert_eq!(Username::parse("  al \n").unwrap().as_str(), "al");
    }

    #[test]
    fn other_names_say_what_is_wrong() {
        assert_eq!(Username::parse(" \t"), Err(UsernameError::Blank));
        assert_eq!(Username::parse(&"x".repeat(151)), Err(UsernameError::TooLong));
        assert_eq!(Username::parse(&"ﷺ".repeat(150)), Err(UsernameError::TooLong));
        for name in [".", "..", "@", "+-_."] {
            assert_eq!(Username::parse(name), Err(UsernameError::NoLetter), "{name}");
        }
        for name in [
            "bad name!",
            "a\u{202e}b",
            "a\0b",
            "\u{115f}",
            "a\u{1160}",
            "\u{3164}",
            "\u{ffa0}b",
            "a\u{200b}",
            "a\u{fe0f}",
            "a\u{34f}b",
            "a\u{ad}b",
            "a\u{200c}b",
            "a\u{200d}",
            "\u{301}a",
            "_\u{301}a",
            "\u{20dd}",
            "a\u{20dd}",
            "a\u{301}\u{316}\u{317}\u{318}\u{319}\u{31a}",
            "🐴",
        ] {
            assert_eq!(Username::parse(name), Err(UsernameError::Characters), "{name:?}");
        }
    }

    #[test]
    fn accounts_with_names_of_earlier_rules_are_still_named() {
        for name in ["..", "\u{3164}", "a\u{202e}b"] {
            let name: String = name.nfkc().collect();
            assert_eq!(Username::of_account(&name), Ok(Username::from_stored(name)));
        }
        assert_eq!(Username::of_account(" "), Err(UsernameError::Blank));
        assert_eq!(Username::of_account("bo\0"), Err(UsernameError::Characters));
        assert_eq!(Username::of_account(&"x".repeat(151)), Err(UsernameError::TooLong));
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
