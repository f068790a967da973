//! Memory: a machine of 512 MB carries the server with room to spare.

use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::TcpSocket;
use tokio::time::sleep;

use crate::support::{Listener, Program};

#[tokio::test]
async fn what_hashing_takes_goes_back_to_the_system() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(folder.path());
    let before = program.resident();
    let sign_ups = (0..24).map(|n| {
        let stranger = program.stranger();
        tokio::spawn(async move { stranger.sign_up(&format!("user{n}")).await })
    });
    for sign_up in sign_ups.collect::<Vec<_>>() {
        sign_up.await.unwrap();
    }
    let after = program.resident();
    assert!(after - before < 32 * 1024, "{before} KiB before, {after} KiB after");
}

#[tokio::test]
async fn readers_of_a_few_bytes_now_and_then_delay_nobody_and_fill_no_memory() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(folder.path());
    let al = program.stranger().sign_up("al").await;
    let bo = program.stranger().sign_up("bo").await.with("sec-websocket-protocol", "chinwag.v1");
    let mut quick = bo.listen().await;
    quick.next().await;
    for _ in 0..16 {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let slow = Listener::open_on(socket.connect(bo.address).await.unwrap(), &bo, "/ws").await.unwrap();
        let mut stream = slow.stream.into_inner();
        tokio::spawn(async move {
            while stream.read(&mut [0; 64]).await.is_ok_and(|read| read > 0) {
                sleep(Duration::from_millis(20)).await
            }
        });
    }
    let body = "x".repeat(60_000);
    al.send("bo", &body).await;
    quick.next().await;
    let before = program.resident();
    // Six million bytes for each of the sixteen.
    for seq in 2..100 {
        al.send("bo", &body).await;
        assert!(quick.next().await.contains(&format!(r#""seq":{seq},"#)));
    }
    let after = program.resident();
    assert!(after < before + 48 * 1024, "{before} KiB before, {after} KiB after");
}
