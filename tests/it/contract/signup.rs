//! Making an account (section 2).

use crate::support::caller::PASSWORD;
use crate::support::{Answer, Caller, Server, join, stored};

use super::complains_about;

type Fields<'f> = [(&'f str, &'f str); 4];

fn form<'f>(username: &'f str, email: &'f str, password1: &'f str, password2: &'f str) -> Fields<'f> {
    [("username", username), ("email", email), ("password1", password1), ("password2", password2)]
}

async fn submit(server: &Server, fields: &[(&str, &str)]) -> Answer {
    server.stranger().post_form("/signup/", fields).await
}

#[tokio::test]
async fn the_form_has_the_originals_fields() {
    let server = Server::start().await;
    let page = server.stranger().get("/signup/").await.expect(200);
    assert!(page.text().contains(r#"method="post""#) && page.text().contains("novalidate"));
    for field in ["username", "email", "password1", "password2"] {
        assert!(page.text().contains(&format!("name=\"{field}\"")), "{field}");
        assert!(!complains_about(&page, field), "{field}");
    }
    assert!(page.text().contains(r#"maxlength="150""#));
    assert!(!page.headers.contains_key("set-cookie"));
}

#[tokio::test]
async fn success_logs_the_new_user_in() {
    let server = Server::start().await;
    let mut fields = form("al", "al@e.test", PASSWORD, PASSWORD).to_vec();
    // Other fields of the original's form are ignored.
    fields.extend([("csrfmiddlewaretoken", "anything"), ("next", "/simpleui/")]);
    let answer = submit(&server, &fields).await.expect(302);
    assert_eq!(answer.header("location"), "/");
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("sessionid="), "{cookie}");
    for part in ["HttpOnly", "Max-Age=1209600", "Path=/", "SameSite=Lax"] {
        assert!(cookie.split("; ").any(|found| found == part), "{cookie}: {part}");
    }
    let al = Caller { cookie: answer.cookie(), ..server.stranger() };
    assert!(al.get("/").await.expect(200).text().contains(r#"content="al""#));
}

#[tokio::test]
async fn a_rejected_form_is_shown_again_and_creates_no_account() {
    let server = Server::start().await;
    let taken = join(&server, "taken").await;
    let email = stored::column::<String>(&server, "SELECT email FROM users").remove(0);
    let shouted = email.to_uppercase();
    let long = "x".repeat(151);
    let before = stored::dump(&server);
    let (pw, e) = ("pw-x-long", "new@e.test");
    let rows: &[(Fields<'_>, &[&str])] = &[
        (form("taken", e, pw, pw), &["username"]),
        // Names are unique regardless of case, unlike in the original.
        (form("TAKEN", e, pw, pw), &["username"]),
        // Browsers remove `..` from URLs, and the Hangul filler is invisible.
        (form("..", e, pw, pw), &["username"]),
        (form("al\u{3164}", e, pw, pw), &["username"]),
        (form(" Taken ", e, pw, pw), &["username"]),
        (form("new", &email, pw, pw), &["email"]),
        (form("new", &shouted, pw, pw), &["email"]),
        (form("taken", &email, pw, pw), &["username", "email"]),
        (form("new", e, pw, "pw-y-long"), &["password2"]),
        (form("new", e, pw, "pw-x-long "), &["password2"]),
        (form("", e, pw, pw), &["username"]),
        (form("  ", e, pw, pw), &["username"]),
        (form("new", "", pw, pw), &["email"]),
        (form("new", e, "", pw), &["password1", "password2"]),
        (form("new", e, pw, ""), &["password2"]),
        (form("", "", "", ""), &["username", "email", "password1", "password2"]),
        (form("new", "no-address", pw, pw), &["email"]),
        (form("bad name!", e, pw, pw), &["username"]),
        (form("<b>", e, pw, pw), &["username"]),
        (form(&long, e, pw, pw), &["username"]),
        // Passwords have a minimum length, unlike in the original.
        (form("new", e, "1", "1"), &["password1"]),
        (form("long-enough", e, "Long-Enough", "Long-Enough"), &["password1"]),
    ];
    for (fields, wrong) in rows {
        let page = submit(&server, fields).await.expect(200);
        assert!(!page.headers.contains_key("set-cookie"), "{fields:?}");
        for (field, typed) in fields {
            assert_eq!(complains_about(&page, field), wrong.contains(field), "{fields:?}: {field}");
            let escaped = typed.replace('<', "&lt;").replace('>', "&gt;");
            let shown = page.text().contains(&format!("value=\"{escaped}\""));
            let is_password = field.starts_with("password");
            assert!(typed.is_empty() || shown != is_password, "{fields:?}: {field} is kept unless it is a password");
        }
    }
    for missing in ["username", "email", "password1", "password2"] {
        let fields: Vec<_> = form("new", e, pw, pw).into_iter().filter(|(name, _)| *name != missing).collect();
        assert!(complains_about(&submit(&server, &fields).await.expect(200), missing), "{missing}");
    }
    assert_eq!(stored::dump(&server), before);
    taken.get("/").await.expect(200);
}

#[tokio::test]
async fn many_kinds_of_names_are_accepted() {
    let server = Server::start().await;
    let long = "x".repeat(150);
    for (n, (typed, kept)) in
        [(long.as_str(), long.as_str()), ("ünï_名前", "ünï_名前"), ("a.b+c@d-_", "a.b+c@d-_"), ("  al ", "al")]
            .into_iter()
            .enumerate()
    {
        let email = format!("{n}@e.test");
        submit(&server, &form(typed, &email, PASSWORD, PASSWORD)).await.expect(302);
        let newest = stored::column::<String>(&server, "SELECT username FROM users ORDER BY id DESC LIMIT 1");
        assert_eq!(newest, [kept]);
    }
}

#[tokio::test]
async fn a_password_is_used_exactly_as_typed() {
    let server = Server::start().await;
    let padded = "  päss \t wörd  ";
    submit(&server, &form("al", "al@e.test", padded, padded)).await.expect(302);
    let stranger = server.stranger();
    stranger.post_form("/login/", &[("username", "al"), ("password", padded.trim())]).await.expect(200);
    stranger.post_form("/login/", &[("username", "al"), ("password", padded)]).await.expect(302);
}

#[tokio::test]
async fn closed_sign_up_creates_no_account() {
    let server = Server::start_with(|config| config.signup = chinwag::config::Signup::Closed).await;
    let page = server.stranger().get("/signup/").await.expect(200);
    assert!(!page.text().contains("password1"), "{}", page.text());
    let answer = submit(&server, &form("al", "al@e.test", PASSWORD, PASSWORD)).await.expect(403);
    assert!(!answer.headers.contains_key("set-cookie"));
    assert!(stored::column::<i64>(&server, "SELECT id FROM users").is_empty());
}
