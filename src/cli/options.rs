//! The options of the commands, most of them a flag and an environment variable, and what they mean together.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use crate::config::{Config, Database, Redis, Signup, Timeouts};

#[derive(Args, Clone, Debug)]
pub struct ServeOptions {
    /// Address to listen on [default: 127.0.0.1; 0.0.0.0 on Heroku]
    #[arg(long, env = "HOST")]
    host: Option<String>,

    /// Port to listen on; 0 takes a free one
    #[arg(long, env = "PORT", default_value_t = 8000)]
    pub port: u16,

    /// Database: a file, as a path or as sqlite:PATH, created if missing; or postgres://USER:PASSWORD@HOST/NAME
    // It may hold a password, so help does not show it.
    #[arg(long, env = "DATABASE_URL", default_value = "sqlite:chinwag.db", value_parser = database)]
    #[arg(hide_env_values = true)]
    database: Database,

    /// Redis server between several processes on one PostgreSQL database: redis://:PASSWORD@HOST, or rediss:// for TLS
    #[arg(long, env = "REDIS_URL", value_parser = redis, hide_env_values = true)]
    redis: Option<Redis>,

    /// Messages loaded when a conversation is opened, 1 to 100
    #[arg(long, env = "MESSAGES_TO_LOAD", default_value_t = 15, value_parser = clap::value_parser!(u8).range(1..=100))]
    messages_to_load: u8,

    /// Whether anyone may make an account
    #[arg(long, env = "SIGNUP", value_enum, default_value_t = Signup::Open)]
    signup: Signup,

    /// Minutes after sending it in which a message may be edited
    #[arg(long, env = "EDIT_MINUTES", value_name = "MINUTES", default_value_t = 15)]
    edit_minutes: u32,

    /// Proxies in front that are trusted about a client's address and HTTPS [default: 0; 1 on Heroku]
    #[arg(long, env = "TRUSTED_PROXIES", value_name = "COUNT")]
    trusted_proxies: Option<u8>,

    /// Redirect plain HTTP to HTTPS; needs a trusted proxy [default: false; true on Heroku]
    #[arg(long, env = "FORCE_HTTPS", value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    force_https: Option<bool>,

    /// Connections at the same time; fewer where the system allows no more open files
    #[arg(long, env = "MAX_CONNECTIONS", value_name = "COUNT", default_value_t = 10_000)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    max_connections: u32,

    /// What to log: error, warn, info, debug or trace, or a list such as info,chinwag=debug
    #[arg(long, env = "LOG_LEVEL", value_name = "LEVEL", default_value = "info", value_parser = log_level)]
    pub log_level: String,

    /// How to log: text for people, json for machines [default: text; json on Heroku]
    #[arg(long, env = "LOG_FORMAT", value_enum)]
    log_format: Option<LogFormat>,
}

#[derive(Args, Clone, Debug)]
pub struct BackupOptions {
    /// File to create; an existing one is not overwritten
    pub copy: PathBuf,

    /// Database file, as a path or as sqlite:PATH
    #[arg(long, env = "DATABASE_URL", default_value = "sqlite:chinwag.db", value_parser = database)]
    #[arg(hide_env_values = true)]
    pub database: Database,
}

#[derive(Args, Clone, Debug)]
pub struct MoveOptions {
    /// Database to move: a file, as a path or as sqlite:PATH, or postgres://USER:PASSWORD@HOST/NAME
    #[arg(long, value_name = "DATABASE", value_parser = database)]
    pub from: Database,

    /// Database to move it to, which must be empty: a file that is created, or postgres://USER:PASSWORD@HOST/NAME
    #[arg(long, value_name = "DATABASE", value_parser = database)]
    pub to: Database,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

/// Where the program runs, as far as it changes what is usual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    Own,
    /// A Heroku dyno: behind a router that ends TLS, on a disk that is emptied every day.
    Heroku,
}

impl Platform {
    /// Heroku names the dyno and gives it a port.
    pub fn detect() -> Self {
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        if set("DYNO") && set("PORT") { Self::Heroku } else { Self::Own }
    }
}

impl ServeOptions {
    pub fn host(&self, platform: Platform) -> String {
        let usual = match platform {
            Platform::Own => "127.0.0.1",
            Platform::Heroku => "0.0.0.0",
        };
        self.host.clone().unwrap_or_else(|| usual.to_owned())
    }

    pub fn log_format(&self, platform: Platform) -> LogFormat {
        self.log_format.unwrap_or(match platform {
            Platform::Own => LogFormat::Text,
            Platform::Heroku => LogFormat::Json,
        })
    }

    /// The server's configuration. `max_files` is how many files the process may have open.
    pub fn config(&self, platform: Platform, max_files: u64) -> Config {
        let heroku = platform == Platform::Heroku;
        Config {
            database: self.database.clone(),
            redis: self.redis.clone(),
            messages_to_load: self.messages_to_load.into(),
            signup: self.signup,
            edit_window: Duration::from_secs(60 * u64::from(self.edit_minutes)),
            trusted_proxies: self.trusted_proxies.unwrap_or(heroku.into()).into(),
            force_https: self.force_https.unwrap_or(heroku),
            ephemeral_disk: heroku && matches!(self.database, Database::File(_)),
            max_connections: connection_limit(self.max_connections, max_files),
            timeouts: Timeouts::default(),
        }
    }
}

/// File descriptors for everything but connections: the database, the log and so on.
const OTHER_FILES: u64 = 64;

/// Connections that leave enough descriptors for the rest.
fn connection_limit(wanted: u32, max_files: u64) -> usize {
    let possible = max_files.saturating_sub(OTHER_FILES).max(16);
    u64::from(wanted).min(possible).try_into().unwrap_or(usize::MAX)
}

fn database(text: &str) -> Result<Database, String> {
    let path = match text.split_once(':') {
        Some(("postgres" | "postgresql", rest)) if rest.starts_with("//") => {
            return Ok(Database::Postgres(text.into()));
        }
        Some(("sqlite", rest)) => rest.strip_prefix("//").unwrap_or(rest),
        Some((scheme, rest)) if rest.starts_with("//") => {
            return Err(format!("{scheme} databases are not supported; give a file or postgres://USER@HOST/NAME"));
        }
        _ => text,
    };
    if path.is_empty() || path == ":memory:" {
        return Err("give the path of a file, such as sqlite:chinwag.db".into());
    }
    Ok(Database::File(path.into()))
}

fn redis(text: &str) -> Result<Redis, String> {
    let known = text.starts_with("redis://") || text.starts_with("rediss://");
    if known { Ok(Redis(text.to_owned())) } else { Err("give redis://HOST or rediss://HOST".into()) }
}

fn log_level(text: &str) -> Result<String, String> {
    // A bare word that is no level would be taken for a module's name, and everything else would go unlogged.
    let has_level = |part: &str| part.contains('=') || part.trim().parse::<LevelFilter>().is_ok();
    let known = EnvFilter::builder().parse(text).is_ok() && text.split(',').all(has_level);
    if known { Ok(text.to_owned()) } else { Err("give error, warn, info, debug or trace".into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_a_path_with_or_without_its_kind_or_a_url() {
        for (text, path) in [
            ("sqlite:chinwag.db", "chinwag.db"),
            ("sqlite:///var/lib/chat.db", "/var/lib/chat.db"),
            ("sqlite://chat.db", "chat.db"),
            ("/var/lib/chat.db", "/var/lib/chat.db"),
            ("C:\\chat.db", "C:\\chat.db"),
        ] {
            assert_eq!(database(text), Ok(Database::File(path.into())), "{text}");
        }
        for url in ["postgres://u:p@host/db", "postgresql://host/db?sslmode=require"] {
            assert_eq!(database(url), Ok(Database::Postgres(url.into())), "{url}");
        }
        for refused in ["mysql://u:p@host/db", "sqlite:", "", "sqlite::memory:"] {
            assert!(database(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn redis_is_a_url() {
        for url in ["redis://localhost", "rediss://:secret@host:6380/1"] {
            assert_eq!(redis(url), Ok(Redis(url.into())), "{url}");
        }
        for refused in ["localhost:6379", "http://localhost", "redis:/host"] {
            assert!(redis(refused).is_err(), "{refused}");
        }
        assert_eq!(format!("{:?}", Redis("redis://:secret@host".into())), "redis://…");
    }

    #[test]
    fn connections_leave_descriptors_for_the_rest() {
        assert_eq!(connection_limit(10_000, 1_048_576), 10_000);
        assert_eq!(connection_limit(10_000, 1_024), 960);
        assert_eq!(connection_limit(10_000, 10), 16);
    }
}
