//! What measurements start from.

mod fill;
pub mod people;

pub use fill::{FRIENDS, fill};
pub use people::people;
