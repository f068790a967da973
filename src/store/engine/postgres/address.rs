//! Where a PostgreSQL database is, and how to connect to it: with TLS as `sslmode` says.

use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_postgres::config::SslMode;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Config, Connection, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

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
        let (place, query) = url.split_once('?').unwrap_or((url, ""));
        let (of_tls, others): (Vec<_>, Vec<_>) = query.split('&').partition(|pair| pair.starts_with("ssl"));
        let (mut mode, mut authorities) = ("prefer".to_owned(), None);
        for (key, value) in form_urlencoded::parse(of_tls.join("&").as_bytes()) {
            match key.as_ref() {
                "sslmode" => mode = value.into_owned(),
                "sslrootcert" => authorities = Some(value.into_owned()),
                other => return Err(wrong(format!("{other} is not supported"))),
            }
        }
        let config: Result<Config, _> = format!("{place}?{}", others.join("&")).parse();
        let mut config = config.map_err(|error| wrong(super::values::with_causes(&error)))?;
        config
            .connect_timeout(SILENCE)
            .keepalives_idle(SILENCE)
            .keepalives_interval(SILENCE / 5)
            .tcp_user_timeout(SILENCE);
        let (ssl_mode, verifies) = match mode.as_str() {
            "disable" => (SslMode::Disable, false),
            "allow" | "prefer" => (SslMode::Prefer, false),
            "require" => (SslMode::Require, false),
            "verify-ca" | "verify-full" => (SslMode::Require, true),
            other => return Err(wrong(format!("sslmode={other} is none of disable, prefer, require, verify-full"))),
        };
        config.ssl_mode(ssl_mode);
        let tls = if verifies { verifying(authorities.as_deref()).map_err(wrong)? } else { trusting() };
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

fn builder() -> rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier> {
    let provider = Arc::new(ring::default_provider());
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring has TLS 1.2 and 1.3")
}

/// Believes a server whose certificate is of one of these authorities and for its host.
fn verifying(authorities: Option<&str>) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::empty();
    match authorities {
        Some(path) => {
            let certificates =
                CertificateDer::pem_file_iter(path).map_err(|error| format!("sslrootcert={path}: {error}"))?;
            for certificate in certificates {
                let certificate = certificate.map_err(|error| format!("sslrootcert={path}: {error}"))?;
                roots.add(certificate).map_err(|error| format!("sslrootcert={path}: {error}"))?;
            }
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    if roots.is_empty() {
        return Err("no certificate authorities; name a file of them in sslrootcert".into());
    }
    Ok(builder().with_root_certificates(roots).with_no_client_auth())
}

/// Believes any server.
fn trusting() -> ClientConfig {
    let verifier = Anyone(ring::default_provider());
    builder().dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth()
}

/// Accepts every certificate, as `sslmode=require` means: nobody can read along, but the server may be anyone.
#[derive(Debug)]
struct Anyone(CryptoProvider);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
