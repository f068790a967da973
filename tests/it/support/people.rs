//! Prepared people: accounts and logins put into the store, without the cost of hashing a password.

use super::database::enter_as;
use super::{Caller, Server};

/// Three people: two who write to each other, and another one.
pub struct Three {
    pub al: Caller,
    pub bo: Caller,
    pub cy: Caller,
}

impl Three {
    pub async fn join(server: &Server) -> Self {
        Self { al: join(server, "al").await, bo: join(server, "bo").await, cy: join(server, "cy").await }
    }
}

/// An account that is logged in. Its password is unknown.
pub async fn join(server: &Server, name: &str) -> Caller {
    server.enter(name).await
}

/// An account with a display name and a password's hash, logged in.
pub async fn join_as(server: &Server, name: &str, display_name: Option<&str>, password: &str) -> Caller {
    enter_as(&server.app.store, name, display_name, password).await.at(server.address)
}
