//! One's own account, as one sees it oneself.

use super::{Revision, User};

/// Everything about an account that its owner sees and sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub user: User,
    pub profile: Profile,
    pub email: String,
    pub hides: PrivacySettings,
    /// The user names of those one does not want to hear from.
    pub blocked: Vec<String>,
    /// The last change of any of it.
    pub revision: Revision,
}

/// What a person shows of themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    pub display_name: Option<String>,
    pub about: String,
    /// The picture's tag, which changes with the picture.
    pub avatar: Option<String>,
    /// Whether the account is gone; what was personal is gone with it.
    pub deleted: bool,
}

/// What a person keeps to themselves. It works both ways: who hides something does not see it of others either.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PrivacySettings {
    pub presence: bool,
    pub typing: bool,
    pub receipts: bool,
}
