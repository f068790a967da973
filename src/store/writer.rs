//! The one thread that changes the file. It takes everything that waits, runs it in one transaction, commits once and
//! then has everyone answered (`answers`): under load one fsync serves many changes, and an idle server makes nobody wait.
//!
//! Changes seldom fail, so nothing is prepared for it: when one does, all of them are undone and run again, now each so
//! that it can be undone alone.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::yield_now;
use std::time::{Duration, Instant};

use rusqlite::{CachedStatement, Statement};
use tokio::sync::{mpsc, oneshot, watch};

use super::answers::{self, Group};
use super::checkpoint::Checkpointer;
use super::error::{OpenError, StoreError, is_fatal};
use super::file::DatabaseFile;
use super::filing::Filed;
use super::known::Known;
use super::recent::{Recent, View};
use crate::clock::{Clock, Timestamp};
use crate::model::Event;

/// Changes that may wait; one more is refused, so memory stays bounded.
const QUEUE: usize = 1024;

/// Changes in one transaction at the most, so that the first of them is not kept waiting for the last.
const BATCH: usize = 256;

/// A yield that took longer let others have the core than those who are about to ask: the writer does not yield then for as
/// long as `CROWDED`, or everyone would wait for what others do.
const SHORT_YIELD: Duration = Duration::from_millis(2);
const CROWDED: Duration = Duration::from_millis(50);

/// How long the last checkpoint waits for readers; without it the next opening does its work.
const LAST_PATIENCE: Duration = Duration::from_millis(500);

/// What a change may use. All of it counts only once the transaction is committed.
pub(super) struct Change<'t> {
    pub conn: &'t View<'t>,
    pub now: Timestamp,
    pub known: &'t mut Known,
    revision: i64,
    events: Vec<Event>,
    /// Set by a change that found the file damaged or its disk failing.
    fault: Option<String>,
    /// Statements kept at hand until the end of the transaction: to take one out of the cache and put it back costs as much
    /// as a third of running it.
    at_hand: Vec<(&'static str, CachedStatement<'t>)>,
}

impl<'t> Change<'t> {
    /// A statement that most changes of a group run.
    pub fn statement(&mut self, sql: &'static str) -> rusqlite::Result<&mut Statement<'t>> {
        let place = match self.at_hand.iter().position(|(known, _)| std::ptr::eq(*known, sql)) {
            Some(place) => place,
            None => {
                self.at_hand.push((sql, self.conn.prepare_cached(sql)?));
                self.at_hand.len() - 1
            }
        };
        Ok(&mut self.at_hand[place].1)
    }

    /// The next value of the one counter that stamps every change.
    pub fn next_revision(&mut self) -> i64 {
        self.revision += 1;
        self.revision
    }

    /// Tells the people concerned, after the commit.
    pub fn announce(&mut self, event: Event) {
        self.events.push(event);
    }

    /// Goes back to where it was at this revision, with so many events.
    fn undo_to(&mut self, revision: i64, events: usize) {
        self.revision = revision;
        self.events.truncate(events);
        self.conn.recent().undo_to(revision);
        self.known.forget();
    }
}

/// A change that waits, with the one who waits for it.
pub(super) trait Job: Send {
    /// Runs the change, anew when it was undone with others; `false` asks for it to be undone.
    fn run(&mut self, change: &mut Change<'_>) -> bool;
    /// Answers, once the transaction is known to be on disk or not.
    fn settle(self: Box<Self>, committed: Result<(), StoreError>);
}

struct Request<F, T> {
    work: F,
    outcome: Option<rusqlite::Result<T>>,
    answer: oneshot::Sender<Result<T, StoreError>>,
}

impl<F, T> Job for Request<F, T>
where
    F: Fn(&mut Change<'_>) -> rusqlite::Result<T> + Send,
    T: Send,
{
    fn run(&mut self, change: &mut Change<'_>) -> bool {
        self.outcome = None;
        self.outcome = Some((self.work)(change));
        match &self.outcome {
            Some(Ok(_)) => true,
            Some(Err(error)) if is_fatal(error) => {
                change.fault = Some(error.to_string());
                false
            }
            _ => false,
        }
    }

    fn settle(self: Box<Self>, committed: Result<(), StoreError>) {
        let outcome = self.outcome.unwrap_or_else(|| Err(rusqlite::Error::UnwindingPanic));
        let answer = committed.and_then(|()| outcome.map_err(StoreError::from));
        // The one who asked may have gone; the change stays.
        let _ = self.answer.send(answer);
    }
}

enum Command {
    Run(Box<dyn Job>),
    Close(oneshot::Sender<()>),
}

/// The way to the writer's thread.
pub(super) struct Writer {
    queue: mpsc::Sender<Command>,
}

impl Writer {
    pub fn start(
        file: DatabaseFile,
        recent: Arc<Recent>,
        clock: Clock,
        tell: Box<dyn Fn(Vec<Event>) + Send>,
        report: watch::Sender<Option<String>>,
    ) -> Result<Self, OpenError> {
        let unexpected = |error: &dyn std::fmt::Display| OpenError::Unexpected(error.to_string());
        let (_, revision) = Filed::read(&file.conn).map_err(|error| unexpected(&error))?;
        let checkpointer = Checkpointer::start(&file, report.clone())?;
        let (queue, waiting) = mpsc::channel(QUEUE);
        let answers = answers::start(tell);
        let known = Known::default();
        let thread = WriterThread { checkpointer, file, recent, clock, known, revision, answers, report };
        std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || thread.run(waiting))
            .map_err(|error| unexpected(&error))?;
        Ok(Self { queue })
    }

    pub async fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Change<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let job = Box::new(Request { work, outcome: None, answer });
        self.queue.try_send(Command::Run(job)).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => StoreError::Overloaded,
            mpsc::error::TrySendError::Closed(_) => StoreError::unavailable("the database is closed"),
        })?;
        answered.await.map_err(|_| StoreError::unavailable("the database is closed"))?
    }

    pub async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.queue.send(Command::Close(done)).await.is_ok() {
            // An error means that the thread has ended already.
            let _ = closed.await;
        }
    }
}

struct WriterThread {
    // Before the file: its connection ends first.
    checkpointer: Checkpointer,
    file: DatabaseFile,
    recent: Arc<Recent>,
    clock: Clock,
    known: Known,
    revision: i64,
    answers: mpsc::Sender<Group>,
    report: watch::Sender<Option<String>>,
}

impl WriterThread {
    fn run(mut self, mut waiting: mpsc::Receiver<Command>) {
        let mut crowded_until = Instant::now();
        while let Some(first) = waiting.blocking_recv() {
            // Others who are about to ask on this core get in as well: the group is larger, and its fsync serves more.
            let start = Instant::now();
            if start >= crowded_until {
                yield_now();
                let end = Instant::now();
                crowded_until = if end - start > SHORT_YIELD { end + CROWDED } else { end };
            }
            let mut batch: Vec<Box<dyn Job>> = Vec::new();
            let mut next = Some(first);
            let mut closing = None;
            while let Some(command) = next {
                match command {
                    Command::Run(job) => batch.push(job),
                    Command::Close(done) => closing = Some(done),
                }
                let full = batch.len() == BATCH || closing.is_some();
                next = if full { None } else { waiting.try_recv().ok() };
            }
            if !batch.is_empty() {
                self.commit(batch);
            }
            if let Some(done) = closing {
                self.close();
                let _ = done.send(());
                return;
            }
        }
    }

    /// Runs all of `jobs` in one transaction and has everyone in it answered.
    fn commit(&mut self, mut jobs: Vec<Box<dyn Job>>) {
        let (events, committed) = match self.transact(&mut jobs) {
            Ok((revision, events)) => {
                self.revision = revision;
                (events, Ok(()))
            }
            Err(error) => {
                self.known.forget();
                self.recent.undo_to(self.revision);
                if !self.file.conn.is_autocommit() {
                    // Best effort: a transaction that cannot be undone now is undone by the next opening of the file.
                    let _ = self.file.conn.execute_batch("ROLLBACK");
                }
                tracing::error!(%error, waiting = jobs.len(), "commit failed");
                if is_fatal(&error) {
                    self.report.send_replace(Some(error.to_string()));
                }
                (Vec::new(), Err(StoreError::unavailable(&error)))
            }
        };
        // Nobody is left to be answered once the runtime has ended.
        let _ = self.answers.blocking_send(Group { events, jobs, committed });
        self.look_at_log();
    }

    fn transact(&mut self, batch: &mut [Box<dyn Job>]) -> rusqlite::Result<(i64, Vec<Event>)> {
        let Self { file, recent, clock, known, revision, report, .. } = self;
        let view = View::of_writer(&file.conn, recent);
        let conn = &view;
        let run = |sql| conn.prepare_cached(sql)?.execute([]);
        run("BEGIN IMMEDIATE")?;
        let now = clock.now();
        let events = Vec::with_capacity(batch.len());
        let mut change = Change { conn, now, known, revision: *revision, events, fault: None, at_hand: Vec::new() };
        if !batch.iter_mut().all(|job| attempt(job.as_mut(), &mut change)) {
            run("ROLLBACK")?;
            change.undo_to(*revision, 0);
            run("BEGIN IMMEDIATE")?;
            batch.iter_mut().try_for_each(|job| run_alone(job.as_mut(), &mut change))?;
        }
        if let Some(fault) = change.fault {
            report.send_replace(Some(fault));
        }
        if change.revision != *revision {
            // FAIL: what fails here undoes the whole transaction, so nothing is kept to undo this alone.
            conn.prepare_cached("UPDATE OR FAIL state SET revision = ?1")?.execute([change.revision])?;
        }
        change.known.filing(conn)?.file_some(conn, change.revision, Instant::now())?;
        change.known.keys(conn)?.file_some(conn, change.revision)?;
        run("COMMIT")?;
        recent.forget_filed(change.known.filing(conn)?.filed());
        Ok((change.revision, change.events))
    }

    /// Nobody waits for this any more, so what fails here is no matter of theirs.
    fn look_at_log(&mut self) {
        if let Err(error) = self.checkpointer.look(&self.file.conn) {
            tracing::warn!(%error, "the write-ahead log could not begin anew; nothing is lost");
            if is_fatal(&error) {
                self.report.send_replace(Some(error.to_string()));
            }
        }
    }

    fn close(self) {
        drop(self.checkpointer);
        // A reader that is still at work, such as the check of a large file, must not delay the end for long.
        let _ = self.file.conn.busy_timeout(LAST_PATIENCE);
        if let Err(error) = self.file.conn.execute_batch("PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE);") {
            tracing::warn!(%error, "the write-ahead log could not be folded in; nothing is lost");
        }
    }
}

/// Runs a change; `false` when it has to be undone, also for a panic.
fn attempt(job: &mut dyn Job, change: &mut Change<'_>) -> bool {
    catch_unwind(AssertUnwindSafe(|| job.run(change))).unwrap_or(false)
}

/// Runs a change so that it is undone alone when it fails.
fn run_alone(job: &mut dyn Job, change: &mut Change<'_>) -> rusqlite::Result<()> {
    let run = |sql| change.conn.prepare_cached(sql)?.execute([]);
    let (revision, events) = (change.revision, change.events.len());
    run("SAVEPOINT job")?;
    if !attempt(job, change) {
        run("ROLLBACK TO job")?;
        change.undo_to(revision, events);
    }
    run("RELEASE job").map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ConversationId, MessageId, SessionKey, UserId};
    use crate::store::Store;
    use crate::store::recent::Entry;

    /// A change of everything a change may change, which then fails or not.
    fn change(mark: i64, end: fn() -> rusqlite::Result<()>) -> impl Fn(&mut Change<'_>) -> rusqlite::Result<i64> {
        move |change| {
            let sql = "INSERT INTO epochs (number, id, first_revision, started_at) VALUES (?1, ?1, 0, 0)";
            change.conn.execute(sql, [mark])?;
            change.announce(Event::SessionEnded { user: UserId(mark), session: SessionKey([0; 32]) });
            let revision = change.next_revision();
            let (id, conversation, someone) = (MessageId(revision), ConversationId(mark), UserId(mark));
            let entry = Entry { id, conversation, seq: 1, sender: someone, recipient: someone, kept: false };
            change.conn.recent().push(entry);
            end().map(|()| revision)
        }
    }

    #[tokio::test]
    async fn what_fails_in_a_group_is_undone_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (tell, told) = std::sync::mpsc::channel();
        let committed = move |events: Vec<Event>| events.into_iter().for_each(|event| tell.send(event).unwrap());
        let store = Store::open(folder.path().join("chat.db"), Clock::system(), committed).await.unwrap();
        // It holds the writer up, so that the others are one group.
        let (go, gone) = std::sync::mpsc::channel::<()>();
        let gone = std::sync::Mutex::new(Some(gone));
        let hold = move |_: &mut Change<'_>| {
            // Run again with the others, it holds nothing up.
            if let Some(gone) = gone.lock().unwrap().take() {
                gone.recv().unwrap();
            }
            Ok(())
        };
        let (_, first, failed, panicked, last, ()) = tokio::join!(
            store.write(hold),
            store.write(change(101, || Ok(()))),
            store.write(change(102, || Err(rusqlite::Error::InvalidQuery))),
            store.write(change(103, || panic!("on purpose"))),
            store.write(change(104, || Ok(()))),
            async { go.send(()).unwrap() },
        );
        assert_eq!((first.unwrap(), last.unwrap()), (1, 2));
        assert!(failed.is_err() && panicked.is_err());
        let users: Vec<_> = told.try_iter().flat_map(|event| event.audience()).collect();
        assert_eq!(users, [UserId(101), UserId(104)]);
        let kept = store.read(|conn| {
            conn.query_row("SELECT sum(number) FROM epochs WHERE number > 100", [], |row| row.get::<_, i64>(0))
        });
        assert_eq!(kept.await.unwrap(), 101 + 104);
        let recent = store.read(|view| view.between(0, i64::MAX)).await.unwrap();
        assert_eq!(recent.iter().map(|entry| entry.conversation.0).collect::<Vec<_>>(), [101, 104]);
        store.close().await;
    }
}
