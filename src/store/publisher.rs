//! Publishes what was committed, by this process and others, in the order of revisions: a listener ignores what is not
//! above what it knows, so an earlier change after a later one would be lost to it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, mpsc};

use super::engine::channel::HintSender;
use super::engine::{self, Commit};
use super::session_cache::SessionCache;
use super::writer::{Done, Revisions};
use crate::model::{Event, UserId};

/// What there is to publish.
pub enum News {
    /// Changes this process has committed, in order.
    Events(Vec<Event>),
    /// Others have committed changes: the store has them. They concern `people`; of `accounts` also what others may see
    /// of them, or they see of others, may have changed.
    Elsewhere { people: Vec<UserId>, accounts: Vec<UserId> },
    /// Others have committed changes that may concern anyone.
    Anything,
    /// A hint of another process.
    Hint(String),
}

/// A commit's note for other processes.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Note {
    people: Vec<i64>,
    accounts: Vec<i64>,
}

/// Whom these events concern.
pub(super) fn note(events: &[Event]) -> String {
    let (mut people, mut accounts) = (Vec::new(), Vec::new());
    for event in events {
        let audience = event.audience().into_iter().map(|user| user.0);
        if event.changes_visibility() || event.ended_session().is_some() {
            accounts.extend(audience.clone());
        }
        people.extend(audience);
    }
    for list in [&mut people, &mut accounts] {
        list.sort_unstable();
        list.dedup();
    }
    serde_json::to_string(&Note { people, accounts }).expect("numbers can be written")
}

pub(super) struct Publisher<P> {
    readers: Arc<dyn engine::Readers>,
    sessions: Arc<SessionCache>,
    publish: P,
    /// The last revision that was published.
    published: i64,
    /// There may be commits of others.
    commits: Arc<Notify>,
    /// The way to other processes, which are notified of this one's commits.
    others: Option<HintSender>,
    /// Whether others' commits wait for one of this process to be published.
    waits_for_own: bool,
}

impl<P: Fn(News) + Send> Publisher<P> {
    /// Begins after the revision `published`. `publish` must return quickly. Others' commits are looked for whenever
    /// `commits` is notified.
    pub fn new(
        readers: Arc<dyn engine::Readers>,
        sessions: Arc<SessionCache>,
        publish: P,
        published: i64,
        commits: Arc<Notify>,
        others: Option<HintSender>,
    ) -> Self {
        Self { readers, sessions, publish, published, commits, others, waits_for_own: false }
    }

    /// Publishes each group that is done, and then answers it.
    pub async fn run(mut self, mut done: mpsc::Receiver<Done>) {
        let commits = Arc::clone(&self.commits);
        loop {
            tokio::select! {
                done = done.recv() => match done {
                    Some(done) => self.publish_own(done).await,
                    None => return,
                },
                () = commits.notified() => self.publish_others(i64::MAX).await,
            }
        }
    }

    async fn publish_own(&mut self, mut done: Done) {
        if let Some(Revisions { previous, last }) = done.revisions {
            if let Some(others) = self.others.as_ref().filter(|_| last > previous) {
                others.committed();
            }
            if previous > self.published {
                self.publish_others(previous).await;
            }
            self.published = last;
        }
        let events = std::mem::take(&mut done.events);
        events.iter().filter_map(Event::ended_session).for_each(|key| self.sessions.forget(key));
        if !events.is_empty() {
            (self.publish)(News::Events(events));
        }
        done.answer();
        if self.waits_for_own {
            self.publish_others(i64::MAX).await;
        }
    }

    /// Publishes what others have committed up to this revision, or up to this process's next commit.
    async fn publish_others(&mut self, upto: i64) {
        self.waits_for_own = false;
        loop {
            let (readers, after) = (Arc::clone(&self.readers), self.published);
            let found = tokio::task::spawn_blocking(move || readers.commits(after)).await;
            let found = found.map_err(|panic| panic.to_string()).and_then(|found| found.map_err(|e| e.to_string()));
            let commits = match found {
                Ok(commits) if commits.is_empty() => return,
                Ok(commits) => commits,
                Err(error) => {
                    tracing::warn!(%error, "commits of other processes could not be read");
                    // What is published next must not hide them.
                    if upto < i64::MAX {
                        self.publish_to_everyone();
                    }
                    return;
                }
            };
            for commit in commits {
                if commit.own || commit.revision > upto {
                    self.waits_for_own = commit.own;
                    return;
                }
                self.publish_other(&commit);
            }
        }
    }

    fn publish_other(&mut self, commit: &Commit) {
        // Rows that are missing were deleted because this process was away for long.
        match serde_json::from_str::<Note>(&commit.note) {
            Ok(Note { people, accounts }) if commit.previous <= self.published => {
                if !accounts.is_empty() {
                    self.sessions.forget_all();
                }
                let [people, accounts] = [people, accounts].map(|list| list.into_iter().map(UserId).collect());
                (self.publish)(News::Elsewhere { people, accounts });
            }
            _ => self.publish_to_everyone(),
        }
        self.published = commit.revision;
    }

    fn publish_to_everyone(&self) {
        self.sessions.forget_all();
        (self.publish)(News::Anything);
    }
}
