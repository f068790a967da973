//! People who are there from the start: accounts and logins put into the store, without the cost of hashing a password.

use chinwag::auth::token::{LIFETIME, Token};
use chinwag::model::{Email, NewUser, Username};

use super::{Caller, Server};

/// Three people: two who write to each other, and someone else.
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

/// An account that is logged in. Its password is not known to anyone.
pub async fn join(server: &Server, name: &str) -> Caller {
    join_as(server, name, None, "!").await
}

/// An account with a display name and a password's hash, logged in.
pub async fn join_as(server: &Server, name: &str, display_name: Option<&str>, password: &str) -> Caller {
    let email: String = name.bytes().map(|byte| format!("{byte:02x}")).collect();
    let new = NewUser {
        username: Username::parse(name).unwrap(),
        display_name: display_name.map(str::to_owned),
        email: Email::parse(&format!("{email}@example.test")).unwrap(),
        password: password.to_owned(),
    };
    let user = server.app.store.create_user(new).await.unwrap().unwrap();
    let token = Token::generate();
    let ends = server.app.clock.now().after(LIFETIME);
    server.app.store.start_session(token.key(), user.id, ends).await.unwrap();
    let cookie = token.cookie(false).split(';').next().map(str::to_owned);
    Caller { name: name.to_owned(), cookie, ..server.stranger() }
}
