//! TLS to databases, as the parameters of an address say whose names begin with `ssl` (libpq, section "SSL Support").

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

/// What an address says of TLS.
#[derive(Default)]
pub(super) struct Settings {
    /// `sslmode`.
    pub mode: Option<String>,
    /// `sslrootcert`: a file of authorities, instead of those of the system.
    authorities: Option<String>,
}

impl Settings {
    /// Takes them from a URL, and returns the rest of it.
    pub fn taken_from(url: &str) -> Result<(String, Self), String> {
        let (place, query) = url.split_once('?').unwrap_or((url, ""));
        let (of_tls, others): (Vec<_>, Vec<_>) = query.split('&').partition(|pair| pair.starts_with("ssl"));
        let mut settings = Self::default();
        for (key, value) in form_urlencoded::parse(of_tls.join("&").as_bytes()) {
            match key.as_ref() {
                "sslmode" => settings.mode = Some(value.into_owned()),
                "sslrootcert" => settings.authorities = Some(value.into_owned()),
                other => return Err(format!("{other} is not supported")),
            }
        }
        Ok((format!("{place}?{}", others.join("&")), settings))
    }

    /// Believes a server whose certificate is of one of the authorities and for its host.
    pub fn verifying(&self) -> Result<ClientConfig, String> {
        let mut roots = RootCertStore::empty();
        match &self.authorities {
            Some(path) => {
                let failed = |error: &dyn std::fmt::Display| format!("sslrootcert={path}: {error}");
                for certificate in CertificateDer::pem_file_iter(path).map_err(|error| failed(&error))? {
                    let certificate = certificate.map_err(|error| failed(&error))?;
                    roots.add(certificate).map_err(|error| failed(&error))?;
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
}

fn builder() -> rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier> {
    let provider = Arc::new(ring::default_provider());
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring has TLS 1.2 and 1.3")
}

/// Believes any server.
pub fn trusting() -> ClientConfig {
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
