//! The use cases: what people do, from checked input to committed change. Functions of the app, the person and the
//! input; they know nothing of HTTP, cookies or HTML.

pub mod account;
pub mod block;
pub mod change;
pub mod history;
pub mod presence;
pub mod profile;
pub mod progress;
pub mod send;

/// What is wrong with a person's input, by field, in the order of the fields.
pub type FieldErrors = Vec<(&'static str, String)>;
