//! What measurements start from.

mod fill;
mod people;

pub use fill::{FRIENDS, fill};
pub use people::{Person, people};
