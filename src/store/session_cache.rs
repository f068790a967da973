//! Recently used logins, so that a request needs no query to know its sender. A login that ended or changed is removed
//! after the commit and before the event is published.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use moka::sync::Cache;

use super::sessions::Session;
use crate::model::SessionKey;

/// Logins kept; about 200 bytes each.
const MOST: u64 = 20_000;

/// How long a login stays in the cache.
const LIFETIME: Duration = Duration::from_secs(5);

pub(super) struct SessionCache {
    kept: Cache<SessionKey, Session>,
    /// How many logins were forgotten.
    ended: AtomicU64,
}

impl SessionCache {
    pub fn new() -> Self {
        Self { kept: Cache::builder().max_capacity(MOST).time_to_live(LIFETIME).build(), ended: AtomicU64::new(0) }
    }

    /// The login of this key, if it is known. It may have expired since.
    pub fn get(&self, key: SessionKey) -> Option<Session> {
        self.kept.get(&key)
    }

    /// How many logins have ended: to be read before the database is, and passed to [`Self::keep`].
    pub fn ended(&self) -> u64 {
        self.ended.load(Ordering::SeqCst)
    }

    /// Keeps what was read, unless a login ended since `before`: it might be this one.
    pub fn keep(&self, session: Session, before: u64) {
        let key = session.key;
        self.kept.insert(key, session);
        // Checked after inserting: a login that ends after this check is found and forgotten.
        if self.ended() != before {
            self.kept.invalidate(&key);
        }
    }

    /// Forgets all: another process has ended one of them.
    pub fn forget_all(&self) {
        self.ended.fetch_add(1, Ordering::SeqCst);
        self.kept.invalidate_all();
    }

    /// Forgets a login that ended or changed.
    pub fn forget(&self, key: SessionKey) {
        self.ended.fetch_add(1, Ordering::SeqCst);
        self.kept.invalidate(&key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::model::{User, UserId, Username};

    fn session(mark: u8) -> Session {
        let user = User { id: UserId(1), username: Username::parse("al").unwrap(), is_admin: false };
        let [renewed_at, expires_at] = [0, 10].map(Timestamp::from_micros);
        Session { key: SessionKey([mark; 32]), user, renewed_at, expires_at }
    }

    #[test]
    fn a_login_is_known_until_it_is_forgotten() {
        let cache = SessionCache::new();
        let key = SessionKey([1; 32]);
        cache.keep(session(1), cache.ended());
        cache.forget(SessionKey([2; 32]));
        assert!(cache.get(key).is_some());
        cache.forget(key);
        assert!(cache.get(key).is_none());
    }

    #[test]
    fn what_was_read_before_an_end_is_not_kept_after_it() {
        let cache = SessionCache::new();
        let before = cache.ended();
        cache.forget(SessionKey([1; 32]));
        cache.keep(session(1), before);
        assert!(cache.get(SessionKey([1; 32])).is_none());
    }
}
