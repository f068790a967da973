//! Servers that reach each other through Redis, and their messages when it is not well. None of this where Redis or
//! PostgreSQL is missing, which a line says.

use std::path::Path;
use std::time::{Duration, Instant};

use chinwag::config::Database;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::socket::{listen, next, say};
use crate::support::program::command;
use crate::support::redis::Redis;
use crate::support::{Caller, Listener, Program, Server, Three, postgres, soon, until};

/// How often the database is asked where nothing is heard.
const LOOK: Duration = Duration::from_secs(1);

/// A Redis server, if there can be one.
async fn redis() -> Option<Redis> {
    let redis = Redis::start().await;
    if redis.is_none() {
        eprintln!("redis: SKIPPED, since Redis or PostgreSQL is missing; run this under tests/postgres");
    }
    redis
}

/// Someone with a socket, and the messages that arrived there.
struct Person {
    who: Caller,
    socket: Listener,
    seqs: Vec<i64>,
}

impl Person {
    async fn at(server: &Server, who: &Caller) -> Self {
        let who = Caller { address: server.address, ..who.clone() };
        Self { socket: listen(&who).await.0, who, seqs: Vec::new() }
    }

    async fn next(&mut self) -> Value {
        let event = next(&mut self.socket).await;
        self.seqs.extend(event["message"]["seq"].as_i64());
        event
    }

    async fn sees(&mut self, seq: &Value) {
        while self.next().await["message"]["seq"] != *seq {}
    }
}

/// Two people at two servers.
struct Talk {
    al: Person,
    bo: Person,
    conversation: Value,
    _servers: [Server; 2],
}

impl Talk {
    async fn over(redis: &Redis) -> Self {
        let one = Server::start_with(|config| config.redis = Some(redis.url())).await;
        let other = one.beside().await.expect("PostgreSQL takes several");
        let Three { al, bo, .. } = Three::join(&one).await;
        let (al, bo) = (Person::at(&one, &al).await, Person::at(&other, &bo).await);
        Self { al, bo, conversation: Value::Null, _servers: [one, other] }
    }

    /// Both send, in turn, so many messages, each when the last has arrived. Returns how long that took.
    async fn go_on(&mut self, turns: usize) -> Duration {
        let began = Instant::now();
        for turn in 0..turns {
            let Self { al, bo, .. } = self;
            let (from, to) = if turn % 2 == 0 { (al, bo) } else { (bo, al) };
            let sent = from.who.send(&to.who.name, "hello").await;
            from.sees(&sent["seq"]).await;
            to.sees(&sent["seq"]).await;
            self.conversation = sent["conversation"].clone();
        }
        began.elapsed()
    }

    /// Waits until hints arrive that only Redis carries, in both directions.
    async fn is_connected(&mut self) {
        let Self { al, bo, conversation, .. } = self;
        hears_typing(al, bo, conversation).await;
        hears_typing(bo, al, conversation).await;
    }

    /// That each message arrived everywhere, once and in order.
    fn is_complete(&self) {
        let all = Vec::from_iter(1..=self.al.seqs.len() as i64);
        assert_eq!((&self.al.seqs, &self.bo.seqs), (&all, &all));
    }
}

async fn hears_typing(from: &mut Person, to: &mut Person, conversation: &Value) {
    soon("the other is typing", async {
        loop {
            say(&mut from.socket, json!({ "type": "typing", "conversation": conversation })).await;
            while let Ok(event) = timeout(LOOK / 4, to.next()).await {
                if event["type"] == "typing" {
                    return;
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn messages_arrive_once_whatever_happens_to_redis() {
    let Some(mut redis) = redis().await else { return };
    redis.kill();
    let mut talk = Talk::over(&redis).await;
    let took = talk.go_on(4).await;
    println!("not there: {took:?} for 4 messages");
    redis.restart().await;
    talk.is_connected().await;
    let took = talk.go_on(20).await;
    println!("there: {took:?} for 20 messages");
    assert!(took < 10 * LOOK, "{took:?}: they did not go through Redis");

    // What it had heard when it was stopped arrives late, and with it only hints.
    redis.signal("STOP");
    let took = talk.go_on(6).await;
    println!("stopped: {took:?} for 6 messages");
    redis.signal("CONT");
    talk.is_connected().await;

    for _ in 0..3 {
        redis.ask(&["CLIENT KILL TYPE pubsub"]).await;
        talk.go_on(2).await;
    }
    talk.is_connected().await;
    // There is no room for both servers.
    redis.ask(&["CONFIG SET maxclients 1", "CLIENT KILL TYPE pubsub"]).await;
    let took = talk.go_on(4).await;
    println!("full: {took:?} for 4 messages");
    redis.kill();
    talk.go_on(2).await;
    redis.restart().await;
    talk.is_connected().await;
    talk.go_on(2).await;
    talk.is_complete();
}

#[tokio::test]
async fn servers_of_other_databases_are_not_heard() {
    let Some(redis) = redis().await else { return };
    let mut talks = [Talk::over(&redis).await, Talk::over(&redis).await];
    for talk in &mut talks {
        talk.go_on(1).await;
        talk.is_connected().await;
    }
    let [first, second] = &mut talks;
    // The ids are the same in both.
    assert_eq!(first.conversation, second.conversation);
    let wait = LOOK / 2;
    while let Ok(event) = timeout(wait, second.bo.next()).await {
        assert_eq!(event["type"], "typing", "of before");
    }
    hears_typing(&mut first.al, &mut first.bo, &first.conversation).await;
    assert!(timeout(wait, second.bo.next()).await.is_err());
}

/// The program on a PostgreSQL database beside others, with its log in a file.
fn program(folder: &Path, redis: &Redis) -> Program {
    let Some(Database::Postgres(database)) = postgres::database() else { panic!("there is Redis without PostgreSQL") };
    let mut command = command(folder);
    command.args(["serve", "--port", "0", "--database", &database]).env("REDIS_URL", redis.url().0);
    Program::spawn_with_log(command, &folder.join("log"))
}

#[tokio::test]
async fn a_line_says_that_redis_is_lost_and_one_that_it_is_back() {
    let Some(mut redis) = redis().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let program = program(folder.path(), &redis);
    let lines = |text: &str| std::fs::read_to_string(folder.path().join("log")).unwrap().matches(text).count();
    for times in 1..=2 {
        // It is used once somebody listens.
        until("it listens", async || redis.ask(&["PUBSUB CHANNELS chinwag:*"]).await.contains("chinwag:")).await;
        redis.kill();
        until("a line", async || lines("Redis is not there") == times).await;
        // Some attempts to connect are made.
        tokio::time::sleep(2 * LOOK).await;
        assert_eq!((lines("Redis is not there"), lines("WARN")), (times, times));
        redis.restart().await;
        until("a line", async || lines("Redis is there again") == times).await;
    }
    program.stop().await;
}
