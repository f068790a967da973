//! Stored data survives a restart, and only one process can use a file. `faults` has kills and power cuts.

use crate::support::program::run;
use crate::support::{Caller, Program};

#[tokio::test]
async fn a_restart_keeps_messages_accounts_and_logins() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(folder.path());
    let al = program.stranger().sign_up("al").await;
    let sent = al.send("al", "a note").await;
    program.stop().await;

    let program = Program::start(folder.path());
    let al = Caller { address: program.address, ..al };
    let kept = al.get(&format!("/api/v1/message/{}/", sent["id"])).await.expect(200).json();
    // The fields of the original, unchanged since the send.
    assert!(kept.as_object().unwrap().iter().all(|(name, value)| sent[name] == *value), "{kept} {sent}");
    assert_eq!(al.range("al", "").await.json()["messages"][0], sent);
    program.stranger().log_in("al").await.get("/").await.expect(200);
    program.stop().await;
}

#[tokio::test]
async fn a_second_process_on_the_same_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(folder.path());
    let second = run(folder.path(), ["serve", "--port", "0", "--database", "chat.db"]);
    assert_eq!(second.status.code(), Some(1));
    assert_eq!(String::from_utf8(second.stdout).unwrap(), "");
    let stderr = String::from_utf8(second.stderr).unwrap();
    assert!(stderr.contains("in use by another chinwag") && stderr.lines().count() == 1, "{stderr}");
    program.stranger().get("/healthz").await.expect(200);
    program.stop().await;
}
