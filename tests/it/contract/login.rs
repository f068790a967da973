//! Logging in and out (section 3).

use crate::support::caller::PASSWORD;
use crate::support::{Answer, Caller, Server, stored};

use super::{complains_about, detail};

async fn log_in(server: &Server, path: &str, fields: &[(&str, &str)]) -> Answer {
    server.stranger().post_form(path, fields).await
}

#[tokio::test]
async fn the_form_has_the_originals_fields() {
    let server = Server::start().await;
    let page = server.stranger().get("/login/?next=/simpleui/").await.expect(200).text();
    for part in [
        r#"method="post""#,
        r#"name="username""#,
        r#"name="password""#,
        r#"<input type="hidden" name="next" value="/simpleui/">"#,
    ] {
        assert!(page.contains(part), "{part}");
    }
    let page = server.stranger().get("/login/?next=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").await.expect(200).text();
    assert!(!page.contains("<script>alert") && page.contains("&lt;script&gt;alert"), "{page}");
}

#[tokio::test]
async fn the_correct_password_logs_in_and_redirects_to_next() {
    let server = Server::start().await;
    server.sign_up("al").await;
    let right = [("username", "al"), ("password", PASSWORD)];
    for (next, leads_to) in [
        (None, "/"),
        (Some("/simpleui/"), "/simpleui/"),
        (Some("/?x=1#al"), "/?x=1#al"),
        (Some("https://evil.test/"), "/"),
        (Some("//evil.test/"), "/"),
        (Some("/\\evil.test/"), "/"),
        (Some("javascript:alert(1)"), "/"),
        (Some("/\t/evil.test/"), "/"),
        (Some("/x\r\nset-cookie: a=b"), "/"),
        (Some(""), "/"),
    ] {
        let mut fields = right.to_vec();
        fields.extend(next.map(|next| ("next", next)));
        let answer = log_in(&server, "/login/", &fields).await.expect(302);
        assert_eq!(answer.header("location"), leads_to, "{next:?}");
        assert!(answer.header("set-cookie").starts_with("sessionid="), "{next:?}");
        assert_eq!(answer.headers.get_all("set-cookie").iter().count(), 1);
    }
    for (query, leads_to) in [("next=/simpleui/", "/simpleui/"), ("next=//evil.test/", "/")] {
        let answer = log_in(&server, &format!("/login/?{query}"), &right).await.expect(302);
        assert_eq!(answer.header("location"), leads_to, "{query}");
    }
    // The form field takes precedence over the query.
    let fields = [right[0], right[1], ("next", "/simpleui/")];
    let answer = log_in(&server, "/login/?next=/nope/", &fields).await.expect(302);
    assert_eq!(answer.header("location"), "/simpleui/");
}

#[tokio::test]
async fn a_failed_login_does_not_reveal_whether_the_name_exists() {
    let server = Server::start().await;
    server.sign_up("al").await;
    let before = stored::dump(&server);
    let mut pages = Vec::new();
    for (name, password) in [
        ("al", "pw-y-long"),
        ("al", " pw-x-long"),
        ("zz", PASSWORD),
        ("al@example.test", PASSWORD),
        ("bad name!", PASSWORD),
    ] {
        let page = log_in(&server, "/login/", &[("username", name), ("password", password)]).await.expect(200);
        assert!(!page.headers.contains_key("set-cookie"), "{name}");
        assert!(page.text().contains(&format!("value=\"{name}\"")) && !page.text().contains(password), "{name}");
        pages.push(page.text().replace(&format!("value=\"{name}\""), "value=\"…\""));
    }
    pages.dedup();
    assert_eq!(pages.len(), 1, "the same text for all");
    assert_eq!(stored::dump(&server), before);
}

#[tokio::test]
async fn a_name_logs_in_in_any_case_and_unicode_form() {
    let server = Server::start().await;
    server.sign_up("Rosé").await;
    for name in ["Rosé", "rosé", "ROSÉ", "rose\u{301}", " ｒosé "] {
        let answer = log_in(&server, "/login/", &[("username", name), ("password", PASSWORD)]).await.expect(302);
        assert_eq!(answer.header("location"), "/", "{name}");
    }
    log_in(&server, "/login/", &[("username", "rose"), ("password", PASSWORD)]).await.expect(200);
}

#[tokio::test]
async fn each_blank_field_is_reported() {
    let server = Server::start().await;
    for (fields, wrong) in [
        (vec![("username", ""), ("password", "")], vec!["username", "password"]),
        (vec![], vec!["username", "password"]),
        (vec![("username", " "), ("password", "x")], vec!["username"]),
        (vec![("username", "al"), ("password", "")], vec!["password"]),
    ] {
        let page = log_in(&server, "/login/", &fields).await.expect(200);
        for field in ["username", "password"] {
            assert_eq!(complains_about(&page, field), wrong.contains(&field), "{fields:?}: {field}");
        }
    }
}

#[tokio::test]
async fn a_person_can_have_several_logins_and_each_ends_separately() {
    let server = Server::start().await;
    let first = server.sign_up("al").await;
    let second = server.stranger().log_in("al").await;
    assert_ne!(first.cookie, second.cookie);
    let third = server.stranger().log_in("al").await;
    assert_ne!(second.cookie, third.cookie);

    let answer = second.get("/logout/").await.expect(302);
    assert_eq!(answer.header("location"), "/");
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("sessionid=;"), "{cookie}");
    for part in ["Max-Age=0", "Path=/", "SameSite=Lax"] {
        assert!(cookie.split("; ").any(|found| found == part), "{cookie}: {part}");
    }
    detail(&second.get("/api/v1/message/").await.expect(403));
    second.get("/").await.expect(302);
    for alive in [&first, &third] {
        alive.get("/api/v1/message/").await.expect(200);
    }
    // A form on one of our pages does the same.
    third.post_form("/logout/", &[]).await.expect(302);
    third.get("/api/v1/message/").await.expect(403);
    first.get("/api/v1/message/").await.expect(200);
    // An ended login stays ended.
    second.get("/logout/").await.expect(302);
    assert_eq!(stored::column::<i64>(&server, "SELECT count(*) FROM sessions"), [1]);
}

#[tokio::test]
async fn logout_redirects_only_within_the_site() {
    let server = Server::start().await;
    for (next, leads_to) in [
        ("", "/"),
        ("?next=/login/", "/login/"),
        ("?next=https://evil.test/", "/"),
        ("?next=//evil.test/", "/"),
        ("?next=/%5Cevil.test/", "/"),
        ("?next=javascript:alert(1)", "/"),
        ("?next=/x%0d%0aset-cookie:%20a=b", "/"),
    ] {
        // Redirects work without a login as well.
        let answer = server.stranger().get(&format!("/logout/{next}")).await.expect(302);
        assert_eq!(answer.header("location"), leads_to, "{next}");
    }
}

#[tokio::test]
async fn the_login_cookie_works_among_other_cookies() {
    let server = Server::start().await;
    let al = server.sign_up("al").await;
    let cookie = al.cookie.clone().unwrap();
    for crowd in [format!("csrftoken=x; {cookie}"), format!("{cookie};theme=dark"), format!("a=b; {cookie}; c=\"d\"")] {
        Caller { cookie: Some(crowd), ..server.stranger() }.get("/api/v1/message/").await.expect(200);
    }
}
