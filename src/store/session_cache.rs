//! Logins that were asked for lately, so that a request needs no query to know who sends it. Exact, not timed: whatever
//! ends or changes a login is forgotten here after its commit and before anyone is told of it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::sessions::Session;
use crate::clock::Timestamp;
use crate::model::SessionKey;

/// Logins kept; about 200 bytes each. One more empties the cache, which costs each of them one query.
const MOST: usize = 20_000;

#[derive(Default)]
pub(super) struct SessionCache {
    // A plain mutex: it is held for a map lookup, never across an await.
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    sessions: HashMap<SessionKey, Session>,
    /// How often something was forgotten.
    forgotten: u64,
}

/// A moment: what was read from the file after it may be kept only while nothing was forgotten since.
#[derive(Clone, Copy)]
pub(super) struct Mark(u64);

impl SessionCache {
    /// The login of this key, if it is known and has not ended by `now`.
    pub fn get(&self, key: SessionKey, now: Timestamp) -> Option<Session> {
        self.lock().sessions.get(&key).filter(|session| session.expires_at > now).cloned()
    }

    /// To be taken before the file is read.
    pub fn mark(&self) -> Mark {
        Mark(self.lock().forgotten)
    }

    /// Keeps what was read after `mark`, unless it may have changed meanwhile.
    pub fn keep(&self, session: Session, Mark(mark): Mark) {
        let mut kept = self.lock();
        if kept.forgotten != mark {
            return;
        }
        if kept.sessions.len() >= MOST {
            kept.sessions.clear();
        }
        kept.sessions.insert(session.key, session);
    }

    /// Forgets a login that ended or changed.
    pub fn forget(&self, key: SessionKey) {
        let mut kept = self.lock();
        kept.sessions.remove(&key);
        kept.forgotten += 1;
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{User, UserId, Username};

    fn session(mark: u8, expires_at: i64) -> Session {
        let user = User { id: UserId(1), username: Username::parse("al").unwrap(), is_admin: false };
        let [renewed_at, expires_at] = [0, expires_at].map(Timestamp::from_micros);
        Session { key: SessionKey([mark; 32]), user, renewed_at, expires_at }
    }

    #[test]
    fn a_login_is_known_until_it_expires_or_is_forgotten() {
        let cache = SessionCache::default();
        let key = SessionKey([1; 32]);
        let knows = |now| cache.get(key, Timestamp::from_micros(now)).is_some();
        cache.keep(session(1, 10), cache.mark());
        assert!(knows(9) && !knows(10));
        cache.forget(SessionKey([2; 32]));
        assert!(knows(9));
        cache.forget(key);
        assert!(!knows(9));
    }

    #[test]
    fn what_was_read_before_an_end_is_not_kept_after_it() {
        let cache = SessionCache::default();
        let before = cache.mark();
        cache.forget(SessionKey([1; 32]));
        cache.keep(session(1, 10), before);
        assert!(cache.get(SessionKey([1; 32]), Timestamp::from_micros(0)).is_none());
    }

    #[test]
    fn the_cache_is_bounded() {
        let cache = SessionCache::default();
        for n in 0..=MOST {
            let mut key = [0; 32];
            key[..8].copy_from_slice(&(n as u64).to_be_bytes());
            cache.keep(Session { key: SessionKey(key), ..session(0, 10) }, cache.mark());
        }
        assert_eq!(cache.lock().sessions.len(), 1);
    }
}
