//! The picture of a person.

/// A picture as it is kept and shown: small, square, without anything but the pixels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Names the content, so that it may be cached for ever.
    pub tag: String,
    pub jpeg: Vec<u8>,
}
