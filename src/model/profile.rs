//! What people say of themselves: a display name and a few words. Both stand next to what others say, so neither may
//! hide, reverse or break what is around it.

use unicode_normalization::UnicodeNormalization;

use super::characters::{is_invisible, is_joiner_in_context};

/// The name shown beside or instead of the user name: up to [`DisplayName::MAX_CHARS`] characters in Unicode form NFC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisplayName(String);

/// A few words about oneself: up to [`About::MAX_CHARS`] characters in Unicode form NFC; may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    #[error("This has at most {0} characters.")]
    TooLong(usize),
    #[error("This may not contain invisible characters, or such that change the direction of text.")]
    Characters,
}

impl DisplayName {
    pub const MAX_CHARS: usize = 64;

    /// Takes what a person typed; spaces around it are dropped, and an empty name is none.
    pub fn parse(typed: &str) -> Result<Option<Self>, ProfileError> {
        let name = tidy(typed, Self::MAX_CHARS)?;
        let chars: Vec<char> = name.chars().collect();
        let hidden =
            |(at, &c): (usize, &char)| is_invisible(c) && !is_joiner_in_context(&chars[..at], c, &chars[at + 1..]);
        if chars.iter().enumerate().any(hidden) {
            return Err(ProfileError::Characters);
        }
        Ok(Some(name).filter(|name| !name.is_empty()).map(Self))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl About {
    pub const MAX_CHARS: usize = 140;

    /// Takes what a person typed; spaces around it are dropped. Joiners stay: some scripts and many emoji need them.
    pub fn parse(typed: &str) -> Result<Self, ProfileError> {
        tidy(typed, Self::MAX_CHARS).map(Self)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn tidy(typed: &str, most: usize) -> Result<String, ProfileError> {
    let typed = typed.trim();
    // Normalising makes text longer by a bounded factor, so a huge input is refused before the work.
    if typed.len() > most * 16 {
        return Err(ProfileError::TooLong(most));
    }
    let text: String = typed.nfc().collect();
    if text.chars().count() > most {
        return Err(ProfileError::TooLong(most));
    }
    if text.chars().any(is_disallowed) { Err(ProfileError::Characters) } else { Ok(text) }
}

/// Control characters, line ends, marks that turn text around (Unicode TR 9), and code points that are no characters.
fn is_disallowed(c: char) -> bool {
    let no_character = (c as u32 & 0xfffe) == 0xfffe || ('\u{fdd0}'..='\u{fdef}').contains(&c);
    let turns = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') || turns || no_character
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_all_kinds_are_taken_and_put_into_one_form() {
        for name in ["Al", "Anna-Lena O'Neil", "名前 🐴", "علی\u{200c}رضا", "Jean ❤️", &"x".repeat(64), "<b>Bo</b>"]
        {
            assert_eq!(DisplayName::parse(name).unwrap().unwrap().as_str(), name);
        }
        assert_eq!(DisplayName::parse("  e\u{301} ").unwrap().unwrap().as_str(), "é");
        assert_eq!(DisplayName::parse(" \t\u{3000} "), Ok(None));
        assert_eq!(About::parse("  ").unwrap().as_str(), "");
        assert_eq!(About::parse("👩‍🚀 in می‌خواهم").unwrap().as_str(), "👩‍🚀 in می‌خواهم");
    }

    #[test]
    fn deceptive_characters_are_refused() {
        for bad in ["a\0b", "a\nb", "a\u{202e}b", "a\u{2066}b", "\u{200f}", "a\u{2028}b", "a\u{10ffff}", "\u{fdd0}"] {
            assert_eq!(DisplayName::parse(bad), Err(ProfileError::Characters), "{bad:?}");
            assert_eq!(About::parse(bad), Err(ProfileError::Characters), "{bad:?}");
        }
        for hidden in
            ["a\u{200b}", "a\u{200d}b", "\u{feff}a", "a\u{ad}b", "\u{3164}", "\u{2800}", "a\u{e0041}", "علی\u{200c}"]
        {
            assert_eq!(DisplayName::parse(hidden), Err(ProfileError::Characters), "{hidden:?}");
        }
        assert_eq!(DisplayName::parse(&"x".repeat(65)), Err(ProfileError::TooLong(64)));
        assert_eq!(DisplayName::parse(&"é".repeat(1_000_000)), Err(ProfileError::TooLong(64)));
        assert_eq!(About::parse(&"x".repeat(141)), Err(ProfileError::TooLong(140)));
    }
}
