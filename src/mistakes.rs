//! Mistakes that the fault tests make the program commit, to show that their checker finds them
//! (`tests/it/faults/seeded.rs`). Only a build with the feature `mistakes` can make any: in all others `made` is always
//! false, and the compiler leaves out what depends on it.

/// A mistake that the checker must find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// Events are published before their transaction is on disk, long enough for a kill to come between.
    NotifyBeforeCommit,
    /// Client keys are not stored, so that a repeated send makes a second message.
    ForgetClientKeys,
    /// A socket subscribes some time after it has read the revision it continues from.
    SubscribeLate,
    /// A subscription is soon full, and a socket that missed events goes on as if it had not.
    IgnoreLag,
    /// Commits reach the disk when the operating system decides.
    SynchronousOff,
    /// Commits are on disk after the next checkpoint.
    SynchronousNormal,
}

/// Whether the environment asks for this mistake.
#[cfg(feature = "mistakes")]
pub fn made(mistake: Mistake) -> bool {
    std::env::var("MISTAKE").is_ok_and(|wanted| wanted == format!("{mistake:?}"))
}

/// Whether the environment asks for this mistake: never.
#[cfg(not(feature = "mistakes"))]
pub const fn made(_: Mistake) -> bool {
    false
}
