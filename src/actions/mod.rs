//! The use cases: what people do, from checked input to committed change. Functions of the app, the person and the
//! input; they know nothing of HTTP, cookies or HTML.

pub mod account;
pub mod block;
pub mod change;
mod field_errors;
pub mod history;
pub mod presence;
pub mod profile;
pub mod progress;
pub mod send;
pub mod sync;

pub use field_errors::{FieldCode, FieldError, FieldErrors};
