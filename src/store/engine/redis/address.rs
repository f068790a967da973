//! Where a Redis server is, and how to connect to it.

use std::sync::Arc;

use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, ConnectionAddr, IntoConnectionInfo, ProtocolVersion, PushInfo, RedisConnectionInfo,
    RedisError,
};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_rustls::TlsConnector;
use tokio_util::task::AbortOnDropHandle;

use crate::store::engine::tls;

/// Received hints that may wait. More are dropped.
const WAITING: usize = 1024;

/// A server, from a URL: `redis://:PASSWORD@HOST:PORT/DATABASE`, or `rediss://…` for TLS.
pub(super) struct Address {
    host: String,
    port: u16,
    login: RedisConnectionInfo,
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

/// A connection: what is sent, and what arrives without being asked for.
pub(super) struct Connection {
    pub commands: MultiplexedConnection,
    pub pushes: mpsc::Receiver<PushInfo>,
    _driver: AbortOnDropHandle<()>,
}

impl Address {
    /// Reads the URL. With `rediss`, `sslmode` is `require` (the default: encrypted, but the server may be anyone, as
    /// Heroku's certificates need) or `verify-full`, with the authorities in the file `sslrootcert` or else those of the
    /// system.
    pub fn parse(url: &str) -> Result<Self, String> {
        let (url, tls) = tls::Settings::taken_from(url)?;
        // The library is built without TLS.
        let (url, encrypted) = match url.strip_prefix("rediss:") {
            Some(rest) => (format!("redis:{rest}"), true),
            None => (url, false),
        };
        let info = url.into_connection_info().map_err(|error| reason(&error))?;
        let ConnectionAddr::Tcp(host, port) = info.addr() else {
            return Err("give redis://HOST:PORT or rediss://HOST:PORT".into());
        };
        let config = match (encrypted, tls.mode.as_deref()) {
            (false, None) => None,
            (false, Some(_)) => return Err("sslmode is for rediss:// only".into()),
            (true, None | Some("require")) => Some(tls::trusting()),
            (true, Some("verify-ca" | "verify-full")) => Some(tls.verifying()?),
            (true, Some(other)) => return Err(format!("sslmode={other} is neither require nor verify-full")),
        };
        let tls = config.map(|config| with_name(config, host)).transpose()?;
        let login = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
        Ok(Self { host: host.clone(), port: *port, login, tls })
    }

    pub async fn connect(&self) -> Result<Connection, String> {
        let connecting = TcpStream::connect((self.host.as_str(), self.port));
        let stream = connecting.await.map_err(|error| error.to_string())?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        match &self.tls {
            None => self.log_in(stream).await,
            Some((tls, name)) => {
                let stream = tls.connect(name.clone(), stream).await.map_err(|error| error.to_string())?;
                self.log_in(stream).await
            }
        }
    }

    async fn log_in(&self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> Result<Connection, String> {
        let (put, pushes) = mpsc::channel(WAITING);
        // Its own time limit would end requests that are only late.
        let config =
            AsyncConnectionConfig::new().set_response_timeout(None).set_push_sender(move |push| put.try_send(push));
        let entering = MultiplexedConnection::new_with_config(&self.login, stream, config).await;
        let (commands, driver) = entering.map_err(|error| reason(&error))?;
        Ok(Connection { commands, pushes, _driver: AbortOnDropHandle::new(tokio::spawn(driver)) })
    }
}

fn with_name(config: ClientConfig, host: &str) -> Result<(TlsConnector, ServerName<'static>), String> {
    let name = ServerName::try_from(host.to_owned()).map_err(|error| error.to_string())?;
    Ok((TlsConnector::from(Arc::new(config)), name))
}

/// What went wrong, for the log. An old server repeats the arguments of commands it does not know, and the password is
/// one of them.
pub(super) fn reason(error: &RedisError) -> String {
    error.to_string().split(", with args").next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_url_with_or_without_tls() {
        let parsed = |url: &str| Address::parse(url).map(|it| (it.host, it.port, it.login.db(), it.tls.is_some()));
        assert_eq!(parsed("redis://localhost"), Ok(("localhost".into(), 6379, 0, false)));
        assert_eq!(parsed("rediss://:p%3Fw@10.0.0.1:7000/2"), Ok(("10.0.0.1".into(), 7000, 2, true)));
        assert_eq!(parsed("rediss://u:p@host?sslmode=verify-full").map(|found| found.3), Ok(true));
        let wrong =
            ["redis://:canary@host:port", "redis://:canary@h?sslmode=require", "rediss://:canary@h?sslmode=off"];
        for url in
            wrong.into_iter().chain(["redis://:canary@", "rediss://:canary@h?sslrootcert=/none&sslmode=verify-full"])
        {
            assert!(parsed(url).is_err_and(|reason| !reason.contains("canary")), "{url}");
        }
    }

    #[test]
    fn what_a_server_repeats_of_a_command_is_not_shown() {
        let answer = b"-ERR unknown command 'HELLO', with args beginning with: '3' 'AUTH' 'default' 'canary' \r\n";
        let error = redis::parse_redis_value(answer).and_then(redis::Value::extract_error).unwrap_err();
        let shown = reason(&error);
        assert!(shown.contains("unknown command 'HELLO'") && !shown.contains("canary"), "{shown}");
    }
}
