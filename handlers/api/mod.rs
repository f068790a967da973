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

use std::collections::BTreeMap;

use utoipa::ToSchema;

/// Why a request was not answered as asked, in the original's shape.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what problems are rendered as")]
pub struct Detail {
    /// One sentence for people.
    detail: String,
}

/// The bytes of a picture.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "describes what is sent as it is")]
pub struct PictureBytes(Vec<u8>);

/// Why the input is not valid, in the original's shape.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes what problems are rendered as")]
pub enum InputProblem {
    /// Sentences by the name of the field they are about.
    Fields(BTreeMap<String, Vec<String>>),
    /// About the whole body, which cannot be read.
    Body(Detail),
    /// About a body or recipient that is of another type than it should be.
    Type(Vec<String>),
}
