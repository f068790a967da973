//! Logins, by the hash of their token.

use rusqlite::{Connection, OptionalExtension, params};

use super::users::user_from;
use super::writer::Change;
use super::{Store, StoreError};
use crate::clock::Timestamp;
use crate::model::{Event, SessionKey, User, UserId};

pub(super) const BY_TOKEN: &str = "SELECT u.id, u.username, u.is_admin, s.renewed_at, s.expires_at
     FROM sessions s JOIN users u ON u.id = s.user_id
     WHERE s.token_hash = ?1 AND s.expires_at > ?2";
pub(super) const BEYOND_NEWEST: &str =
    "SELECT token_hash FROM sessions WHERE user_id = ?1 ORDER BY created_at DESC LIMIT -1 OFFSET ?2";

/// Logins one person may hold; making one more ends the oldest.
const PER_USER: i64 = 50;

/// A login that has not ended.
#[derive(Clone, Debug)]
pub struct Session {
    pub key: SessionKey,
    pub user: User,
    pub renewed_at: Timestamp,
    pub expires_at: Timestamp,
}

impl Store {
    /// Starts a login that lasts until `expires_at`.
    pub async fn start_session(&self, key: SessionKey, user: UserId, expires_at: Timestamp) -> Result<(), StoreError> {
        self.write(move |change| start(change, key, user, expires_at)).await
    }

    /// The login of this key, unless it has ended by `now`. Asked with every request, so it is mostly answered from memory.
    pub async fn session(&self, key: SessionKey, now: Timestamp) -> Result<Option<Session>, StoreError> {
        let cache = &self.inner.sessions;
        if let Some(session) = cache.get(key, now) {
            return Ok(Some(session));
        }
        let mark = cache.mark();
        let found = self.read(move |conn| find(conn, key, now)).await?;
        if let Some(session) = &found {
            cache.keep(session.clone(), mark);
        }
        Ok(found)
    }

    /// Lets a login last until `expires_at`.
    pub async fn renew_session(&self, key: SessionKey, expires_at: Timestamp) -> Result<(), StoreError> {
        self.write(move |change| {
            let mut update = change
                .conn
                .prepare_cached("UPDATE sessions SET renewed_at = ?2, expires_at = ?3 WHERE token_hash = ?1")?;
            update.execute(params![key.0, change.now.as_micros(), expires_at.as_micros()]).map(drop)
        })
        .await?;
        self.inner.sessions.forget(key);
        Ok(())
    }

    /// Ends a login and tells its sockets; one that has ended already stays so.
    pub async fn end_session(&self, key: SessionKey) -> Result<(), StoreError> {
        self.write(move |change| end(change, key)).await
    }
}

fn find(conn: &Connection, key: SessionKey, now: Timestamp) -> rusqlite::Result<Option<Session>> {
    let mut query = conn.prepare_cached(BY_TOKEN)?;
    let found = query.query_row(params![key.0, now.as_micros()], |row| {
        Ok(Session {
            key,
            user: user_from(row)?,
            renewed_at: Timestamp::from_micros(row.get("renewed_at")?),
            expires_at: Timestamp::from_micros(row.get("expires_at")?),
        })
    });
    found.optional()
}

fn start(change: &mut Change<'_>, key: SessionKey, user: UserId, expires_at: Timestamp) -> rusqlite::Result<()> {
    let now = change.now.as_micros();
    change.conn.prepare_cached("DELETE FROM sessions WHERE expires_at <= ?1")?.execute([now])?;
    let mut insert = change.conn.prepare_cached(
        "INSERT INTO sessions (token_hash, user_id, created_at, renewed_at, expires_at) VALUES (?1, ?2, ?3, ?3, ?4)",
    )?;
    insert.execute(params![key.0, user.0, now, expires_at.as_micros()])?;
    let mut query = change.conn.prepare_cached(BEYOND_NEWEST)?;
    let surplus: Vec<[u8; 32]> =
        query.query_map([user.0, PER_USER], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    surplus.into_iter().try_for_each(|token_hash| end(change, SessionKey(token_hash)))
}

fn end(change: &mut Change<'_>, key: SessionKey) -> rusqlite::Result<()> {
    let mut delete = change.conn.prepare_cached("DELETE FROM sessions WHERE token_hash = ?1 RETURNING user_id")?;
    let user: Option<i64> = delete.query_row([key.0], |row| row.get(0)).optional()?;
    if let Some(user) = user {
        change.announce(Event::SessionEnded { user: UserId(user), session: key });
    }
    Ok(())
}
