//! Profiles and pictures: changing them, and notifying everyone who shares a conversation.

use super::engine::{self, Db};
use super::writer::Change;
use super::{Store, StoreError, accounts};
use crate::model::{About, Account, DisplayName, Event, Picture, Profile, Revision, UserId, Username, fold_name};

/// The picture of a person and its tag.
pub(super) const PICTURE: &str = "SELECT u.avatar, a.image FROM users u JOIN avatars a ON a.user_id = u.id
     WHERE u.username_key = $1 AND u.username = $2 AND u.avatar IS NOT NULL";
pub(super) const UPDATE: &str =
    "UPDATE users SET display_name = $1, about = $2, hides_presence = $3, hides_typing = $4,
            hides_receipts = $5
     WHERE id = $6";
pub(super) const SET_TAG: &str = "UPDATE users SET avatar = $1 WHERE id = $2";
pub(super) const SET_PICTURE: &str = "INSERT INTO avatars (user_id, image) VALUES ($1, $2)
     ON CONFLICT (user_id) DO UPDATE SET image = excluded.image";
pub(super) const REMOVE_PICTURE: &str = "DELETE FROM avatars WHERE user_id = $1";
pub(super) const FORGET_NAMES: &str = "DELETE FROM user_names WHERE user_id = $1 AND name <> $2";
pub(super) const ADD_NAME: &str =
    "INSERT INTO user_names (name, user_id) VALUES ($1, $2) ON CONFLICT (name, user_id) DO NOTHING";
/// Stamps the conversations in which others see this person.
pub(super) const STAMP: &str =
    "UPDATE conversations SET revision = $1 WHERE id IN (SELECT conversation_id FROM members WHERE user_id = $2)";
pub(super) const ACQUAINTED: &str = "SELECT them.user_id FROM members me
     JOIN members them ON them.conversation_id = me.conversation_id AND them.user_id <> me.user_id
     WHERE me.user_id = $1";

/// What someone changes of their account; what is left out stays.
#[derive(Clone, Debug, Default)]
pub struct AccountChange {
    /// `Some(None)` removes the name.
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
        self.read(move |db| {
            let key = username.key();
            let params = [(&key).into(), username.as_str().into()];
            db.first(PICTURE, &params, |row| Ok(Picture { tag: row.get(0)?, jpeg: row.get(1)? }))
        })
        .await
    }
}

fn change_account(change: &mut Change<'_>, me: UserId, new: &AccountChange) -> engine::Result<Option<Account>> {
    let Some(before) = accounts::account(change.db, me)? else { return Ok(None) };
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
    let (Profile { display_name, about, .. }, hides) = (&after.profile, after.hides);
    let params = [
        display_name.as_deref().into(),
        about.as_str().into(),
        hides.presence.into(),
        hides.typing.into(),
        hides.receipts.into(),
        me.0.into(),
    ];
    change.db.execute(UPDATE, &params)?;
    if after.profile.display_name != before.profile.display_name {
        name(change.db, &after)?;
    }
    notify(change, &before).map(Some)
}

fn set_picture(change: &mut Change<'_>, me: UserId, picture: Option<&Picture>) -> engine::Result<Option<Account>> {
    let Some(before) = accounts::account(change.db, me)? else { return Ok(None) };
    let tag = picture.map(|picture| picture.tag.as_str());
    if before.profile.avatar.as_deref() == tag {
        return Ok(Some(before));
    }
    change.db.execute(SET_TAG, &[tag.into(), me.0.into()])?;
    match picture {
        Some(picture) => change.db.execute(SET_PICTURE, &[me.0.into(), picture.jpeg.as_slice().into()])?,
        None => change.db.execute(REMOVE_PICTURE, &[me.0.into()])?,
    };
    notify(change, &before).map(Some)
}

/// Makes someone findable by both of their names.
fn name(db: &mut dyn Db, account: &Account) -> engine::Result<()> {
    let (me, username) = (account.user.id, account.user.username.key());
    db.execute(FORGET_NAMES, &[me.0.into(), (&username).into()])?;
    if let Some(name) = &account.profile.display_name {
        db.execute(ADD_NAME, &[(&fold_name(name)).into(), me.0.into()])?;
    }
    Ok(())
}

/// Notifies the owner of a changed account, and others of what they see of it.
fn notify(change: &mut Change<'_>, before: &Account) -> engine::Result<Account> {
    let account = accounts::touch(change, before.user.id)?;
    if account.profile != before.profile {
        notify_others(change, &account.user.username, (account.user.id, account.revision), &account.profile)?;
    }
    Ok(account)
}

/// Notifies everyone who shares a conversation with someone of what others see of them from this revision on.
pub(super) fn notify_others(
    change: &mut Change<'_>,
    username: &Username,
    (user, revision): (UserId, Revision),
    profile: &Profile,
) -> engine::Result<()> {
    change.db.execute(STAMP, &[revision.0.into(), user.0.into()])?;
    let mut audience = change.db.all(ACQUAINTED, &[user.0.into()], |row| row.get(0).map(UserId))?;
    audience.sort_unstable();
    audience.dedup();
    let (username, profile) = (username.clone(), profile.clone());
    change.announce(Event::ProfileChanged { username, profile, revision, audience });
    Ok(())
}
