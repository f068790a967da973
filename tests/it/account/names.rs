//! User names of accounts that were made under earlier rules.

use serde_json::json;

use crate::support::caller::PASSWORD;
use crate::support::database::enter_as;
use crate::support::{Server, join};

#[tokio::test]
async fn accounts_with_names_that_are_refused_today_keep_working() {
    let server = Server::start().await;
    let al = join(&server, "al").await;
    let password = server.app.passwords.hash(PASSWORD.into()).await.unwrap();
    // A browser removes `..` from a URL; the Hangul filler is invisible.
    for (n, name) in ["..", "a\u{1160}"].into_iter().enumerate() {
        let fields = [("username", name), ("email", "x@e.test"), ("password1", PASSWORD), ("password2", PASSWORD)];
        server.stranger().post_form("/signup/", &fields).await.expect(200);
        enter_as(&server.app.store, name, None, &password).await;
        let old = server.stranger().log_in(name).await;
        al.send(name, "hello").await;
        let sent = old.send("al", "hello yourself").await;
        assert_eq!((&sent["user"], &sent["seq"]), (&json!(name), &json!(2)));
        let found = al.get("/api/v1/conversation/").await.json();
        assert_eq!(found["conversations"].as_array().unwrap().len(), n + 1);
        assert_eq!(found["conversations"][0]["with"], json!(name));
    }
}
