//! What a request says about itself, read once before routing: who sends it, over which scheme, to which host.

use std::borrow::Cow;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, OnceLock};

use cookie::Cookie;
use percent_encoding::percent_decode_str;
use tokio::sync::OwnedSemaphorePermit;
use warp::http::header::{
    ACCEPT_LANGUAGE, AsHeaderName, COOKIE, HOST, HeaderMap, HeaderName, IF_NONE_MATCH, ORIGIN, REFERER,
};
use warp::http::request::Parts;
use warp::http::{HeaderValue, Method};

use super::Problem;
use crate::auth::origin::Provenance;
use crate::auth::token::Token;
use crate::config::Config;
use crate::texts::Language;
use crate::views::{Look, Theme};

/// Names the person whose page sends the request, percent-encoded.
static CHINWAG_USER: HeaderName = HeaderName::from_static("chinwag-user");
static SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// A connection, as its requests need to know it.
#[derive(Clone)]
pub struct Connection {
    pub peer: IpAddr,
    /// Its permit, which bounds the number of connections; a WebSocket keeps it.
    pub permit: Arc<OwnedSemaphorePermit>,
}

/// The head of a request, with the proxies' headers taken into account.
pub struct RequestInfo {
    /// Names the request in the log and in the answer's `X-Request-ID`.
    pub id: String,
    pub method: Method,
    pub path: String,
    /// The query as it came, without `?`.
    pub query: String,
    pub headers: HeaderMap,
    /// The client's address.
    pub client: IpAddr,
    /// Whether the client came over HTTPS.
    pub secure: bool,
    /// Our origin as the browser sees it, such as `https://chat.example.org`.
    pub origin: String,
    pub connection: Connection,
    /// A cookie to be set with the answer.
    pub set_cookie: OnceLock<HeaderValue>,
}

impl RequestInfo {
    /// Reads a request's head and takes its headers. A problem is returned beside it when the request must be refused.
    pub fn read(config: &Config, connection: Connection, head: &mut Parts) -> (Self, Result<(), Problem>) {
        let trusted = config.trusted_proxies;
        let forwarded = |name| if trusted > 0 { nth_from_right(&head.headers, name, trusted) } else { None };
        let client = forwarded("x-forwarded-for").and_then(|text| text.parse().ok()).unwrap_or(connection.peer);
        let secure = forwarded("x-forwarded-proto").is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"));
        let id = if trusted > 0 { text(&head.headers, "x-request-id").filter(|id| is_request_id(id)) } else { None };
        let id = id.map_or_else(new_id, str::to_owned);
        let host = own_host(head).and_then(|host| forwarded("x-forwarded-host").map_or(Some(host), valid_host));
        let valid = host.map(drop).ok_or_else(|| Problem::malformed("Send exactly one valid Host header."));
        let mut origin = [if secure { "https://" } else { "http://" }, host.unwrap_or_default()].concat();
        origin.make_ascii_lowercase();
        let info = Self {
            id,
            method: head.method.clone(),
            path: head.uri.path().to_owned(),
            query: head.uri.query().unwrap_or_default().to_owned(),
            headers: std::mem::take(&mut head.headers),
            client,
            secure,
            origin,
            connection,
            set_cookie: OnceLock::new(),
        };
        (info, valid)
    }

    /// The header's value, if it is there once and is text.
    pub fn header(&self, name: impl AsHeaderName) -> Option<&str> {
        text(&self.headers, name)
    }

    /// Whether the client has the content of this tag (`If-None-Match`); weak comparison (RFC 9110, section 13.1.2).
    pub fn knows(&self, etag: &str) -> bool {
        let tags = self.header(IF_NONE_MATCH).unwrap_or_default();
        tags.split(',').map(str::trim).any(|tag| tag == "*" || tag.trim_start_matches("W/") == etag)
    }

    /// Host and port as the client knows us.
    pub fn host(&self) -> &str {
        self.origin.split_once("//").map_or("", |(_, host)| host)
    }

    pub fn provenance(&self) -> Provenance<'_> {
        Provenance {
            fetch_site: self.header(&SEC_FETCH_SITE),
            // A header that is there but cannot be read is not ours.
            origin: self.header(ORIGIN).or_else(|| self.headers.contains_key(ORIGIN).then_some("null")),
            referer: self.header(REFERER),
        }
    }

    /// The login token the request shows.
    pub fn token(&self) -> Option<Token> {
        let cookies = self.headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        Token::from_cookies(cookies, self.secure)
    }

    /// The person the request is meant for, if it names one. What cannot be read is a name that nobody has.
    pub fn named_person(&self) -> Option<Cow<'_, str>> {
        self.headers.get(&CHINWAG_USER)?;
        let name = self.header(&CHINWAG_USER).unwrap_or_default();
        Some(percent_decode_str(name).decode_utf8().unwrap_or_default())
    }

    /// Language and theme: what was chosen in the settings, else what the browser asks for.
    pub fn look(&self) -> Look {
        let language = Language::of(self.cookie("lang").as_deref(), self.header(ACCEPT_LANGUAGE).unwrap_or_default());
        Look { language, theme: self.cookie("theme").as_deref().and_then(Theme::named) }
    }

    fn cookie(&self, name: &str) -> Option<String> {
        let headers = self.headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let cookies = headers.flat_map(Cookie::split_parse).filter_map(Result::ok);
        cookies.filter(|cookie| cookie.name() == name).map(|cookie| cookie.value().to_owned()).next()
    }

    /// Whether the answer is for a program: everything below `/api/` that is no page, and a client that asks for JSON.
    pub fn wants_json(&self) -> bool {
        let accept = self.header(warp::http::header::ACCEPT).unwrap_or_default();
        self.path.starts_with("/api/") || (accept.contains("json") && !accept.contains("text/html"))
    }
}

/// The one `Host`; an absolute request target must name the same.
fn own_host(head: &Parts) -> Option<&str> {
    let host = text(&head.headers, HOST)?;
    let agrees = head.uri.authority().is_none_or(|authority| authority.as_str() == host);
    valid_host(host).filter(|_| agrees)
}

fn valid_host(host: &str) -> Option<&str> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b".-_:[]".contains(&b);
    (!host.is_empty() && host.bytes().all(plain)).then_some(host)
}

fn text(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// The `n`-th entry from the right of a list header: the one the outermost trusted proxy added. Entries further left
/// are the client's own claim. Where there are fewer, the leftmost one.
fn nth_from_right<'h>(headers: &'h HeaderMap, name: &str, n: usize) -> Option<&'h str> {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    let entries: Vec<&str> = values.flat_map(|value| value.split(',')).map(str::trim).collect();
    entries.get(entries.len().saturating_sub(n)).copied()
}

fn is_request_id(id: &str) -> bool {
    (1..=128).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

/// An id that is unique in this run and, most likely, in all runs; not a secret.
fn new_id() -> String {
    static RUN: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    format!("{:016x}", RUN.hash_one(NUMBER.fetch_add(1, Ordering::Relaxed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(values: &[&str]) -> HeaderMap {
        values.iter().map(|value| (HeaderName::from_static("x-forwarded-for"), value.parse().unwrap())).collect()
    }

    #[test]
    fn only_what_trusted_proxies_added_is_believed() {
        let forged = headers(&["6.6.6.6, 7.7.7.7", "203.0.113.5"]);
        assert_eq!(nth_from_right(&forged, "x-forwarded-for", 1), Some("203.0.113.5"));
        assert_eq!(nth_from_right(&forged, "x-forwarded-for", 2), Some("7.7.7.7"));
        assert_eq!(nth_from_right(&headers(&["203.0.113.5"]), "x-forwarded-for", 2), Some("203.0.113.5"));
        assert_eq!(nth_from_right(&headers(&[]), "x-forwarded-for", 1), None);
    }
}
