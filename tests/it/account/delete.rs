//! Account deletion: personal data is erased, messages stay, and nobody can take over the name.

use hyper::Method;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::{ask, call};
use crate::support::caller::PASSWORD;
use crate::support::{Answer, Caller, Server, stored};

const ME: &str = "/api/v1/me/";

async fn delete(who: &Caller, password: &str) -> Answer {
    ask(who, Method::DELETE, ME, &json!({ "password": password }).to_string()).await
}

async fn people(who: &Caller) -> Vec<Value> {
    who.get("/api/v1/user/").await.expect(200).json().as_array().unwrap().clone()
}

#[tokio::test]
async fn a_deleted_account_cannot_be_found_or_reached_and_its_messages_stay() {
    let server = Server::start().await;
    let bo = server.enter("bo").await;
    let cy = server.enter("cy").await;
    let al = server.sign_up("al").await;
    al.send("bo", "remember me").await;
    ask(&al, Method::PATCH, ME, r#"{"display_name": "Ali", "about": "Tea first."}"#).await.expect(200);
    delete(&al, PASSWORD).await.expect(204);

    assert!(people(&bo).await.iter().all(|person| person["username"] != "al"), "the original's list");
    assert!(people(&cy).await.iter().all(|person| person["username"] != "al"));
    for search in ["al", "ali"] {
        assert_eq!(cy.get(&format!("/api/v1/user/?search={search}")).await.json(), json!([]));
    }
    let message = json!({ "recipient": "al", "body": "still there?" }).to_string();
    let unknown = json!({ "recipient": "nobody", "body": "still there?" }).to_string();
    let refused = bo.post_json("/api/v1/message/", message).await.expect(404);
    assert_eq!(refused.text(), bo.post_json("/api/v1/message/", unknown).await.expect(404).text());
    bo.get("/api/v1/user/al/avatar/").await.expect(404);

    let conversation = bo.conversation("al").await.expect(200).json();
    assert_eq!((&conversation["deleted"], &conversation["with"]), (&json!(true), &json!("al")));
    assert_eq!((&conversation["name"], &conversation["about"]), (&Value::Null, &json!("")));
    assert_eq!(conversation["last_message"]["body"], "remember me");
    assert_eq!(bo.range("al", "").await.json()["messages"][0]["user"], "al");
    let set = ask(&bo, Method::PATCH, &bo.conversation_path("al").await, r#"{"read": 1, "archived": true}"#).await;
    assert_eq!(set.expect(200).json()["archived"], true, "list settings still work");
}

#[tokio::test]
async fn a_deleted_account_keeps_its_name_and_frees_its_email_address() {
    let server = Server::start().await;
    let al = server.sign_up("al").await;
    delete(&al, PASSWORD).await.expect(204);
    let sign_up = async |name: &str| {
        let fields =
            [("username", name), ("email", "al@example.test"), ("password1", PASSWORD), ("password2", PASSWORD)];
        server.stranger().post_form("/signup/", &fields).await.status.as_u16()
    };
    assert_eq!((sign_up("AL").await, sign_up("al").await), (200, 200), "the form again, with the reason");
    assert_eq!(sign_up("al2").await, 302);
    let login = [("username", "al"), ("password", PASSWORD)];
    server.stranger().post_form("/login/", &login).await.expect(200);
}

#[tokio::test]
async fn deletion_ends_all_logins_and_sockets_and_erases_personal_data() {
    let server = Server::start().await;
    let al = server.sign_up("al").await;
    let elsewhere = server.stranger().log_in("al").await;
    ask(&al, Method::PATCH, ME, r#"{"display_name": "Ali", "about": "Tea first."}"#).await.expect(200);
    let sockets = [al.listen().await, elsewhere.listen().await];
    let gone = delete(&al, PASSWORD).await.expect(204);
    let cookie = gone.header("set-cookie");
    assert!(cookie.starts_with("sessionid=;") && cookie.contains("Max-Age=0"), "{cookie}");
    for socket in sockets {
        assert_eq!(socket.end().await.expect("a close frame").code, CloseCode::Policy);
    }
    for login in [&al, &elsewhere] {
        login.get(ME).await.expect(403);
        login.get("/api/v1/sync/").await.expect(403);
        ask(login, Method::PATCH, ME, r#"{"about": "back"}"#).await.expect(403);
    }
    let kept = stored::dump(&server);
    for personal in ["Ali", "Tea first.", "al@example.test", "argon2"] {
        assert!(!kept.contains(personal), "{personal}");
    }
}

#[tokio::test]
async fn deletion_requires_the_password() {
    let server = Server::start().await;
    let al = server.sign_up("al").await;
    let before = stored::dump(&server);
    for wrong in ["", "wrong one"] {
        assert!(delete(&al, wrong).await.expect(400).json()["password"][0].is_string());
    }
    call(&al, Method::DELETE, ME).await.expect(400);
    ask(&al, Method::DELETE, ME, "[]").await.expect(400);
    delete(&server.stranger(), PASSWORD).await.expect(403);
    delete(&al.with("sec-fetch-site", "cross-site"), PASSWORD).await.expect(403);
    assert_eq!(stored::dump(&server), before);
    al.get(ME).await.expect(200);
}
