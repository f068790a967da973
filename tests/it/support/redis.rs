//! Redis servers: the one that `tests/postgres` runs for all tests, and one of a test's own, which it can stop.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use chinwag::config;
use redis::Value;
use redis::aio::MultiplexedConnection;

use super::soon;

/// The server for all tests; nothing where there is none.
pub fn shared() -> Option<config::Redis> {
    std::env::var("CHINWAG_TEST_REDIS").ok().map(config::Redis)
}

/// A server of one test's own, killed when dropped.
pub struct Redis {
    port: u16,
    child: Child,
}

impl Redis {
    /// Starts one on a free port; nothing where there is no such program.
    pub async fn start() -> Option<Self> {
        shared()?;
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut redis = Self { port, child: spawn(port) };
        redis.is_ready().await;
        Some(redis)
    }

    pub fn url(&self) -> config::Redis {
        config::Redis(format!("redis://127.0.0.1:{}", self.port))
    }

    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again after it was killed.
    pub async fn restart(&mut self) {
        self.child = spawn(self.port);
        self.is_ready().await;
    }

    /// Sends a signal by its short name, such as `STOP`.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").arg(format!("-{name}")).arg(self.child.id().to_string()).status().unwrap();
        assert!(sent.success());
    }

    /// Has it run commands, and returns their answers as they may be printed.
    pub async fn ask(&self, commands: &[&str]) -> String {
        let mut connection = self.connect().await.unwrap();
        let mut pipeline = redis::pipe();
        for command in commands {
            let words: Vec<_> = command.split(' ').collect();
            pipeline.cmd(words[0]).arg(&words[1..]);
        }
        let answers: Vec<Value> = pipeline.query_async(&mut connection).await.unwrap();
        format!("{answers:?}")
    }

    async fn connect(&self) -> redis::RedisResult<MultiplexedConnection> {
        redis::Client::open(self.url().0)?.get_multiplexed_async_connection().await
    }

    async fn is_ready(&mut self) {
        soon("Redis is ready", async {
            while self.connect().await.is_err() {
                // Somebody else may have had the port for a moment.
                if self.child.try_wait().unwrap().is_some() {
                    self.child = spawn(self.port);
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        })
        .await;
    }
}

fn spawn(port: u16) -> Child {
    let mut program = Command::new("redis-server");
    program.args(["--bind", "127.0.0.1", "--save", "", "--port", &port.to_string()]);
    program.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

impl Drop for Redis {
    fn drop(&mut self) {
        // Both fail when it was killed already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
