//! Login tokens and the cookie that carries one. The database knows only a token's hash.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cookie::{Cookie, SameSite};
use sha2::{Digest, Sha256};

use crate::model::SessionKey;

/// How long a login lasts after it was last renewed.
pub const LIFETIME: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// A login that was renewed longer ago than this is renewed when it is used; its last use is known this exactly.
pub const RENEW_AFTER: Duration = Duration::from_secs(60 * 60);

/// 256 random bits. They are all that a login needs, so they must never be in the log.
pub struct Token([u8; 32]);

impl Token {
    /// A new token from the system's random source.
    pub fn generate() -> Self {
        let mut bits = [0; 32];
        getrandom::fill(&mut bits).expect("the system has a random source");
        Self(bits)
    }

    /// The token in a request's cookies. Two cookies of the name are no proof of anything: another site on a sibling
    /// domain may have set one.
    pub fn from_cookies<'h>(headers: impl Iterator<Item = &'h str>, secure: bool) -> Option<Self> {
        let mut ours =
            headers.flat_map(Cookie::split_parse).flatten().filter(|cookie| cookie.name() == cookie_name(secure));
        let cookie = ours.next()?;
        if ours.next().is_some() {
            return None;
        }
        let mut bits = [0; 32];
        let length = URL_SAFE_NO_PAD.decode_slice(cookie.value(), &mut bits).ok()?;
        (length == bits.len()).then_some(Self(bits))
    }

    /// Its key in the database.
    pub fn key(&self) -> SessionKey {
        SessionKey(Sha256::digest(self.0).into())
    }

    /// The `Set-Cookie` value that logs a browser in. `secure` says that it came over HTTPS.
    pub fn cookie(&self, secure: bool) -> String {
        let lifetime = cookie::time::Duration::try_from(LIFETIME).expect("two weeks fit");
        build(URL_SAFE_NO_PAD.encode(self.0), lifetime, secure)
    }
}

/// The `Set-Cookie` value that makes a browser forget its login.
pub fn removal_cookie(secure: bool) -> String {
    build(String::new(), cookie::time::Duration::ZERO, secure)
}

/// `__Host-` binds the cookie to this host and to HTTPS (RFC 6265bis, section 4.1.3.2); plain HTTP cannot have it.
fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-sessionid" } else { "sessionid" }
}

fn build(value: String, max_age: cookie::time::Duration, secure: bool) -> String {
    Cookie::build((cookie_name(secure), value))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(secure)
        .max_age(max_age)
        .build()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(cookie: &str) -> String {
        cookie.split(';').next().unwrap().to_owned()
    }

    #[test]
    fn a_cookie_contains_its_token() {
        for secure in [false, true] {
            let token = Token::generate();
            let cookie = value(&token.cookie(secure));
            let headers = ["theme=dark".to_owned(), format!("a=b; {cookie}; c=d")];
            let found = Token::from_cookies(headers.iter().map(String::as_str), secure).unwrap();
            assert_eq!(found.key(), token.key());
            assert!(Token::from_cookies(headers.iter().map(String::as_str), !secure).is_none());
        }
    }

    #[test]
    fn a_cookie_is_kept_from_scripts_and_other_sites() {
        let plain = Token::generate().cookie(false);
        assert!(plain.starts_with("sessionid="), "{plain}");
        assert!(plain.ends_with("; HttpOnly; SameSite=Lax; Path=/; Max-Age=1209600"), "{plain}");
        let secure = Token::generate().cookie(true);
        assert!(secure.starts_with("__Host-sessionid=") && secure.contains("; Secure;"), "{secure}");
        assert!(removal_cookie(false).contains("Max-Age=0"));
    }

    #[test]
    fn doubled_and_garbled_cookies_are_rejected() {
        let (one, two) = (value(&Token::generate().cookie(false)), value(&Token::generate().cookie(false)));
        for header in [format!("{one}; {two}"), "sessionid=".into(), "sessionid=x".into(), format!("{one}AAAA")] {
            assert!(Token::from_cookies([header.as_str()].into_iter(), false).is_none(), "{header}");
        }
    }
}
