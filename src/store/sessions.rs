//! Logins, by the hash of their token.

use super::engine::{self, Db};
use super::users::user_from;
use super::writer::Change;
use super::{Store, StoreError};
use crate::clock::Timestamp;
use crate::model::{Event, SessionKey, User, UserId};

pub(super) const BY_TOKEN: &str = "SELECT u.id, u.username, u.is_admin, s.renewed_at, s.expires_at
     FROM sessions s JOIN users u ON u.id = s.user_id
     WHERE s.token_hash = $1 AND s.expires_at > $2";
pub(super) const OF_USER: &str = "SELECT token_hash, device, created_at, renewed_at FROM sessions
     WHERE user_id = $1 AND expires_at > $2 ORDER BY created_at DESC";
pub(super) const ALL_OF_USER: &str = "SELECT token_hash FROM sessions WHERE user_id = $1 ORDER BY created_at DESC";
pub(super) const INSERT: &str = "INSERT INTO sessions (token_hash, user_id, created_at, renewed_at, expires_at, device)
     SELECT $1, id, $2, $2, $3, $4 FROM users WHERE id = $5 AND password = $6 AND deleted_at IS NULL";
pub(super) const FORGET_EXPIRED: &str = "DELETE FROM sessions WHERE expires_at <= $1";
pub(super) const RENEW: &str = "UPDATE sessions SET renewed_at = $1, expires_at = $2 WHERE token_hash = $3";
pub(super) const END: &str = "DELETE FROM sessions WHERE token_hash = $1 AND user_id = $2";

/// Logins one person may hold; making one more ends the oldest.
const PER_USER: usize = 50;

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
    /// The hash the password was checked against. If the password has changed since, no login begins.
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

    /// The login of this key, unless it has ended by `now`. Asked with every request, so it is mostly answered from
    /// memory.
    pub async fn session(&self, key: SessionKey, now: Timestamp) -> Result<Option<Session>, StoreError> {
        let cache = &self.inner.sessions;
        if let Some(session) = cache.get(key).filter(|session| session.expires_at > now) {
            return Ok(Some(session));
        }
        let before = cache.ended();
        let found = self.read(move |db| find(db, key, now)).await?;
        if let Some(session) = &found {
            cache.keep(session.clone(), before);
        }
        Ok(found)
    }

    /// Lets a login last until `expires_at`.
    pub async fn renew_session(&self, key: SessionKey, expires_at: Timestamp) -> Result<(), StoreError> {
        self.write(move |change| {
            let params = [change.now.as_micros().into(), expires_at.as_micros().into(), (&key.0).into()];
            change.db.execute(RENEW, &params).map(drop)
        })
        .await?;
        self.inner.sessions.forget(key);
        Ok(())
    }

    /// The logins of `user` that have not ended by `now`, newest first.
    pub async fn sessions(&self, user: UserId, now: Timestamp) -> Result<Vec<Login>, StoreError> {
        self.read(move |db| {
            db.all(OF_USER, &[user.0.into(), now.as_micros().into()], |row| {
                Ok(Login {
                    key: SessionKey(row.get(0)?),
                    device: row.get(1)?,
                    created_at: Timestamp::from_micros(row.get(2)?),
                    renewed_at: Timestamp::from_micros(row.get(3)?),
                })
            })
        })
        .await
    }

    /// Ends a login of `user` and closes its sockets; `false` when there is none of this key.
    pub async fn end_session(&self, user: UserId, key: SessionKey) -> Result<bool, StoreError> {
        self.write(move |change| end(change, user, key)).await
    }

    /// Ends all logins of `user` but one, and closes their sockets.
    pub async fn end_other_sessions(&self, user: UserId, kept: SessionKey) -> Result<(), StoreError> {
        self.write(move |change| end_all(change, user, Some(kept))).await
    }
}

fn find(db: &mut dyn Db, key: SessionKey, now: Timestamp) -> engine::Result<Option<Session>> {
    db.first(BY_TOKEN, &[(&key.0).into(), now.as_micros().into()], |row| {
        let (renewed_at, expires_at) = (row.get(3)?, row.get(4)?);
        let [renewed_at, expires_at] = [renewed_at, expires_at].map(Timestamp::from_micros);
        Ok(Session { key, user: user_from(row)?, renewed_at, expires_at })
    })
}

fn start(change: &mut Change<'_>, new: &NewSession) -> engine::Result<bool> {
    let now = change.now.as_micros();
    let params = [
        (&new.key.0).into(),
        now.into(),
        new.expires_at.as_micros().into(),
        (&new.device).into(),
        new.user.0.into(),
        (&new.password).into(),
    ];
    if change.db.execute(INSERT, &params)? == 0 {
        return Ok(false);
    }
    change.db.execute(FORGET_EXPIRED, &[now.into()])?;
    for surplus in all_of(change.db, new.user)?.into_iter().skip(PER_USER) {
        end(change, new.user, surplus)?;
    }
    Ok(true)
}

/// All logins of `user`, newest first.
fn all_of(db: &mut dyn Db, user: UserId) -> engine::Result<Vec<SessionKey>> {
    db.all(ALL_OF_USER, &[user.0.into()], |row| row.get(0).map(SessionKey))
}

fn end(change: &mut Change<'_>, user: UserId, key: SessionKey) -> engine::Result<bool> {
    let ended = change.db.execute(END, &[(&key.0).into(), user.0.into()])? > 0;
    if ended {
        change.announce(Event::SessionEnded { user, session: key });
    }
    Ok(ended)
}

/// Ends all logins of `user`, or all but one.
pub(super) fn end_all(change: &mut Change<'_>, user: UserId, kept: Option<SessionKey>) -> engine::Result<()> {
    for key in all_of(change.db, user)? {
        if Some(key) != kept {
            end(change, user, key)?;
        }
    }
    Ok(())
}
