//! The own account: profile and privacy, password, logins, and deletion.

mod avatar;
mod delete;
mod names;
mod password;
mod profile;
mod sessions;

use bytes::Bytes;
use hyper::Method;

use crate::support::{Answer, Caller};

/// A request with a JSON body.
async fn ask(who: &Caller, method: Method, path: &str, body: &str) -> Answer {
    who.ask(method, path, Some("application/json"), Bytes::copy_from_slice(body.as_bytes())).await
}

/// A request without a body.
async fn call(who: &Caller, method: Method, path: &str) -> Answer {
    who.ask(method, path, None, Bytes::new()).await
}
