//! Who someone is and whether to believe it: passwords, login tokens, the origin of a request, and brakes on guessing.
//! Knows headers as values, nothing of routes or pages.

pub mod origin;
pub mod password;
pub mod throttle;
pub mod token;
