//! The login and sign-up forms as they are shown: empty, or with what was typed and what is wrong with it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;
use warp::http::StatusCode;
use warp::http::header::{HeaderValue, SET_COOKIE};
use warp::reply::Response;

use crate::actions::FieldErrors;
use crate::actions::account::Refusal;
use crate::auth::token::Token;
use crate::config::Signup;
use crate::web::{Cx, Problem, redirect};

/// Sentences by field, for a template; those about the whole form are under `form`.
pub type ShownErrors = BTreeMap<Cow<'static, str>, Vec<Cow<'static, str>>>;

#[derive(Default, Serialize)]
pub struct LoginForm {
    pub username: String,
}

#[derive(Default, Serialize)]
pub struct SignupForm {
    pub username: String,
    pub email: String,
}

#[derive(Serialize)]
struct Page<'a, F> {
    #[serde(flatten)]
    form: &'a F,
    /// Where to go afterwards, and the query that passes it on to the other form.
    next: &'a str,
    query: String,
    errors: ShownErrors,
    signup_open: bool,
}

/// Shows a form for the first time.
pub fn show(cx: &Cx, template: &str, form: &impl Serialize, next: &str) -> Result<Response, Problem> {
    show_with(cx, template, form, next, ShownErrors::new())
}

/// Shows a form again that was refused. Wrong input is answered with 200, as in the original; closed sign-up, a rate
/// limit or a busy server with its own status.
pub fn show_again(
    cx: &Cx,
    template: &str,
    form: &impl Serialize,
    next: &str,
    refusal: Refusal,
) -> Result<Response, Problem> {
    let about_form = |sentence: String| ShownErrors::from([("form".into(), vec![sentence.into()])]);
    match refusal {
        Refusal::Fields(errors) => show_with(cx, template, form, next, by_field(errors)),
        Refusal::WrongLogin => show_with(cx, template, form, next, about_form(Problem::from(refusal).detail())),
        other => {
            let problem = Problem::from(other);
            let mut response = show_with(cx, template, form, next, about_form(problem.detail()))?;
            problem.mark(&mut response);
            Ok(response)
        }
    }
}

/// Logs the browser in and sends it on to `next`, if that is a path of ours.
pub fn welcome(cx: &Cx, token: &Token, next: &str) -> Response {
    let mut response = redirect(StatusCode::FOUND, local_path(next).unwrap_or("/"));
    let cookie = HeaderValue::from_str(&token.cookie(cx.request.secure)).expect("a cookie of ours is visible ASCII");
    response.headers_mut().insert(SET_COOKIE, cookie);
    response
}

pub fn by_field(errors: FieldErrors) -> ShownErrors {
    let mut shown = ShownErrors::new();
    for error in errors {
        shown.entry(error.field).or_default().push(error.detail);
    }
    shown
}

/// A path that any browser takes as one of this site: browsers read `\` as `/`, drop control characters, and take two
/// slashes for the start of a host.
pub fn local_path(next: &str) -> Option<&str> {
    let rest = next.strip_prefix('/')?;
    let visible = next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    (visible && !rest.starts_with('/') && next.len() <= 2048).then_some(next)
}

fn show_with(
    cx: &Cx,
    template: &str,
    form: &impl Serialize,
    next: &str,
    errors: ShownErrors,
) -> Result<Response, Problem> {
    let query = match next {
        "" => String::new(),
        next => format!("?{}", form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish()),
    };
    cx.page(template, &Page { form, next, query, errors, signup_open: cx.app.config.signup == Signup::Open })
}

#[cfg(test)]
mod tests {
    use super::local_path;

    #[test]
    fn next_never_leads_to_another_site() {
        for own in ["/", "/simpleui/", "/?x=1#al", "/a//b", "/login/../x", "/%2f%2fevil.test"] {
            assert_eq!(local_path(own), Some(own));
        }
        for foreign in [
            "",
            "x",
            "//evil.test",
            "///evil.test",
            "/\\evil.test",
            "\\/evil.test",
            "/\t/evil.test",
            "/x\r\nSet-Cookie: a=b",
            "https://evil.test/",
            "https:evil.test",
            "javascript:alert(1)",
            "/ü",
        ] {
            assert_eq!(local_path(foreign), None, "{foreign}");
        }
    }
}
