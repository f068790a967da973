//! Whether a request comes from our own pages. Cookies identify the sender, not the page that made the browser send:
//! browsers attach even `SameSite=Strict` cookies to requests from another port of the same host.

/// The headers that say where a request comes from.
#[derive(Clone, Copy, Debug, Default)]
pub struct Provenance<'h> {
    /// `Sec-Fetch-Site` (W3C Fetch Metadata), where the browser sends it.
    pub fetch_site: Option<&'h str>,
    /// `Origin`, which browsers send with every POST and every WebSocket handshake.
    pub origin: Option<&'h str>,
    /// `Referer`, the last resort for a GET.
    pub referer: Option<&'h str>,
}

impl Provenance<'_> {
    /// Whether a request that changes something may go on. `own` is our origin as the browser sees it, such as
    /// `https://chat.example.org`. A request with neither header is not a browser's, and so not a forged one.
    pub fn may_change(&self, own: &str) -> bool {
        match (self.fetch_site, self.origin) {
            (Some(site), _) => matches!(site, "same-origin" | "none"),
            (None, Some(origin)) => origin == own,
            (None, None) => true,
        }
    }

    /// Whether a WebSocket may be opened: its handshake carries no `Sec-Fetch-Site`, only `Origin`.
    pub fn may_connect(&self, own: &str) -> bool {
        self.origin.is_none_or(|origin| origin == own)
    }

    /// Whether a GET that has an effect (logging out) may have it. A GET has no `Origin`.
    pub fn may_follow(&self, own: &str) -> bool {
        match (self.fetch_site, self.referer) {
            (Some(site), _) => matches!(site, "same-origin" | "none"),
            (None, Some(referer)) => referer.strip_prefix(own).is_some_and(|path| path.starts_with('/')),
            (None, None) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "http://chat.example:8000";

    #[test]
    fn only_the_exact_origin_is_ours() {
        let from = |origin| Provenance { origin: Some(origin), ..Default::default() };
        assert!(from(OWN).may_change(OWN) && from(OWN).may_connect(OWN));
        for foreign in [
            "null",
            "",
            "https://chat.example:8000",
            "http://chat.example",
            "http://chat.example:8001",
            "http://chat.example:80000",
            "http://CHAT.example:8000",
            "http://chat.example.:8000",
            "http://chat.example:8000.evil.example",
            "http://chat.example:8000@evil.example",
            "http://evil.example",
        ] {
            assert!(!from(foreign).may_change(OWN), "{foreign}");
            assert!(!from(foreign).may_connect(OWN), "{foreign}");
        }
    }

    #[test]
    fn sec_fetch_site_comes_first() {
        let site = |site| Provenance { fetch_site: Some(site), origin: Some(OWN), referer: None };
        assert!(site("same-origin").may_change(OWN) && site("none").may_change(OWN));
        assert!(!site("same-site").may_change(OWN) && !site("cross-site").may_change(OWN));
        assert!(!site("cross-site").may_follow(OWN));
    }

    #[test]
    fn a_followed_link_comes_from_our_pages() {
        let from = |referer| Provenance { referer: Some(referer), ..Default::default() };
        assert!(from("http://chat.example:8000/?x").may_follow(OWN));
        assert!(!from("http://chat.example:80001/").may_follow(OWN));
        assert!(!from("http://evil.example/http://chat.example:8000/").may_follow(OWN));
        assert!(Provenance::default().may_follow(OWN) && Provenance::default().may_change(OWN));
    }
}
