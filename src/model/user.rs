//! People with an account.

use super::{Email, UserId, Username};

/// A person, as the rest of the program needs to know one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    pub username: Username,
    /// May see how the server is doing; the first account made has this right.
    pub is_admin: bool,
}

/// An account about to be made.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub username: Username,
    /// The name shown to others, where it differs from the user name.
    pub display_name: Option<String>,
    pub email: Email,
    /// The password's hash, never the password.
    pub password: String,
}
