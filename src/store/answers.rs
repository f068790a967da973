//! After each commit: those who listen are told, then those who asked are answered, in the order of commits. It happens
//! on the runtime's threads and not on the writer's: one call of the system wakes them for a whole group, where each
//! answer from outside may cost one of its own.

use tokio::sync::mpsc;

use super::error::StoreError;
use super::writer::Job;
use crate::model::Event;

/// Groups that may wait; the writer waits with one more.
const WAITING: usize = 4;

/// What was changed in one transaction.
pub(super) struct Group {
    /// Nothing unless it was committed.
    pub events: Vec<Event>,
    pub jobs: Vec<Box<dyn Job>>,
    pub committed: Result<(), StoreError>,
}

/// Starts to tell, by calling `tell`, and to answer what is sent here.
pub(super) fn start(tell: Box<dyn Fn(Vec<Event>) + Send>) -> mpsc::Sender<Group> {
    let (groups, mut waiting) = mpsc::channel::<Group>(WAITING);
    tokio::spawn(async move {
        while let Some(Group { events, jobs, committed }) = waiting.recv().await {
            if !events.is_empty() {
                tell(events);
            }
            jobs.into_iter().for_each(|job| job.settle(committed.clone()));
        }
    });
    groups
}
