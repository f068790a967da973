//! Static files: those of the site, and no other files of the machine.

use crate::support::{Server, join, raw};

#[tokio::test]
async fn a_file_has_its_media_type_and_is_not_sent_again_when_unchanged() {
    let server = Server::start().await;
    let stranger = server.stranger();
    for (path, media) in [
        ("/static/styles/common.css", "text/css; charset=utf-8"),
        ("/static/js/main.js", "text/javascript; charset=utf-8"),
        ("/static/icons/mark.svg", "image/svg+xml"),
        ("/static/manifest.ar.webmanifest", "application/manifest+json"),
    ] {
        let first = stranger.get(path).await.expect(200);
        assert_eq!(first.header("content-type"), media, "{path}");
        assert_eq!(first.header("cache-control"), "public, max-age=60", "{path}");
        let etag = first.header("etag").to_owned();
        assert!(etag.len() > 2 && etag.starts_with('"') && etag.ends_with('"'), "{etag}");
        for known in [etag.clone(), format!("W/{etag}"), format!("\"other\", {etag}"), "*".into()] {
            let again = stranger.with("if-none-match", known).get(path).await.expect(304);
            assert!(again.body.is_empty() && again.header("etag") == etag, "{path}");
        }
        for other in ["\"other\"".to_owned(), etag.trim_matches('"').into()] {
            let changed = stranger.with("if-none-match", other).get(path).await.expect(200);
            assert_eq!(changed.body, first.body, "{path}");
        }
    }
}

#[tokio::test]
async fn every_file_that_a_page_names_exists() {
    let server = Server::start().await;
    let al = join(&server, "al").await;
    for page in ["/", "/login/", "/signup/", "/simpleui/", "/api/docs", "/nope"] {
        let text = al.get(page).await.text();
        let named: Vec<_> = text.split('"').filter(|part| part.starts_with("/static/")).collect();
        assert!(!named.is_empty(), "{page}");
        for path in named {
            let answer = server.stranger().get(path).await;
            assert_eq!(answer.status.as_u16(), 200, "{page}: {path}");
        }
    }
}

#[tokio::test]
async fn a_path_with_any_version_finds_the_file() {
    let server = Server::start().await;
    let other = server.stranger().get("/static/v-0123/styles/common.css").await.expect(200);
    // During an update a page of another version may request it; the response is not cached for ever.
    assert_eq!(other.header("cache-control"), "public, max-age=60");
    server.stranger().get("/static/v-0123/v-0123/styles/common.css").await.expect(404);
}

#[tokio::test]
async fn no_path_reaches_other_files() {
    let server = Server::start().await;
    for path in [
        "/static",
        "/static/",
        "/static/styles",
        "/static/styles/",
        "/static/nope.css",
        "/static/styles/common.css/",
        "/static//styles/common.css",
        "/static/STYLES/common.css",
        "/static/styles/common.css%00",
        "/static/js/main.test.js",
        "/static/../Cargo.toml",
        "/static/styles/../styles/common.css",
        "/static/styles/../../../Cargo.toml",
        "/static/..%2fCargo.toml",
        "/static/%2e%2e/Cargo.toml",
        "/static/%2e%2e%2f%2e%2e%2fetc/passwd",
        "/static/..\\Cargo.toml",
        "/static/..%5cCargo.toml",
        "/static/....//Cargo.toml",
        "/static//etc/passwd",
        "/static/v-x/../Cargo.toml",
        "/static/v-../Cargo.toml",
        "/../Cargo.toml",
        "/Cargo.toml",
        "/.git/config",
        "/chat.db",
    ] {
        let answer = raw::request(&server.stranger(), "GET", path).await;
        assert_eq!(answer.status.as_u16(), 404, "{path}");
        assert!(!answer.text().contains("[package]") && !answer.text().contains("root:"), "{path}");
    }
}
