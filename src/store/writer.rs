//! The one thread that changes the database. It takes everything that waits, runs it in one transaction, commits once
//! and then answers everyone: under load one flush of the disk serves many changes, and on an idle server nobody waits.
//!
//! Changes seldom fail, so nothing is prepared for it: when one does, all of them are undone and run again, this time
//! so that each can be undone alone.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::sync::{mpsc, oneshot};

use super::engine::{self, Db, Error};
use super::error::{OpenError, StoreError};
use super::fault::Fault;
use super::progress::{self, Ack, Acks};
use super::publisher::{self, News, Publisher};
use super::send::{self, Outcome};
use crate::clock::{Clock, Timestamp};
use crate::mistakes::{Mistake, made};
use crate::model::{Event, NewMessage};

/// Changes that may wait; one more is refused, so memory stays bounded.
const QUEUE: usize = 1024;

/// Changes in one transaction at the most, so that the first of them is not kept waiting for the last.
const BATCH: usize = 256;

/// Groups that may wait to be answered; the writer waits with one more.
const UNANSWERED: usize = 4;

/// What a change may use. All of it counts only once the transaction is committed.
pub(super) struct Change<'t> {
    pub db: &'t mut dyn Db,
    pub now: Timestamp,
    revision: i64,
    events: Vec<Event>,
}

impl Change<'_> {
    /// The next value of the one counter that stamps every change.
    pub fn next_revision(&mut self) -> i64 {
        self.revision += 1;
        self.revision
    }

    /// Notifies the people concerned, after the commit.
    pub fn announce(&mut self, event: Event) {
        self.events.push(event);
    }
}

/// The state of the current transaction.
#[derive(Default)]
struct Progress {
    /// The last revision before it.
    previous: i64,
    revision: i64,
    events: Vec<Event>,
}

/// A change that waits, and the caller that waits for it.
trait Job: Send {
    /// Runs the change, again when it was undone with others.
    fn run(&mut self, change: &mut Change<'_>) -> engine::Result<()>;
    /// Answers, once the transaction has been committed or has failed, or this change has failed alone.
    fn complete(self: Box<Self>, outcome: Result<(), StoreError>);
}

struct Request<F, T> {
    work: F,
    found: Option<T>,
    answer: oneshot::Sender<Result<T, StoreError>>,
}

impl<F, T> Job for Request<F, T>
where
    F: Fn(&mut Change<'_>) -> engine::Result<T> + Send,
    T: Send,
{
    fn run(&mut self, change: &mut Change<'_>) -> engine::Result<()> {
        self.found = Some((self.work)(change)?);
        Ok(())
    }

    fn complete(self: Box<Self>, outcome: Result<(), StoreError>) {
        let Self { found, answer, .. } = *self;
        let found = outcome.and_then(|()| found.ok_or_else(|| StoreError::unavailable("the change was not run")));
        // The caller may have stopped waiting; the change stays.
        let _ = answer.send(found);
    }
}

/// A message that waits to be stored. Many are stored as one set.
struct SendJob {
    new: NewMessage,
    found: Option<Outcome>,
    answer: oneshot::Sender<Result<Outcome, StoreError>>,
}

/// A report of positions that waits to be stored. Many are stored as one set.
struct AckJob {
    ack: Ack,
    answer: oneshot::Sender<Result<(), StoreError>>,
}

enum Command {
    Send(Box<SendJob>),
    Acknowledge(Box<AckJob>),
    Run(Box<dyn Job>),
    Close(oneshot::Sender<()>),
}

/// What is changed in one transaction.
#[derive(Default)]
struct Group {
    sends: Vec<SendJob>,
    acks: Vec<AckJob>,
    jobs: Vec<Box<dyn Job>>,
    /// Why some of them failed alone, by their index in `sends`, then `acks` and then `jobs`.
    failed: Vec<(usize, Error)>,
}

impl Group {
    fn len(&self) -> usize {
        self.sends.len() + self.acks.len() + self.jobs.len()
    }

    /// Answers everyone.
    fn complete(self, committed: &Result<(), StoreError>) {
        let mut outcomes: Vec<_> = (0..self.len()).map(|_| committed.clone()).collect();
        for (index, error) in self.failed {
            outcomes[index] = outcomes[index].clone().and(Err(error.into()));
        }
        let mut outcomes = outcomes.into_iter();
        for (SendJob { found, answer, .. }, outcome) in self.sends.into_iter().zip(&mut outcomes) {
            let missing = || StoreError::unavailable("the message was not stored");
            let _ = answer.send(outcome.and_then(|()| found.ok_or_else(missing)));
        }
        for (AckJob { answer, .. }, outcome) in self.acks.into_iter().zip(&mut outcomes) {
            let _ = answer.send(outcome);
        }
        self.jobs.into_iter().zip(outcomes).for_each(|(job, outcome)| job.complete(outcome));
    }
}

/// A group that is done, with its events and revisions if it was committed.
pub(super) struct Done {
    group: Group,
    pub events: Vec<Event>,
    pub revisions: Option<Revisions>,
    committed: Result<(), StoreError>,
}

/// The last revision before a commit, and the last it gave out.
#[derive(Clone, Copy)]
pub(super) struct Revisions {
    pub previous: i64,
    pub last: i64,
}

impl Done {
    /// Answers everyone. Its events must have been published before.
    pub fn answer(self) {
        self.group.complete(&self.committed);
    }
}

/// A handle on the writer's thread.
pub(super) struct Writer {
    queue: mpsc::Sender<Command>,
}

impl Writer {
    /// Starts the thread. What is done with a group goes to `publisher`, to be published and then answered.
    pub fn start(
        engine: impl engine::Writer + 'static,
        clock: Clock,
        publisher: Publisher<impl Fn(News) + Send + Sync + 'static>,
        fault: Fault,
    ) -> Result<Self, OpenError> {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let (done, to_publish) = mpsc::channel::<Done>(UNANSWERED);
        // In a task: on the writer's thread each answer would be a system call to wake the one who waits.
        tokio::spawn(publisher.run(to_publish));
        let thread = WriterThread { engine, clock, done, fault };
        std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || thread.run(waiting))
            .map_err(|error| OpenError::Unexpected(error.to_string()))?;
        Ok(Self { queue })
    }

    pub async fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Change<'_>) -> engine::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        self.put(Command::Run(Box::new(Request { work, found: None, answer })))?;
        answered.await.map_err(|_| closed())?
    }

    pub async fn send(&self, new: NewMessage) -> Result<Outcome, StoreError> {
        let (answer, answered) = oneshot::channel();
        self.put(Command::Send(Box::new(SendJob { new, found: None, answer })))?;
        answered.await.map_err(|_| closed())?
    }

    pub async fn acknowledge(&self, ack: Ack) -> Result<(), StoreError> {
        let (answer, answered) = oneshot::channel();
        self.put(Command::Acknowledge(Box::new(AckJob { ack, answer })))?;
        answered.await.map_err(|_| closed())?
    }

    fn put(&self, command: Command) -> Result<(), StoreError> {
        self.queue.try_send(command).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => StoreError::Overloaded,
            mpsc::error::TrySendError::Closed(_) => closed(),
        })
    }

    pub async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.queue.send(Command::Close(done)).await.is_ok() {
            // An error means that the thread has ended already.
            let _ = closed.await;
        }
    }
}

fn closed() -> StoreError {
    StoreError::unavailable("the database is closed")
}

struct WriterThread<E> {
    engine: E,
    clock: Clock,
    done: mpsc::Sender<Done>,
    fault: Fault,
}

impl<E: engine::Writer> WriterThread<E> {
    fn run(mut self, mut waiting: mpsc::Receiver<Command>) {
        while let Some(first) = waiting.blocking_recv() {
            let (mut group, mut closing) = (Group::default(), None);
            let mut next = Some(first);
            while let Some(command) = next {
                match command {
                    Command::Send(job) => group.sends.push(*job),
                    Command::Acknowledge(job) => group.acks.push(*job),
                    Command::Run(job) => group.jobs.push(job),
                    Command::Close(done) => closing = Some(done),
                }
                let full = group.len() == BATCH || closing.is_some();
                next = if full { None } else { waiting.try_recv().ok() };
            }
            if group.len() > 0 {
                self.commit(group);
            }
            if let Some(done) = closing {
                self.engine.close();
                let _ = done.send(());
                return;
            }
        }
    }

    /// Runs a group's changes in one transaction, and passes it on to be answered.
    fn commit(&mut self, mut group: Group) {
        let done = match self.transact(&mut group) {
            Ok(Progress { previous, revision: last, events }) => {
                Done { group, events, revisions: Some(Revisions { previous, last }), committed: Ok(()) }
            }
            Err(error) => {
                self.engine.rollback();
                tracing::error!(%error, waiting = group.len(), "commit failed");
                self.fault.met_writing(&error);
                Done { group, events: Vec::new(), revisions: None, committed: Err(error.into()) }
            }
        };
        // Once the runtime has ended, nobody waits for answers.
        let _ = self.done.blocking_send(done);
    }

    fn transact(&mut self, group: &mut Group) -> engine::Result<Progress> {
        let mut progress = match self.attempt(group) {
            Ok(progress) => progress,
            Err(_) => {
                self.engine.rollback();
                self.one_by_one(group)?
            }
        };
        if made(Mistake::NotifyBeforeCommit) {
            self.notify_early(&mut progress);
        }
        // Other processes learn of a commit by its revision, so what is no part of the history needs one as well.
        if !progress.events.is_empty() && progress.revision == progress.previous {
            progress.revision += 1;
        }
        self.engine.commit(progress.revision, || publisher::note(&progress.events))?;
        Ok(progress)
    }

    fn notify_early(&self, progress: &mut Progress) {
        let events = std::mem::take(&mut progress.events);
        let group = Group::default();
        let _ = self.done.blocking_send(Done { group, events, revisions: None, committed: Ok(()) });
        std::thread::sleep(std::time::Duration::from_millis(20));
    }

    /// Runs all of them, expecting that none fails; a panic is a failure as well.
    fn attempt(&mut self, group: &mut Group) -> engine::Result<Progress> {
        let Group { sends, acks, jobs, .. } = group;
        let set = send::Set::new(sends.iter().map(|job| &job.new).collect());
        let (mut answers, mut states) = (set.answers(), HashMap::new());
        let acks = Acks::new(acks.iter().map(|job| &job.ack));
        let mut questions = set.questions();
        let of_acks = questions.len();
        questions.push(acks.question());
        let revision = self.engine.begin(&questions, &mut |question, index, row| {
            if question == of_acks {
                states.insert(index, progress::state_from(row)?);
                return Ok(());
            }
            answers.take(question, index, row)
        })?;
        let mut change = Change { db: self.engine.db(), now: self.clock.now(), revision, events: Vec::new() };
        let outcomes = guarded(|| send::store(&mut change, &set, answers))?;
        guarded(|| acks.store(&mut change, &states))?;
        for job in jobs.iter_mut() {
            guarded(|| job.run(&mut change))?;
        }
        let progress = Progress { previous: revision, revision: change.revision, events: change.events };
        sends.iter_mut().zip(outcomes).for_each(|(job, outcome)| job.found = Some(outcome));
        Ok(progress)
    }

    /// Runs each so that it is undone alone where it fails.
    fn one_by_one(&mut self, group: &mut Group) -> engine::Result<Progress> {
        let revision = self.engine.begin(&[], &mut |_, _, _| Ok(()))?;
        let mut progress = Progress { previous: revision, revision, events: Vec::new() };
        let (sends, acks, mut failed) = (group.sends.len(), group.acks.len(), Vec::new());
        for index in 0..group.len() {
            let alone = self.alone(&mut progress, |change| {
                if index < sends {
                    let job = &mut group.sends[index];
                    job.found = Some(send::one(change, &job.new)?);
                    Ok(())
                } else if index < sends + acks {
                    progress::acknowledge(change, &group.acks[index - sends].ack)
                } else {
                    group.jobs[index - sends - acks].run(change)
                }
            })?;
            failed.extend(alone.err().map(|error| (index, error)));
        }
        failed.iter().for_each(|(_, error)| self.fault.met_writing(error));
        group.failed = failed;
        Ok(progress)
    }

    /// The inner error is the change's own, which is undone; the outer one that of the whole transaction.
    fn alone(
        &mut self,
        progress: &mut Progress,
        run: impl FnOnce(&mut Change<'_>) -> engine::Result<()>,
    ) -> engine::Result<Result<(), Error>> {
        self.engine.savepoint()?;
        let (revision, events) = (progress.revision, std::mem::take(&mut progress.events));
        let before = events.len();
        let mut change = Change { db: self.engine.db(), now: self.clock.now(), revision, events };
        let outcome = guarded(|| run(&mut change));
        (progress.revision, progress.events) = (change.revision, change.events);
        if outcome.is_err() {
            progress.revision = revision;
            progress.events.truncate(before);
        }
        self.engine.release(outcome.is_ok())?;
        Ok(outcome)
    }
}

/// Turns a panic into an error; the panic hook has logged where.
fn guarded<T>(run: impl FnOnce() -> engine::Result<T>) -> engine::Result<T> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| Err(Error::Other("a change panicked".into())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{SessionKey, UserId};
    use crate::store::Store;

    /// Makes every kind of change, then fails or not.
    fn change(mark: i64, end: fn() -> engine::Result<()>) -> impl Fn(&mut Change<'_>) -> engine::Result<i64> {
        move |change| {
            let sql = "INSERT INTO epochs (number, id, first_revision, started_at) VALUES ($1, $2, 0, 0)";
            change.db.execute(sql, &[mark.into(), mark.to_string().as_str().into()])?;
            change.announce(Event::SessionEnded { user: UserId(mark), session: SessionKey([0; 32]) });
            let revision = change.next_revision();
            end().map(|()| revision)
        }
    }

    #[tokio::test]
    async fn what_fails_in_a_group_is_undone_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (publish, published) = std::sync::mpsc::channel();
        let committed = move |news| {
            if let News::Events(events) = news {
                events.into_iter().for_each(|event| publish.send(event).unwrap());
            }
        };
        let store = Store::open(folder.path().join("chat.db"), Clock::system(), committed).await.unwrap();
        // It blocks the writer, so that the others form one group.
        let (go, gone) = std::sync::mpsc::channel::<()>();
        let gone = std::sync::Mutex::new(Some(gone));
        let hold = move |_: &mut Change<'_>| {
            // When it runs again with the others, it does not block.
            if let Some(gone) = gone.lock().unwrap().take() {
                gone.recv().unwrap();
            }
            Ok(())
        };
        let (_, first, failed, panicked, last, ()) = tokio::join!(
            store.write(hold),
            store.write(change(101, || Ok(()))),
            store.write(change(102, || Err(Error::Other("on purpose".into())))),
            store.write(change(103, || panic!("on purpose"))),
            store.write(change(104, || Ok(()))),
            async { go.send(()).unwrap() },
        );
        assert_eq!((first.unwrap(), last.unwrap()), (1, 2));
        assert!(failed.is_err() && panicked.is_err());
        let users: Vec<_> = published.try_iter().flat_map(|event| event.audience()).collect();
        assert_eq!(users, [UserId(101), UserId(104)]);
        let kept = store.read(|db| db.value::<i64>("SELECT sum(number) FROM epochs WHERE number > 100", &[]));
        assert_eq!(kept.await.unwrap(), 101 + 104);
        store.close().await;
    }
}
