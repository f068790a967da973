//! Changing one's profile and privacy settings.

use super::account::Refusal;
use super::{FieldError, FieldErrors};
use crate::app::App;
use crate::auth::throttle::Wait;
use crate::model::{About, Account, DisplayName, UserId};
use crate::store::AccountChange;

/// What someone changes, as typed; what is left out stays.
#[derive(Clone, Debug, Default)]
pub struct Update {
    pub display_name: Option<String>,
    pub about: Option<String>,
    pub hides_presence: Option<bool>,
    pub hides_typing: Option<bool>,
    pub hides_receipts: Option<bool>,
}

/// Changes one's account, and notifies those concerned. Nothing once it is deleted.
pub async fn update(app: &App, me: UserId, update: Update) -> Result<Option<Account>, Refusal> {
    let change = check(&update).map_err(Refusal::Fields)?;
    may_change(app, me)?;
    Ok(app.store.change_account(me, change).await?)
}

/// Counts a change that others are notified of.
pub fn may_change(app: &App, me: UserId) -> Result<(), Wait> {
    app.throttle.may_change_profile(me, app.clock.now())?;
    app.send_hint(|relay| relay.profile_change(me));
    Ok(())
}

fn check(update: &Update) -> Result<AccountChange, FieldErrors> {
    let mut errors = FieldErrors::new();
    let display_name = update.display_name.as_deref().map(DisplayName::parse).transpose();
    let display_name = display_name.map_err(|error| errors.push(FieldError::of("display_name", error))).ok().flatten();
    let about = update.about.as_deref().map(About::parse).transpose();
    let about = about.map_err(|error| errors.push(FieldError::of("about", error))).ok().flatten();
    let Update { hides_presence, hides_typing, hides_receipts, .. } = *update;
    let change = AccountChange { display_name, about, hides_presence, hides_typing, hides_receipts };
    if errors.is_empty() { Ok(change) } else { Err(errors) }
}
