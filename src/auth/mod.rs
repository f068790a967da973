//! Authentication: passwords, login tokens, the origin of a request, and rate limits. Knows headers as values, nothing
//! of routes or pages.

pub mod origin;
pub mod password;
pub mod throttle;
pub mod token;
