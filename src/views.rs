//! The pages' templates, inside the program. The template engine escapes values because every name ends in `.html`; no
//! template turns that off.

use std::sync::Arc;

use serde::Serialize;
use tera::{Context, Kwargs, State, Tera, TeraResult, Value};

use crate::assets;
use crate::texts::{Language, Texts};

include!(concat!(env!("OUT_DIR"), "/templates.rs"));

/// A template or its values are wrong: a bug, for the log.
#[derive(Debug, thiserror::Error)]
#[error("cannot render {template}: {cause}")]
pub struct ViewError {
    template: String,
    cause: String,
}

/// The language and theme that someone wants.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    pub language: Language,
    /// `None` follows the system.
    pub theme: Option<Theme>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    Light,
    Dark,
}

impl Theme {
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "light" => Some(Self::Light),
            "dark" => Some(Self::Dark),
            _ => None,
        }
    }
}

/// The parsed templates, once for each language.
pub struct Views {
    engines: Vec<(Language, Tera)>,
}

impl Views {
    pub fn load() -> Result<Self, ViewError> {
        let embedded = || TEMPLATES.iter().map(|(name, text)| (*name, (*text).to_owned()));
        let engines = Language::ALL.into_iter().map(|language| Ok((language, parse(embedded(), language)?)));
        Ok(Self { engines: engines.collect::<Result<_, ViewError>>()? })
    }

    /// The page `template` with these values. `asset`, the path of static files, and the look (`lang`, `dir` and
    /// `theme`) are added to them.
    pub fn render(&self, template: &str, look: Look, values: &impl Serialize) -> Result<String, ViewError> {
        let fault = |cause: tera::Error| ViewError { template: template.to_owned(), cause: describe(&cause) };
        let mut context = Context::from_serialize(values).map_err(fault)?;
        context.insert("asset", &assets::prefix());
        context.insert("lang", look.language.code());
        context.insert("dir", look.language.direction());
        context.insert("theme", &look.theme);
        if cfg!(debug_assertions) {
            return parse(templates_on_disk(), look.language)?.render(template, &context).map_err(fault);
        }
        let engine = self.engines.iter().find(|(language, _)| *language == look.language);
        engine.expect("there is one for each language").1.render(template, &context).map_err(fault)
    }
}

/// The templates with the functions they use: `t` gives a phrase by its key, `translated` the translation of a server's
/// sentence, `modules` what a script imports.
fn parse(templates: impl Iterator<Item = (&'static str, String)>, language: Language) -> Result<Tera, ViewError> {
    let broken = |cause: String| ViewError { template: "the templates".into(), cause };
    let texts = Arc::new(Texts::load(language).map_err(|error| broken(error.to_string()))?);
    let mut engine = Tera::new();
    let phrases = Arc::clone(&texts);
    engine.register_function("t", move |values: Kwargs, _: &State| -> TeraResult<String> {
        let key = values.must_get::<&str>("key")?;
        let value = |name: &str| values.get::<&str>(name).ok().flatten().map(str::to_owned);
        phrases.phrase(key, value).ok_or_else(|| tera::Error::message(format!("there is no text {key}")))
    });
    engine.register_function("translated", move |values: Kwargs, _: &State| -> TeraResult<String> {
        Ok(texts.sentence(values.must_get::<&str>("sentence")?).into_owned())
    });
    engine.register_function("modules", |values: Kwargs, _: &State| -> TeraResult<Value> {
        let script = values.must_get::<&str>("of")?;
        Ok(Value::from_serializable(&assets::modules_of(script)))
    });
    engine.add_raw_templates(templates).map_err(|cause| broken(describe(&cause)))?;
    Ok(engine)
}

/// The templates as they are on disk now, so that a debug build shows edits at once.
fn templates_on_disk() -> impl Iterator<Item = (&'static str, String)> {
    TEMPLATES.iter().map(|(name, embedded)| {
        let path = format!("{}/templates/{name}", env!("CARGO_MANIFEST_DIR"));
        (*name, std::fs::read_to_string(path).unwrap_or_else(|_| (*embedded).to_owned()))
    })
}

/// The error with its causes: the engine says where in the outermost error and why in the others.
fn describe(error: &tera::Error) -> String {
    let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_escaped() {
        let views = Views::load().unwrap();
        let hostile = r#"<script>alert(1)</script>"'&"#;
        let values = serde_json::json!({ "status": 404, "title": hostile, "detail": hostile });
        let look = Look { language: Language::English, theme: None };
        let page = views.render("problem.html", look, &values).unwrap();
        assert!(page.contains("&lt;script&gt;alert(1)"), "{page}");
        assert!(!page.contains("<script>alert"), "{page}");
    }

    #[test]
    fn no_template_turns_escaping_off() {
        for (name, text) in TEMPLATES {
            assert!(name.ends_with(".html"), "{name}: only this ending is escaped");
            assert!(!text.contains("safe") && !text.contains("autoescape"), "{name}");
        }
    }
}
