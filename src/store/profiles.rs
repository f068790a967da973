//! What people say of themselves, and their pictures: changing it, and telling everyone they share a conversation with.

use rusqlite::{Connection, OptionalExtension, params};

use super::writer::Change;
use super::{Store, StoreError, accounts};
use crate::model::{About, Account, DisplayName, Event, Picture, Profile, Revision, UserId, Username, fold_name};

/// The picture of a person and its tag.
pub(super) const PICTURE: &str = "SELECT u.avatar, a.image FROM users u JOIN avatars a ON a.user_id = u.id
     WHERE u.username_key = ?1 AND u.username = ?2 AND u.avatar IS NOT NULL";

/// Stamps the conversations in which others see this person: all, as the others have them, and the notes to oneself.
pub(super) const STAMP: &str = "UPDATE members SET revision = ?2
     WHERE conversation_id IN (SELECT conversation_id FROM members WHERE user_id = ?1)
       AND (user_id <> ?1
            OR conversation_id = (SELECT id FROM conversations WHERE low_user_id = ?1 AND high_user_id = ?1))
     RETURNING user_id";

/// What someone changes of their account; what is left out stays.
#[derive(Clone, Debug, Default)]
pub struct AccountChange {
    /// Nothing inside takes the name away.
    pub display_name: Option<Option<DisplayName>>,
    pub about: Option<About>,
    pub hides_presence: Option<bool>,
    pub hides_typing: Option<bool>,
    pub hides_receipts: Option<bool>,
}

impl Store {
    /// Changes the account of `me`; nothing once it is deleted.
    pub async fn change_account(&self, me: UserId, new: AccountChange) -> Result<Option<Account>, StoreError> {
        self.write(move |change| change_account(change, me, &new)).await
    }

    /// Gives `me` another picture, or none; nothing once the account is deleted.
    pub async fn set_picture(&self, me: UserId, picture: Option<Picture>) -> Result<Option<Account>, StoreError> {
        self.write(move |change| set_picture(change, me, picture.as_ref())).await
    }

    /// The picture of the person of exactly this name, if they have one.
    pub async fn picture(&self, username: &Username) -> Result<Option<Picture>, StoreError> {
        let username = username.clone();
        self.read(move |conn| {
            let mut query = conn.prepare_cached(PICTURE)?;
            let params = params![username.key(), username.as_str()];
            query.query_row(params, |row| Ok(Picture { tag: row.get(0)?, jpeg: row.get(1)? })).optional()
        })
        .await
    }
}

fn change_account(change: &mut Change<'_>, me: UserId, new: &AccountChange) -> rusqlite::Result<Option<Account>> {
    let conn = change.conn;
    let Some(before) = accounts::account(conn, me)? else { return Ok(None) };
    let mut after = before.clone();
    if let Some(name) = &new.display_name {
        after.profile.display_name = name.as_ref().map(|name| name.as_str().to_owned());
    }
    if let Some(about) = &new.about {
        about.as_str().clone_into(&mut after.profile.about);
    }
    for (hides, new) in [
        (&mut after.hides.presence, new.hides_presence),
        (&mut after.hides.typing, new.hides_typing),
        (&mut after.hides.receipts, new.hides_receipts),
    ] {
        *hides = new.unwrap_or(*hides);
    }
    if after == before {
        return Ok(Some(before));
    }
    let Profile { display_name, about, .. } = &after.profile;
    let mut update = conn.prepare_cached(
        "UPDATE users SET display_name = ?2, about = ?3, hides_presence = ?4, hides_typing = ?5, hides_receipts = ?6
         WHERE id = ?1",
    )?;
    let hides = after.hides;
    update.execute(params![me.0, display_name, about, hides.presence, hides.typing, hides.receipts])?;
    if after.profile.display_name != before.profile.display_name {
        name(conn, &after)?;
    }
    tell(change, &before).map(Some)
}

fn set_picture(change: &mut Change<'_>, me: UserId, picture: Option<&Picture>) -> rusqlite::Result<Option<Account>> {
    let conn = change.conn;
    let Some(before) = accounts::account(conn, me)? else { return Ok(None) };
    let tag = picture.map(|picture| picture.tag.as_str());
    if before.profile.avatar.as_deref() == tag {
        return Ok(Some(before));
    }
    conn.prepare_cached("UPDATE users SET avatar = ?2 WHERE id = ?1")?.execute(params![me.0, tag])?;
    match picture {
        Some(picture) => conn
            .prepare_cached("INSERT OR REPLACE INTO avatars (user_id, image) VALUES (?1, ?2)")?
            .execute(params![me.0, picture.jpeg])?,
        None => conn.prepare_cached("DELETE FROM avatars WHERE user_id = ?1")?.execute([me.0])?,
    };
    tell(change, &before).map(Some)
}

/// Makes someone findable by both of their names.
fn name(conn: &Connection, account: &Account) -> rusqlite::Result<()> {
    let (me, username) = (account.user.id, account.user.username.key());
    conn.prepare_cached("DELETE FROM user_names WHERE user_id = ?1 AND name <> ?2")?
        .execute(params![me.0, username])?;
    if let Some(name) = &account.profile.display_name {
        let mut insert = conn.prepare_cached("INSERT OR IGNORE INTO user_names (name, user_id) VALUES (?1, ?2)")?;
        insert.execute(params![fold_name(name), me.0])?;
    }
    Ok(())
}

/// Tells oneself of a changed account, and others of what they see of it.
fn tell(change: &mut Change<'_>, before: &Account) -> rusqlite::Result<Account> {
    let account = accounts::touch(change, before.user.id)?;
    if account.profile != before.profile {
        tell_others(change, &account.user.username, (account.user.id, account.revision), &account.profile)?;
    }
    Ok(account)
}

/// Tells everyone who shares a conversation with someone what they are to others from this revision on.
pub(super) fn tell_others(
    change: &mut Change<'_>,
    username: &Username,
    (user, revision): (UserId, Revision),
    profile: &Profile,
) -> rusqlite::Result<()> {
    let mut stamp = change.conn.prepare_cached(STAMP)?;
    let stamped = stamp.query_map([user.0, revision.0], |row| row.get(0).map(UserId))?;
    let stamped: Vec<UserId> = stamped.collect::<rusqlite::Result<_>>()?;
    let audience = stamped.into_iter().filter(|other| *other != user).collect();
    let (username, profile) = (username.clone(), profile.clone());
    change.announce(Event::ProfileChanged { username, profile, revision, audience });
    Ok(())
}
