//! The languages of the pages, and their texts: `public/texts/*.json`, which browsers read as well. Knows neither
//! requests nor templates.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::assets;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    English,
    Arabic,
}

impl Language {
    pub const ALL: [Self; 2] = [Self::English, Self::Arabic];

    /// Its BCP 47 tag.
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Arabic => "ar",
        }
    }

    /// The value of HTML's `dir`.
    pub fn direction(self) -> &'static str {
        match self {
            Self::English => "ltr",
            Self::Arabic => "rtl",
        }
    }

    /// The language for the tag `chosen` in the settings, if any, or else for the header `Accept-Language` (RFC 9110,
    /// section 12.5.4). English where neither names one of ours.
    pub fn of(chosen: Option<&str>, accepted: &str) -> Self {
        let mut wanted: Vec<(&str, f32)> =
            accepted.split(',').map(parse_preference).filter(|(_, weight)| *weight > 0.0).collect();
        wanted.sort_by(|(_, one), (_, other)| other.total_cmp(one));
        let mut tags = chosen.into_iter().chain(wanted.into_iter().map(|(tag, _)| tag));
        tags.find_map(Self::from_tag).unwrap_or(Self::English)
    }

    fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| primary.eq_ignore_ascii_case(language.code()))
    }
}

/// The tag and the weight of an item of `Accept-Language`; the weight is 1 where none is given.
fn parse_preference(item: &str) -> (&str, f32) {
    let (tag, parameter) = item.split_once(';').unwrap_or((item, ""));
    let weight = parameter.trim().strip_prefix("q=").map_or(1.0, |weight| weight.parse().unwrap_or(0.0));
    (tag.trim(), weight)
}

/// The texts of one language.
pub struct Texts {
    phrases: HashMap<String, String>,
    sentences: HashMap<String, String>,
    from_right_to_left: bool,
}

impl Texts {
    /// Phrases that depend on a number are left out: only browsers use them, which know the rules of plurals.
    pub fn load(language: Language) -> Result<Self, serde_json::Error> {
        let file = assets::find(&format!("texts/{}.json", language.code()), "").map(|file| file.content);
        let read: HashMap<String, serde_json::Value> = serde_json::from_slice(&file.unwrap_or_default())?;
        let strings = |(key, value): (String, serde_json::Value)| Some((key, value.as_str()?.to_owned()));
        let sentences = read.get("server").cloned().map(serde_json::from_value).transpose()?.unwrap_or_default();
        let phrases = read.into_iter().filter_map(strings).collect();
        Ok(Self { phrases, sentences, from_right_to_left: language.direction() == "rtl" })
    }

    /// The phrase of this key, with `{name}` replaced by what `value` gives for the name. A value of the other
    /// direction is isolated, so that it does not reorder the words around it (Unicode TR 9).
    pub fn phrase(&self, key: &str, value: impl Fn(&str) -> Option<String>) -> Option<String> {
        let value =
            |name: &str| value(name).map(|value| if self.needs_isolation(&value) { isolate(&value) } else { value });
        self.phrases.get(key).map(|phrase| fill(phrase, value))
    }

    fn needs_isolation(&self, value: &str) -> bool {
        self.from_right_to_left || value.chars().any(is_right_to_left)
    }

    /// The translation of one of the server's English sentences, or the sentence itself. Its key is the sentence with
    /// every number as `{n}`.
    pub fn sentence<'s>(&self, english: &'s str) -> Cow<'s, str> {
        let digits = |c: char| c.is_ascii_digit();
        let numbers: Vec<&str> = english.split(|c| !digits(c)).filter(|number| !number.is_empty()).collect();
        let mut key = String::with_capacity(english.len());
        for character in english.chars() {
            if !digits(character) {
                key.push(character);
            } else if !key.ends_with("{n}") {
                key.push_str("{n}");
            }
        }
        let Some(translated) = self.sentences.get(&key) else { return Cow::Borrowed(english) };
        let numbers = std::cell::RefCell::new(numbers.into_iter());
        Cow::Owned(fill(translated, |_| numbers.borrow_mut().next().map(str::to_owned)))
    }
}

fn isolate(value: &str) -> String {
    format!("\u{2068}{value}\u{2069}")
}

/// The Unicode blocks of right-to-left letters.
fn is_right_to_left(letter: char) -> bool {
    matches!(letter, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}'
        | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

/// Replaces each `{name}` by its value; one without a value stays as it is.
fn fill(text: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, name, after)) = next_placeholder(rest) {
        filled.push_str(before);
        filled.push_str(&value(name).unwrap_or_else(|| format!("{{{name}}}")));
        rest = after;
    }
    filled + rest
}

fn next_placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_overrides_accept_language() {
        for (chosen, accepted, language) in [
            (None, "", Language::English),
            (None, "ar", Language::Arabic),
            (None, "ar-EG,ar;q=0.9,en;q=0.8", Language::Arabic),
            (None, "de-DE, en;q=0.5, ar;q=0.7", Language::Arabic),
            (None, "fr, AR;q=0, en;q=0.1", Language::English),
            (None, "*", Language::English),
            (None, "arn, xx;q=y", Language::English),
            (Some("ar"), "en", Language::Arabic),
            (Some("en"), "ar", Language::English),
            (Some("tlh"), "ar", Language::Arabic),
        ] {
            assert_eq!(Language::of(chosen, accepted), language, "{chosen:?} {accepted}");
        }
    }

    #[test]
    fn every_language_has_texts_and_values_fill_their_placeholders() {
        for language in Language::ALL {
            let texts = Texts::load(language).unwrap();
            let phrase = texts.phrase("plain.messageTo", |name| Some(format!("<{name}>"))).unwrap();
            assert!(phrase.contains("<name>"), "{phrase}");
            let isolated = texts.phrase("plain.messageTo", |_| Some("ليلى".to_owned())).unwrap();
            assert!(isolated.contains("\u{2068}ليلى\u{2069}"), "{isolated}");
            assert!(texts.phrase("no.such.key", |_| None).is_none());
        }
    }

    #[test]
    fn a_sentence_is_translated_with_its_numbers() {
        let (english, arabic) = (Texts::load(Language::English).unwrap(), Texts::load(Language::Arabic).unwrap());
        let sentence = "A password needs at least 8 characters.";
        assert_eq!(english.sentence(sentence), sentence);
        assert!(arabic.sentence(sentence).contains('8') && arabic.sentence(sentence) != sentence);
        assert_eq!(arabic.sentence("Something new."), "Something new.");
    }
}
