//! The program's log: no request waits until it is read.

use std::io::{BufRead, BufReader};

use crate::support::Program;
use crate::support::program::command;

/// More requests than log lines fit into a pipe and the program's queue, and few enough for a test.
const MANY: usize = 5_000;

#[tokio::test]
async fn an_unread_log_delays_no_request_and_reports_dropped_lines() {
    let folder = tempfile::tempdir().unwrap();
    let mut chinwag = command(folder.path());
    chinwag.args(["serve", "--port", "0", "--log-level", "info"]);
    let mut program = Program::spawn(chinwag);
    let asking = (0..8).map(|_| {
        let stranger = program.stranger();
        tokio::spawn(async move {
            for _ in 0..MANY / 8 {
                stranger.get("/api/v1/message/").await.expect(403);
            }
        })
    });
    for one in asking.collect::<Vec<_>>() {
        one.await.unwrap();
    }
    let log = BufReader::new(program.child.stderr.take().unwrap());
    let warning = log.lines().map(Result::unwrap).find(|line| !line.contains("answered")).unwrap();
    assert!(warning.contains("WARN") && warning.contains("log lines dropped"), "{warning}");
    program.signal("TERM");
    assert_eq!(program.ended().await.0, Some(0));
}
