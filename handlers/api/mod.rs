//! The REST interface, for programs and for the pages' scripts. Shapes and statuses are those of the Django application
//! it replaces; `openapi` describes them.

pub mod blocks;
pub mod conversations;
pub mod docs;
pub mod me;
pub mod messages;
pub mod openapi;
pub mod root;
pub mod sessions;
pub mod sync;
pub mod users;

use serde::Serialize;
use utoipa::ToSchema;

/// Why a request was not answered as asked. With `Accept: application/problem+json` the same comes as RFC 9457.
#[derive(Serialize, ToSchema)]
pub struct Detail {
    /// One sentence for people.
    pub detail: String,
}

/// What is wrong with each field of the input: the field's name leads to a list of sentences.
#[derive(Serialize, ToSchema)]
pub struct FieldProblems {
    pub body: Vec<String>,
    pub recipient: Vec<String>,
}
