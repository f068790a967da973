//! Protection of messages and logins: the origin of requests, security headers, the life of logins, rate limiting of
//! login attempts, trusted proxies, and limits on requests.

mod assets;
mod bodies;
mod headers;
mod hosts;
mod markup;
mod origin;
mod proxy;
mod sessions;
mod throttle;
