//! SIGKILL and power cuts at random moments of an upgrade: afterwards the file is either unchanged or upgraded, its
//! backup is either whole or absent, and the next start completes the work.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::backup::{assert_backup, assert_no_leftovers};
use super::{Fixture, rows};
use crate::faults::chance::Chance;
use crate::faults::mount::{Mount, run};
use crate::faults::world::say;
use crate::support::Program;
use crate::support::program::command;

/// Messages added, so that an upgrade takes long enough to be interrupted.
const MANY: i64 = 10_000;

const KILLS: usize = 10;
const CUTS: usize = 5;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_during_an_upgrade_lose_nothing() {
    for version in [1, 8] {
        let before = Fixture::unpack(version);
        before.enlarge(MANY);
        let mut aim = Aim::measure(&before).await;
        let mut fixture = before.copy();
        for _ in 0..KILLS {
            let mut child = start(&fixture);
            sleep(aim.moment()).await;
            child.kill().unwrap();
            child.wait().unwrap();
            let state = check(&fixture, &before);
            aim.note(state);
            if state == State::Upgraded {
                complete(&fixture, &before).await;
                fixture = before.copy();
            }
        }
        complete(&fixture, &before).await;
        aim.report(&format!("{KILLS} kills during an upgrade of version {version}"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn power_cuts_during_an_upgrade_lose_nothing() {
    let Some(disk) = Mount::disk("power cuts during an upgrade") else { return };
    let before = Fixture::unpack(8);
    before.enlarge(MANY);
    let mut aim = Aim::measure(&before).await;
    for _ in 0..CUTS {
        let folder = tempfile::tempdir_in(disk.path()).unwrap();
        let fixture = before.copy_to(folder.path());
        run("sync", &["-f", disk.path().to_str().unwrap()]).unwrap();
        let mut child = start(&fixture);
        sleep(aim.moment()).await;
        disk.cut_power();
        child.kill().unwrap();
        child.wait().unwrap();
        disk.power_up();
        aim.note(check(&fixture, &before));
        complete(&fixture, &before).await;
    }
    aim.report(&format!("{CUTS} power cuts during an upgrade of version 8"));
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Unchanged,
    BackedUp,
    Upgraded,
}

/// Picks moments between the start of an upgrade and shortly after its end. The duration varies on a busy machine, so
/// the result of the last interruption decides about the next moment.
struct Aim {
    span: Duration,
    chance: Chance,
    seed: u64,
    states: Vec<State>,
}

impl Aim {
    async fn measure(before: &Fixture) -> Self {
        let fixture = before.copy();
        let begun = Instant::now();
        let program = Program::start(fixture.folder());
        let span = begun.elapsed();
        program.stop().await;
        let seed = Chance::seed();
        Self { span, chance: Chance::new(seed), seed, states: Vec::new() }
    }

    fn moment(&mut self) -> Duration {
        self.span.mul_f64(self.chance.below(1_000) as f64 / 1_000.0)
    }

    fn note(&mut self, state: State) {
        self.span = self.span.mul_f64(if state == State::Upgraded { 0.7 } else { 1.2 });
        self.states.push(state);
    }

    fn report(&self, what: &str) {
        let count = |state| self.states.iter().filter(|met| **met == state).count();
        let [unchanged, backed_up, upgraded] = [State::Unchanged, State::BackedUp, State::Upgraded].map(count);
        let seed = self.seed;
        say(&format!(
            "{what}: {unchanged} before the backup, {backed_up} after it, {upgraded} after the end, seed {seed}"
        ));
        assert!(unchanged + backed_up > 0, "nothing was interrupted");
    }
}

fn start(fixture: &Fixture) -> Child {
    let mut serve = command(fixture.folder());
    serve.args(["serve", "--port", "0", "--database", "chat.db"]).stdout(Stdio::null()).stderr(Stdio::null());
    serve.spawn().unwrap()
}

/// Checks what an interrupted upgrade left.
fn check(fixture: &Fixture, before: &Fixture) -> State {
    let has_backup = fixture.backup().exists();
    if has_backup {
        assert_backup(fixture, before);
    }
    if fixture.schema_version() != before.version {
        assert!(has_backup, "upgraded without a backup");
        return State::Upgraded;
    }
    rows::assert_identical(&fixture.file(), &before.file());
    if has_backup { State::BackedUp } else { State::Unchanged }
}

/// Starts the program, which completes an upgrade that was interrupted.
async fn complete(fixture: &Fixture, before: &Fixture) {
    let program = Program::start(fixture.folder());
    rows::assert_kept(&before.file(), &fixture.file());
    program.stop().await;
    assert_backup(fixture, before);
    assert_no_leftovers(fixture);
}
