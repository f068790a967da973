//! What is wrong with a person's input, field by field: a code for clients, and a sentence for people.

use std::borrow::Cow;
use std::fmt::Display;

use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::password::PasswordError;
use crate::model::{BodyError, ClientKeyError, EmailError, EmojiError, ProfileError, UsernameError};
use crate::pictures::PictureError;

/// What is wrong, in the order of the fields.
pub type FieldErrors = Vec<FieldError>;

/// One thing that is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    pub field: Cow<'static, str>,
    pub code: FieldCode,
    /// One sentence for people.
    pub detail: Cow<'static, str>,
}

impl FieldError {
    pub fn new(field: impl Into<Cow<'static, str>>, code: FieldCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { field: field.into(), code, detail: detail.into() }
    }

    /// The error of a value that could not be parsed.
    pub fn of(field: &'static str, error: impl Copy + Display + Into<FieldCode>) -> Self {
        Self::new(field, error.into(), error.to_string())
    }
}

/// What is wrong with a field: a stable code for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldCode {
    /// It is missing.
    Required,
    /// There is nothing in it but space.
    Blank,
    TooShort,
    TooLong,
    /// It contains the character U+0000.
    Nul,
    /// It contains characters that it must not.
    Characters,
    /// A name without any letter or digit.
    NoLetter,
    /// It is of a type that is no text.
    NotText,
    NotANumber,
    /// It is neither true nor false.
    NotAFlag,
    NotATime,
    /// The whole body should be a JSON object.
    NotAnObject,
    /// It is no e-mail address.
    NotAnAddress,
    /// It is not one emoji.
    NotAnEmoji,
    /// It is not a whole picture of a known type.
    NotAPicture,
    /// The picture has too many pixels.
    TooManyPixels,
    /// It is a number or a word that has no meaning here.
    OutOfRange,
    /// It excludes another field that was sent too.
    NotBoth,
    /// It is no cursor of an earlier page.
    NotACursor,
    /// Another account has it.
    Taken,
    /// The two passwords are not the same.
    Differ,
    /// The password is the user name.
    SameAsName,
    WrongPassword,
    /// There is no such message that one may see, or not in this conversation.
    NoSuchMessage,
    TooManyPinned,
}

impl From<BodyError> for FieldCode {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::Blank => Self::Blank,
            BodyError::TooLong => Self::TooLong,
            BodyError::Nul => Self::Nul,
        }
    }
}

impl From<ClientKeyError> for FieldCode {
    fn from(_: ClientKeyError) -> Self {
        Self::Characters
    }
}

impl From<EmailError> for FieldCode {
    fn from(error: EmailError) -> Self {
        match error {
            EmailError::Blank => Self::Blank,
            EmailError::Invalid => Self::NotAnAddress,
        }
    }
}

impl From<EmojiError> for FieldCode {
    fn from(_: EmojiError) -> Self {
        Self::NotAnEmoji
    }
}

impl From<UsernameError> for FieldCode {
    fn from(error: UsernameError) -> Self {
        match error {
            UsernameError::Blank => Self::Blank,
            UsernameError::TooLong => Self::TooLong,
            UsernameError::Characters => Self::Characters,
            UsernameError::NoLetter => Self::NoLetter,
        }
    }
}

impl From<ProfileError> for FieldCode {
    fn from(error: ProfileError) -> Self {
        match error {
            ProfileError::TooLong(_) => Self::TooLong,
            ProfileError::Characters => Self::Characters,
        }
    }
}

impl From<PasswordError> for FieldCode {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Blank => Self::Blank,
            PasswordError::TooShort => Self::TooShort,
            PasswordError::TooLong => Self::TooLong,
            PasswordError::SameAsName => Self::SameAsName,
        }
    }
}

impl From<PictureError> for FieldCode {
    fn from(error: PictureError) -> Self {
        match error {
            PictureError::TooLarge => Self::TooManyPixels,
            PictureError::Unreadable | PictureError::Busy => Self::NotAPicture,
        }
    }
}
