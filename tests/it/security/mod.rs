//! What keeps people's messages and logins theirs: where requests may come from, what a browser is told to keep to,
//! logins and their end, brakes on guessing, whom of the proxies to believe, and bounds on what is sent.

mod assets;
mod bodies;
mod headers;
mod hosts;
mod markup;
mod origin;
mod proxy;
mod sessions;
mod throttle;
