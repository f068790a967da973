//! The backup that an upgrade leaves beside the file: whole, private, and always of this upgrade.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use super::rows::assert_identical;
use super::{Fixture, open, unpack};
use crate::support::Program;
use crate::support::program::run;

/// Asserts that the backup holds what the file held before, readable by its owner alone.
pub fn assert_backup(fixture: &Fixture, before: &Fixture) {
    assert_identical(&fixture.backup(), &before.file());
    let mode = fs::metadata(fixture.backup()).unwrap().permissions().mode();
    assert_eq!(format!("{:o}", mode & 0o777), "600");
}

/// Asserts that no temporary files stay behind.
pub fn assert_no_leftovers(fixture: &Fixture) {
    let expected = format!("chat.db.v{}.bak", fixture.version);
    let is_left = |name: &String| !name.starts_with("chat.db-") && *name != expected;
    assert_eq!(fixture.names().into_iter().filter(is_left).collect::<Vec<_>>(), ["chat.db"]);
}

#[tokio::test]
async fn an_upgrade_leaves_a_backup_beside_the_file() {
    for version in [1, 5, 8] {
        let before = Fixture::unpack(version);
        let fixture = before.copy();
        Program::start(fixture.folder()).stop().await;
        assert_backup(&fixture, &before);
        assert_no_leftovers(&fixture);
    }
}

#[tokio::test]
async fn an_existing_backup_is_replaced() {
    let before = Fixture::unpack(8);
    // What a kill or a full disk used to leave, and a backup of this file in an earlier state.
    for existing in [b"".as_slice(), b"SQLite format 3\0 and then nothing", &unpack(8, "db")] {
        let fixture = before.copy();
        fs::write(fixture.backup(), existing).unwrap();
        fs::set_permissions(fixture.backup(), Permissions::from_mode(0o644)).unwrap();
        Program::start(fixture.folder()).stop().await;
        assert_backup(&fixture, &before);
        assert_no_leftovers(&fixture);
    }
}

#[tokio::test]
async fn without_room_for_a_backup_nothing_is_upgraded() {
    let before = Fixture::unpack(8);
    before.enlarge(20_000);
    open(&before.file()).execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let fixture = before.copy();
    // No file may grow beyond 512 blocks, of 512 or 1,024 bytes. With the signal ignored, writing more fails.
    let mut serve = Command::new("sh");
    serve.args(["-c", "trap '' XFSZ; ulimit -f 512; exec \"$0\" serve --port 0 --database chat.db"]);
    serve.arg(env!("CARGO_BIN_EXE_chinwag")).env_clear().current_dir(fixture.folder());
    let (code, errors) = Program::try_spawn(serve).err().expect("it ends");
    assert_eq!(code, Some(1), "{errors}");
    assert!(errors.contains("chat.db"), "{errors}");
    assert_eq!(fixture.schema_version(), 8);
    assert_identical(&fixture.file(), &before.file());
    assert!(!fixture.backup().exists(), "a partial backup has the final name");

    Program::start(fixture.folder()).stop().await;
    assert_backup(&fixture, &before);
    assert_no_leftovers(&fixture);
}

#[test]
fn the_backup_command_does_not_upgrade() {
    let before = Fixture::unpack(8);
    let fixture = before.copy();
    assert!(run(fixture.folder(), ["backup", "--database", "chat.db", "copy.db"]).status.success());
    assert_identical(&fixture.folder().join("copy.db"), &before.file());
    assert_eq!(fixture.schema_version(), 8);
    assert!(!fixture.backup().exists());
}
