//! Which characters a name may hold, by their Unicode properties: invisible characters would make different names look
//! equal, or a name look empty.

use icu_properties::props::{CanonicalCombiningClass, DefaultIgnorableCodePoint, GeneralCategory, JoiningType};
use icu_properties::{CodePointMapData, CodePointSetData};

const NON_JOINER: char = '\u{200c}';
const JOINER: char = '\u{200d}';

/// Whether a character has no width or shows nothing: Unicode's default ignorable code points but for the variation
/// selectors, which emoji need, the blank Braille pattern and the interlinear annotations.
pub fn is_invisible(c: char) -> bool {
    let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c);
    (ignorable && !is_variation_selector(c)) || matches!(c, '\u{2800}' | '\u{fff9}'..='\u{fffb}')
}

fn is_variation_selector(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}')
}

/// Whether a character is a mark that changes the letter before it, such as a vowel sign or an accent.
pub fn is_mark(c: char) -> bool {
    use GeneralCategory::{NonspacingMark, SpacingMark};
    let category = CodePointMapData::<GeneralCategory>::new().get(c);
    matches!(category, NonspacingMark | SpacingMark) && !is_invisible(c) && !is_variation_selector(c)
}

/// Whether `c` is a joiner or non-joiner where it changes how a word is written (RFC 5892, appendix A): after the sign
/// that takes away an Indic letter's vowel, and the non-joiner also between two letters that would otherwise be joined,
/// as Persian has it. Anywhere else it shows nothing.
pub fn is_joiner_in_context(before: &[char], c: char, after: &[char]) -> bool {
    let class = |c| CodePointMapData::<CanonicalCombiningClass>::new().get(c);
    let follows_virama = before.last().is_some_and(|&c| class(c) == CanonicalCombiningClass::Virama)
        && after.first().is_some_and(|c| c.is_alphabetic());
    match c {
        JOINER => follows_virama,
        NON_JOINER => follows_virama || (joins_forward(before) && joins_backward(after)),
        _ => false,
    }
}

fn joins_forward(before: &[char]) -> bool {
    let last = before.iter().rev().map(|&c| joining(c)).find(|&joining| joining != JoiningType::Transparent);
    matches!(last, Some(JoiningType::LeftJoining | JoiningType::DualJoining))
}

fn joins_backward(after: &[char]) -> bool {
    let first = after.iter().map(|&c| joining(c)).find(|&joining| joining != JoiningType::Transparent);
    matches!(first, Some(JoiningType::RightJoining | JoiningType::DualJoining))
}

fn joining(c: char) -> JoiningType {
    CodePointMapData::<JoiningType>::new().get(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_show_nothing_are_invisible() {
        for c in "\u{ad}\u{34f}\u{115f}\u{1160}\u{17b4}\u{180e}\u{200b}\u{200c}\u{200d}\u{2060}\u{2800}\u{3164}\u{feff}\u{ffa0}\u{fff9}\u{e0041}\u{e0100}".chars() {
            assert!(is_invisible(c), "{c:?}");
            assert!(!is_mark(c), "{c:?}");
        }
        for c in "a7é名़்ّ้\u{fe0f}🐴".chars() {
            assert!(!is_invisible(c), "{c:?}");
        }
    }

    #[test]
    fn joiners_stand_only_where_they_change_what_is_seen() {
        let in_context = |text: &str| {
            let chars: Vec<char> = text.chars().collect();
            let at = chars.iter().position(|c| matches!(*c, NON_JOINER | JOINER)).unwrap();
            is_joiner_in_context(&chars[..at], chars[at], &chars[at + 1..])
        };
        for good in ["می\u{200c}خواهم", "علی\u{200c}رضا", "क्\u{200c}ष", "ක්\u{200d}ෂ"] {
            assert!(in_context(good), "{good:?}");
        }
        for bad in [
            "a\u{200c}b",
            "a\u{200d}b",
            "\u{200c}علی",
            "علی\u{200c}",
            "علی\u{200d}رضا",
            "دا\u{200c}ر",
            "क\u{200c}ष",
            "क्\u{200d}",
        ] {
            assert!(!in_context(bad), "{bad:?}");
        }
    }
}
