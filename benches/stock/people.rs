//! People with a login, without the hashing of a thousand passwords, which would take longer than what is measured.

use std::path::Path;
use std::sync::Arc;

use chinwag::auth::token::{LIFETIME, Token};
use chinwag::clock::Clock;
use chinwag::model::{Email, NewUser, Username};
use chinwag::store::{NewSession, Store};

/// Stored instead of a hash: no password matches it.
const PASSWORD: &str = "!";

/// Someone with an account and a login.
#[derive(Clone, Debug)]
pub struct Person {
    pub name: String,
    /// `name=value` of the login's cookie.
    pub cookie: String,
}

/// Makes a database with `count` people named `user0`, `user1`, …
pub async fn people(path: &Path, count: usize) -> Vec<Person> {
    let store = Store::open(path.to_owned(), Clock::system(), |_| {}).await.expect("a new file can be made");
    // As many at once as share a commit; the store refuses more than fit its queue.
    let turns = Arc::new(tokio::sync::Semaphore::new(256));
    let mut tasks = Vec::with_capacity(count);
    for number in 0..count {
        let (store, turns) = (store.clone(), Arc::clone(&turns));
        tasks.push(tokio::spawn(async move {
            let _turn = turns.acquire().await;
            person(&store, format!("user{number}")).await
        }));
    }
    let mut people = Vec::with_capacity(count);
    for task in tasks {
        people.push(task.await.expect("making people does not panic"));
    }
    store.close().await;
    people
}

async fn person(store: &Store, name: String) -> Person {
    let new = NewUser {
        username: Username::parse(&name).expect("a valid name"),
        display_name: None,
        email: Email::parse(&format!("{name}@example.test")).expect("a valid address"),
        password: PASSWORD.into(),
    };
    let user = store.create_user(new).await.expect("the store answers").expect("the name is free");
    let token = Token::generate();
    let new = NewSession {
        key: token.key(),
        user: user.id,
        password: PASSWORD.into(),
        device: String::new(),
        expires_at: Clock::system().now().after(LIFETIME),
    };
    assert!(store.start_session(new).await.expect("the store answers"), "the account is as it was made");
    let cookie = token.cookie(false).split(';').next().unwrap_or_default().to_owned();
    Person { name, cookie }
}
