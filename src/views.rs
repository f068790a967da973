//! The pages' templates, inside the program. Values are escaped by the template engine, since every name ends in
//! `.html`; no template switches that off.

use serde::Serialize;
use tera::{Context, Tera};

use crate::assets;

include!(concat!(env!("OUT_DIR"), "/templates.rs"));

/// A template or its values are wrong: a fault of the program, for the log.
#[derive(Debug, thiserror::Error)]
#[error("cannot render {template}: {cause}")]
pub struct ViewError {
    template: String,
    cause: String,
}

/// The parsed templates.
pub struct Views {
    engine: Tera,
}

impl Views {
    pub fn load() -> Result<Self, ViewError> {
        let embedded = TEMPLATES.iter().map(|(name, text)| (*name, (*text).to_owned()));
        parse(embedded).map(|engine| Self { engine })
    }

    /// The page `template` with these values; `asset`, the path of static files, is added to them.
    pub fn render(&self, template: &str, values: &impl Serialize) -> Result<String, ViewError> {
        let fault = |cause: tera::Error| ViewError { template: template.to_owned(), cause: describe(&cause) };
        let mut context = Context::from_serialize(values).map_err(fault)?;
        context.insert("asset", &assets::prefix());
        if cfg!(debug_assertions) {
            return parse(edited())?.render(template, &context).map_err(fault);
        }
        self.engine.render(template, &context).map_err(fault)
    }
}

fn parse(templates: impl Iterator<Item = (&'static str, String)>) -> Result<Tera, ViewError> {
    let mut engine = Tera::new();
    engine
        .add_raw_templates(templates)
        .map_err(|cause| ViewError { template: "the templates".into(), cause: describe(&cause) })?;
    Ok(engine)
}

/// The templates as they are on the developer's disk now.
fn edited() -> impl Iterator<Item = (&'static str, String)> {
    TEMPLATES.iter().map(|(name, embedded)| {
        let path = format!("{}/templates/{name}", env!("CARGO_MANIFEST_DIR"));
        (*name, std::fs::read_to_string(path).unwrap_or_else(|_| (*embedded).to_owned()))
    })
}

/// The error with its causes: the engine puts the place in the outermost and the reason in the others.
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
        let page = views.render("problem.html", &values).unwrap();
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
