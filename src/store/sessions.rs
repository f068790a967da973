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
pub(super) const OF_USER: &str = "SELECT token_hash, device, created_at, renewed_at FROM sessions
     WHERE user_id = ?1 AND expires_at > ?2 ORDER BY created_at DESC";

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

/// A login about to begin.
#[derive(Clone, Debug)]
pub struct NewSession {
    pub key: SessionKey,
    pub user: UserId,
    /// The hash the password was checked against. A login that a new password has overtaken does not begin.
    pub password: String,
    /// What the browser calls itself.
    pub device: String,
    pub expires_at: Timestamp,
}

/// A login as its owner sees it in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    pub key: SessionKey,
    pub device: String,
    pub created_at: Timestamp,
    pub renewed_at: Timestamp,
}

impl Store {
    /// Starts a login; `false` when the account or its password is no longer the one that was checked.
    pub async fn start_session(&self, new: NewSession) -> Result<bool, StoreError> {
        self.write(move |change| start(change, &new)).await
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

    /// The logins of `user` that have not ended by `now`, newest first.
    pub async fn sessions(&self, user: UserId, now: Timestamp) -> Result<Vec<Login>, StoreError> {
        self.read(move |conn| {
            let mut query = conn.prepare_cached(OF_USER)?;
            let logins = query.query_map([user.0, now.as_micros()], |row| {
                Ok(Login {
                    key: SessionKey(row.get("token_hash")?),
                    device: row.get("device")?,
                    created_at: Timestamp::from_micros(row.get("created_at")?),
                    renewed_at: Timestamp::from_micros(row.get("renewed_at")?),
                })
            });
            logins?.collect()
        })
        .await
    }

    /// Ends a login of `user` and tells its sockets; `false` when there is none of this key.
    pub async fn end_session(&self, user: UserId, key: SessionKey) -> Result<bool, StoreError> {
        self.write(move |change| end(change, user, key)).await
    }

    /// Ends all logins of `user` but one, and tells their sockets.
    pub async fn end_other_sessions(&self, user: UserId, kept: SessionKey) -> Result<(), StoreError> {
        self.write(move |change| end_all(change, user, Some(kept))).await
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

fn start(change: &mut Change<'_>, new: &NewSession) -> rusqlite::Result<bool> {
    let now = change.now.as_micros();
    let mut insert = change.conn.prepare_cached(
        "INSERT INTO sessions (token_hash, user_id, created_at, renewed_at, expires_at, device)
         SELECT ?1, id, ?2, ?2, ?3, ?4 FROM users WHERE id = ?5 AND password = ?6 AND deleted_at IS NULL",
    )?;
    let (expires_at, device) = (new.expires_at.as_micros(), &new.device);
    if insert.execute(params![new.key.0, now, expires_at, device, new.user.0, new.password])? == 0 {
        return Ok(false);
    }
    change.conn.prepare_cached("DELETE FROM sessions WHERE expires_at <= ?1")?.execute([now])?;
    let mut query = change.conn.prepare_cached(BEYOND_NEWEST)?;
    let surplus: Vec<[u8; 32]> =
        query.query_map([new.user.0, PER_USER], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    for token_hash in surplus {
        end(change, new.user, SessionKey(token_hash))?;
    }
    Ok(true)
}

fn end(change: &mut Change<'_>, user: UserId, key: SessionKey) -> rusqlite::Result<bool> {
    let mut delete = change.conn.prepare_cached("DELETE FROM sessions WHERE token_hash = ?1 AND user_id = ?2")?;
    let ended = delete.execute(params![key.0, user.0])? > 0;
    if ended {
        change.announce(Event::SessionEnded { user, session: key });
    }
    Ok(ended)
}

/// Ends all logins of `user`, or all but one.
pub(super) fn end_all(change: &mut Change<'_>, user: UserId, kept: Option<SessionKey>) -> rusqlite::Result<()> {
    let mut delete = change
        .conn
        .prepare_cached("DELETE FROM sessions WHERE user_id = ?1 AND token_hash IS NOT ?2 RETURNING token_hash")?;
    let ended: Vec<[u8; 32]> =
        delete.query_map(params![user.0, kept.map(|key| key.0)], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    ended.into_iter().for_each(|hash| change.announce(Event::SessionEnded { user, session: SessionKey(hash) }));
    Ok(())
}
