//! A database made without the server: accounts without passwords and, in a file, thousands of messages and damage.

use std::fs::File;
use std::net::SocketAddr;
use std::os::unix::fs::FileExt;
use std::path::Path;

use chinwag::auth::token::{LIFETIME, Token};
use chinwag::clock::{Clock, Timestamp};
use chinwag::config::Database;
use chinwag::model::{Email, NewUser, UserId, Username};
use chinwag::store::{NewSession, Store};
use rusqlite::{Connection, OpenFlags, params};

use super::caller::Caller;

/// The default page size of the file.
const PAGE: u64 = 4096;

/// A person with an account and a login, independent of the server's current address.
#[derive(Clone)]
pub struct Member {
    pub name: String,
    cookie: String,
}

impl Member {
    pub fn at(&self, address: SocketAddr) -> Caller {
        Caller { name: self.name.clone(), cookie: Some(self.cookie.clone()), ..Caller::new(address) }
    }
}

/// Makes an account without a known password and logs it in. Saves the time of the hash.
pub async fn enter(store: &Store, name: &str) -> Member {
    enter_as(store, name, None, "!").await
}

/// An account with a display name and a password's hash, logged in.
pub async fn enter_as(store: &Store, name: &str, display_name: Option<&str>, password: &str) -> Member {
    let mailbox: String = name.bytes().map(|byte| format!("{byte:02x}")).collect();
    let new = NewUser {
        username: Username::from_stored(name.to_owned()),
        display_name: display_name.map(str::to_owned),
        email: Email::parse(&format!("{mailbox}@example.test")).unwrap(),
        password: password.to_owned(),
    };
    let user = store.create_user(new).await.unwrap().unwrap();
    let token = Token::generate();
    log_in(store, &token, user.id, password, Clock::system().now().after(LIFETIME)).await;
    let cookie = token.cookie(false).split(';').next().unwrap().to_owned();
    Member { name: name.to_owned(), cookie }
}

/// Begins a login of someone with this password's hash.
pub async fn log_in(store: &Store, token: &Token, user: UserId, password: &str, expires_at: Timestamp) {
    let (key, password, device) = (token.key(), password.to_owned(), "a test".to_owned());
    assert!(store.start_session(NewSession { key, user, password, device, expires_at }).await.unwrap());
}

/// Makes a new file with these people in it.
pub async fn create(path: &Path, names: &[&str]) -> Vec<Member> {
    create_in(path.to_owned().into(), names).await
}

/// Puts these people into a new database.
pub async fn create_in(database: Database, names: &[&str]) -> Vec<Member> {
    let store = Store::open(database, Clock::system(), |_| {}).await.unwrap();
    let mut members = Vec::new();
    for name in names {
        members.push(enter(&store, name).await);
    }
    store.close().await;
    members
}

/// Puts `count` messages between the first two people into the file.
pub fn fill(path: &Path, count: i64) {
    let mut conn = Connection::open(path).unwrap();
    let tx = conn.transaction().unwrap();
    let first: i64 = tx.query_row("SELECT revision + 1 FROM state", [], |row| row.get(0)).unwrap();
    let last = first + count - 1;
    let conversation = "INSERT INTO conversations
           (id, kind, low_user_id, high_user_id, created_at, last_seq, last_message_id, revision)
         VALUES (1, 'direct', 1, 2, 0, ?1, ?2, ?3)";
    tx.execute(conversation, [count, last, first]).unwrap();
    tx.execute("INSERT INTO members (conversation_id, user_id, revision) VALUES (1, 1, ?1), (1, 2, ?1)", [first])
        .unwrap();
    let message = "INSERT INTO messages (id, conversation_id, seq, sender_id, body, created_at, revision)
         VALUES (?1, 1, ?2, ?3, ?4, 0, ?1)";
    let mut insert = tx.prepare(message).unwrap();
    for seq in 1..=count {
        insert.execute(params![first + seq - 1, seq, 1 + seq % 2, format!("{seq:_>200}")]).unwrap();
    }
    drop(insert);
    tx.execute("UPDATE state SET revision = ?1", [last]).unwrap();
    tx.commit().unwrap();
}

/// Overwrites the page at this position of the file with invalid data.
pub fn smash(path: &Path, percent: u64) {
    let page = std::fs::metadata(path).unwrap().len() / PAGE * percent / 100;
    let file = File::options().write(true).open(path).unwrap();
    file.write_all_at(&[0x5a; PAGE as usize], page * PAGE).unwrap();
}

/// A read-only connection.
pub fn look(path: &Path) -> Connection {
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
}

/// The numbers that a query returns.
pub fn numbers(path: &Path, sql: &str) -> Vec<i64> {
    let conn = look(path);
    let mut query = conn.prepare(sql).unwrap();
    query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}
