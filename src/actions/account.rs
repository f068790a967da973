//! Signing up, logging in and out, changing the password, and deleting the account.

use std::net::IpAddr;

use super::{FieldCode, FieldError, FieldErrors};
use crate::app::App;
use crate::auth::password::{Busy, Verdict, check_choice};
use crate::auth::throttle::Wait;
use crate::auth::token::{LIFETIME, Token};
use crate::config::Signup;
use crate::model::{Email, NewUser, SessionKey, User, UserId, Username};
use crate::store::{Credentials, NameTaken, NewSession, StoreError};

/// Where a request to log in or sign up comes from.
#[derive(Clone, Debug)]
pub struct Visitor {
    pub address: IpAddr,
    /// What the browser calls itself.
    pub device: String,
    /// The login the browser has so far, which ends with the next.
    pub login: Option<(UserId, SessionKey)>,
}

/// What someone filled in to make an account.
#[derive(Debug, Default)]
pub struct SignUp {
    pub username: String,
    pub email: String,
    pub password1: String,
    pub password2: String,
}

/// Why a login or a change of the account was refused.
#[derive(Debug)]
pub enum Refusal {
    Fields(FieldErrors),
    /// The server makes no new accounts.
    Closed,
    /// Unknown user or wrong password; the answer does not say which.
    WrongLogin,
    TooMany(Wait),
    Busy,
    Store(StoreError),
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Busy> for Refusal {
    fn from(_: Busy) -> Self {
        Self::Busy
    }
}

impl From<Wait> for Refusal {
    fn from(wait: Wait) -> Self {
        Self::TooMany(wait)
    }
}

/// Makes an account and logs its owner in.
pub async fn sign_up(app: &App, visitor: Visitor, form: SignUp) -> Result<Token, Refusal> {
    if app.config.signup == Signup::Closed {
        return Err(Refusal::Closed);
    }
    let (username, email) = check(&form).map_err(Refusal::Fields)?;
    app.throttle.may_sign_up(visitor.address, app.clock.now())?;
    app.send_hint(|relay| relay.sign_up(visitor.address));
    let password = app.passwords.hash(form.password1).await?;
    let new = NewUser { username, display_name: None, email, password: password.clone() };
    match app.store.create_user(new).await? {
        Ok(user) => start_session(app, visitor, user.id, password).await,
        Err(taken) => Err(Refusal::Fields(name_taken(taken))),
    }
}

/// Logs someone in who knows the password. A wrong one and an unknown name take equally long.
pub async fn log_in(app: &App, visitor: Visitor, username: &str, password: &str) -> Result<Token, Refusal> {
    let mut missing = FieldErrors::new();
    if username.trim().is_empty() {
        missing.push(FieldError::new("username", FieldCode::Blank, "Enter your user name."));
    }
    if password.is_empty() {
        missing.push(FieldError::new("password", FieldCode::Blank, "Enter your password."));
    }
    if !missing.is_empty() {
        return Err(Refusal::Fields(missing));
    }
    let found = check_password(app, visitor.address, username, password).await?;
    start_session(app, visitor, found.user.id, found.password).await
}

/// Ends a login and closes its sockets.
pub async fn log_out(app: &App, me: UserId, session: SessionKey) -> Result<(), StoreError> {
    app.store.end_session(me, session).await.map(drop)
}

/// Takes another password, if one knows the old one. All other logins end.
pub async fn change_password(
    app: &App,
    address: IpAddr,
    me: (&User, SessionKey),
    current: &str,
    new: String,
) -> Result<(), Refusal> {
    let (me, session) = me;
    check_choice(&new, me.username.as_str()).map_err(|error| Refusal::Fields(vec![FieldError::of("new", error)]))?;
    let found =
        check_password(app, address, me.username.as_str(), current).await.map_err(|refusal| own("current", refusal))?;
    let new = app.passwords.hash(new).await?;
    match app.store.change_password(me.id, found.password, new, session).await? {
        true => Ok(()),
        false => Err(not_yours("current")),
    }
}

/// Deletes one's account, if one knows its password. All its logins end.
pub async fn delete(app: &App, address: IpAddr, me: &User, password: &str) -> Result<(), Refusal> {
    let found = check_password(app, address, me.username.as_str(), password).await;
    let found = found.map_err(|refusal| own("password", refusal))?;
    match app.store.delete_account(me.clone(), found.password).await? {
        true => Ok(()),
        false => Err(not_yours("password")),
    }
}

/// The account of this name, if the password is right. Failures are counted and rate limited, and take equally long.
async fn check_password(app: &App, address: IpAddr, username: &str, password: &str) -> Result<Credentials, Refusal> {
    app.throttle.may_log_in(address, username, app.clock.now())?;
    let found = app.store.credentials(username).await?;
    let stored = found.as_ref().map(|found| found.password.clone());
    let verdict = app.passwords.verify(password.to_owned(), stored).await?;
    let Some(mut found) = found.filter(|_| verdict != Verdict::Wrong) else {
        app.throttle.failed(address, username, app.clock.now());
        app.send_hint(|relay| relay.failed_login(address, username));
        return Err(Refusal::WrongLogin);
    };
    if verdict == Verdict::RightButOld {
        let new = app.passwords.hash(password.to_owned()).await?;
        let old = std::mem::replace(&mut found.password, new.clone());
        if !app.store.replace_password(found.user.id, old, new).await? {
            // Another request did this at the same time; the hash that was checked is no longer stored.
            return Err(Refusal::Busy);
        }
    }
    Ok(found)
}

/// A refusal for someone who is logged in: that field is wrong, not the name.
fn own(field: &'static str, refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::WrongLogin => not_yours(field),
        other => other,
    }
}

fn not_yours(field: &'static str) -> Refusal {
    Refusal::Fields(vec![FieldError::new(field, FieldCode::WrongPassword, "This is not your password.")])
}

async fn start_session(app: &App, visitor: Visitor, user: UserId, password: String) -> Result<Token, Refusal> {
    let token = Token::generate();
    let expires_at = app.clock.now().after(LIFETIME);
    let new = NewSession { key: token.key(), user, password, device: visitor.device, expires_at };
    if !app.store.start_session(new).await? {
        // The password was changed, or the account deleted, meanwhile.
        return Err(Refusal::WrongLogin);
    }
    if let Some((user, key)) = visitor.login {
        log_out(app, user, key).await?;
    }
    Ok(token)
}

fn check(form: &SignUp) -> Result<(Username, Email), FieldErrors> {
    let mut errors = FieldErrors::new();
    let username = Username::parse(&form.username).map_err(|error| errors.push(FieldError::of("username", error))).ok();
    let email = Email::parse(&form.email).map_err(|error| errors.push(FieldError::of("email", error))).ok();
    if let Err(error) = check_choice(&form.password1, form.username.trim()) {
        errors.push(FieldError::of("password1", error));
    }
    if form.password2.is_empty() {
        errors.push(FieldError::new("password2", FieldCode::Blank, "Enter the password again."));
    } else if form.password1 != form.password2 {
        errors.push(FieldError::new("password2", FieldCode::Differ, "The two passwords differ."));
    }
    match (username, email) {
        (Some(username), Some(email)) if errors.is_empty() => Ok((username, email)),
        _ => Err(errors),
    }
}

fn name_taken(taken: NameTaken) -> FieldErrors {
    let mut errors = FieldErrors::new();
    if taken.username {
        errors.push(FieldError::new("username", FieldCode::Taken, "This user name is taken; choose another."));
    }
    if taken.email {
        let detail = "There is an account with this e-mail address already.";
        errors.push(FieldError::new("email", FieldCode::Taken, detail));
    }
    errors
}
