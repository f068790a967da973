//! Memory: the server fits easily into a machine with 512 MB.

use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::TcpSocket;
use tokio::time::{Instant, sleep};

use crate::support::{Listener, Program};

/// How long the allocator may keep freed memory; it returns it at a later allocation.
const PURGED_WITHIN: Duration = Duration::from_secs(20);

#[tokio::test]
async fn memory_of_password_hashes_is_bounded_and_returned_to_the_system() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(folder.path());
    let before = program.resident();
    assert!(before < 25 * 1024, "{before} KiB at start");
    let sign_ups = (0..24).map(|n| {
        let stranger = program.stranger();
        tokio::spawn(async move { stranger.sign_up(&format!("user{n}")).await })
    });
    for sign_up in sign_ups.collect::<Vec<_>>() {
        sign_up.await.unwrap();
    }
    // Two hashes at a time, of 19 MiB each; some of the previous ones may not have been returned yet.
    let peak = program.status("VmHWM");
    assert!(peak < before + 96 * 1024, "{before} KiB before, {peak} KiB at most");
    let end = Instant::now() + PURGED_WITHIN;
    while program.resident() > before + 16 * 1024 {
        assert!(Instant::now() < end, "{before} KiB before, {} KiB after", program.resident());
        sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test]
async fn slow_readers_delay_nobody_and_use_bounded_memory() {
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
