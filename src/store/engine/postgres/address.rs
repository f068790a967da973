//! Where a PostgreSQL database is, and how to connect to it: with TLS as `sslmode` says.

use std::time::Duration;

use tokio_postgres::config::SslMode;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Config, Connection, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::store::engine::tls;
use crate::store::error::OpenError;

/// How long a connection on which nothing arrives is believed: then the system asks, and gives it up as long after.
const SILENCE: Duration = Duration::from_secs(10);

type Encrypted = <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream;

/// A database, from a URL as PostgreSQL's own programs take it (libpq, section "Connection URIs").
#[derive(Clone)]
pub(super) struct Address {
    config: Config,
    tls: MakeRustlsConnect,
}

impl Address {
    /// Reads the URL. `sslmode` is `disable`, `prefer` (the default: encrypted where the server can), `require`
    /// (encrypted, but the server may be anyone, as Heroku's certificates need), or `verify-full`, with the authorities
    /// in the file `sslrootcert` or else those of the system.
    pub fn parse(url: &str) -> Result<Self, OpenError> {
        let wrong = |reason: String| OpenError::Address(reason);
        let (url, tls) = tls::Settings::taken_from(url).map_err(wrong)?;
        let config: Result<Config, _> = url.parse();
        let mut config = config.map_err(|error| wrong(super::values::with_causes(&error)))?;
        config
            .connect_timeout(SILENCE)
            .keepalives_idle(SILENCE)
            .keepalives_interval(SILENCE / 5)
            .tcp_user_timeout(SILENCE);
        let (ssl_mode, verifies) = match tls.mode.as_deref().unwrap_or("prefer") {
            "disable" => (SslMode::Disable, false),
            "allow" | "prefer" => (SslMode::Prefer, false),
            "require" => (SslMode::Require, false),
            "verify-ca" | "verify-full" => (SslMode::Require, true),
            other => return Err(wrong(format!("sslmode={other} is none of disable, prefer, require, verify-full"))),
        };
        config.ssl_mode(ssl_mode);
        let tls = if verifies { tls.verifying().map_err(wrong)? } else { tls::trusting() };
        Ok(Self { config, tls: MakeRustlsConnect::new(tls) })
    }

    pub async fn connect(&self) -> Result<(Client, Connection<Socket, Encrypted>), tokio_postgres::Error> {
        self.config.connect(self.tls.clone()).await
    }

    /// Its name, for the operator; without the password.
    pub fn name(&self) -> String {
        self.config.get_dbname().or(self.config.get_user()).unwrap_or_default().to_owned()
    }
}
