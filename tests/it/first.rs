//! The simplest case: two people, one message, received at once.

use crate::support::Server;

#[tokio::test]
async fn two_people_chat() {
    let server = Server::start().await;
    let (al, bo) = (server.sign_up("al").await, server.sign_up("bo").await);
    let mut listening = bo.listen().await;
    let sent = al.send("bo", "hello").await;
    assert_eq!(listening.next_id().await, sent["id"]);
    let found = bo.get(&format!("/api/v1/message/{}/", sent["id"])).await.expect(200).json();
    assert!(found.as_object().unwrap().iter().all(|(name, value)| sent[name] == *value), "{found} {sent}");
    server.stop().await;
}
