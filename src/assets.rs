//! The files of `public/`, inside the program; `build/` joins some of them in all but debug builds. Knows nothing of
//! requests beyond the encodings a client takes.

use std::borrow::Cow;

use bytes::Bytes;

/// One file as the build found it.
struct File {
    name: &'static str,
    media: &'static str,
    etag: &'static str,
    plain: &'static [u8],
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The first segment of a path that names one version of all files, so that it may be cached for ever.
const VERSION_MARK: &str = "v-";

/// A file in the form a client takes.
pub struct Asset {
    pub media: &'static str,
    pub etag: Cow<'static, str>,
    /// The value for `Content-Encoding`, if the content is compressed.
    pub encoding: Option<&'static str>,
    /// Whether other forms exist, so that caches must look at `Accept-Encoding`.
    pub varies: bool,
    pub content: Bytes,
}

/// The path under which pages refer to the files of this version. In debug builds files change under a running program,
/// so no version is named.
pub fn prefix() -> String {
    if FIXED { format!("/static/{VERSION_MARK}{VERSION}") } else { "/static".into() }
}

/// Whether what is under [`prefix`] never changes.
pub const FIXED: bool = !cfg!(debug_assertions);

/// The files the chat page may need offline. Large ones that few people use are cached once they were requested.
pub fn shell() -> impl Iterator<Item = &'static str> {
    const OTHER: [&str; 5] = ["js/pages/", "styles/account", "styles/docs", "styles/simpleui", "vendor/emoji"];
    const KINDS: [&str; 3] = [".css", ".js", ".svg"];
    let text = |name: &str| name.starts_with("texts/");
    let part = |name: &str| KINDS.iter().any(|kind| name.ends_with(kind)) && name.contains('/');
    let other = |name: &str| OTHER.iter().any(|start| name.starts_with(start));
    FILES.iter().map(|file| file.name).filter(move |name| text(name) || part(name) && !other(name))
}

/// The files that a script of ours imports, directly or through others, by their names.
pub fn modules_of(script: &str) -> &'static [&'static str] {
    MODULES.iter().find(|(name, _)| *name == script).map_or(&[], |(_, imported)| imported)
}

/// Splits a path below `/static/` into the file's name and whether the path names this version of it. A path of another
/// version still finds the file: while a new program replaces an old one, a page of either may ask either.
pub fn split_version(path: &str) -> (&str, bool) {
    match path.strip_prefix(VERSION_MARK).and_then(|rest| rest.split_once('/')) {
        Some((version, name)) => (name, version == VERSION),
        None => (path, false),
    }
}

/// The file of this name, compressed as `accept_encoding` allows.
pub fn find(name: &str, accept_encoding: &str) -> Option<Asset> {
    let file = FILES.iter().find(|file| file.name == name)?;
    if cfg!(debug_assertions)
        && let Some(edited) = read_edited(name)
    {
        return Some(edited.into_asset(file));
    }
    let compressed = [("br", file.brotli), ("gzip", file.gzip)];
    let chosen = compressed.iter().find(|(encoding, form)| form.is_some() && accepts(accept_encoding, encoding));
    let (encoding, content) = match chosen {
        Some((encoding, Some(content))) => (Some(*encoding), *content),
        _ => (None, file.plain),
    };
    Some(Asset {
        media: file.media,
        etag: file.etag.into(),
        encoding,
        varies: compressed.iter().any(|(_, form)| form.is_some()),
        content: Bytes::from_static(content),
    })
}

struct Edited(Vec<u8>);

impl Edited {
    fn into_asset(self, file: &File) -> Asset {
        use sha2::{Digest, Sha256};
        let hash = Sha256::digest(&self.0);
        let etag = format!("\"{:016x}\"", u64::from_be_bytes(hash[..8].try_into().expect("eight bytes")));
        Asset { media: file.media, etag: etag.into(), encoding: None, varies: false, content: self.0.into() }
    }
}

/// The file as it is on the developer's disk now. Only names of the table get here, so no path leads elsewhere.
fn read_edited(name: &str) -> Option<Edited> {
    std::fs::read(format!("{}/public/{name}", env!("CARGO_MANIFEST_DIR"))).ok().map(Edited)
}

/// Whether an `Accept-Encoding` value allows this encoding (RFC 9110, section 12.5.3; the wildcard is not used by
/// browsers and counts as no).
fn accepts(header: &str, encoding: &str) -> bool {
    header.split(',').any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding));
        let refused = parts
            .any(|part| part.strip_prefix("q=").is_some_and(|q| q.parse::<f32>().is_ok_and(|quality| quality <= 0.0)));
        named && !refused
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_taken_as_offered() {
        assert!(accepts("gzip, deflate, br, zstd", "br"));
        assert!(accepts("GZIP;q=0.5", "gzip"));
        assert!(!accepts("br;q=0, gzip", "br"));
        assert!(!accepts("", "gzip"));
        assert!(!accepts("brx", "br"));
    }

    #[test]
    fn a_page_can_name_all_its_script_imports() {
        let modules = modules_of("js/main.js");
        assert!(modules.contains(&"vendor/signals-core.js"), "{modules:?}");
        assert_eq!(modules.contains(&"js/screens/app.js"), !FIXED, "joined or not: {modules:?}");
        assert!(modules.iter().all(|name| find(name, "").is_some()) && !modules.contains(&"js/main.js"), "{modules:?}");
        assert!(modules_of("js/nowhere.js").is_empty());
    }

    #[test]
    fn a_path_names_its_version_or_none() {
        assert_eq!(split_version(&format!("v-{VERSION}/styles/a.css")), ("styles/a.css", true));
        assert_eq!(split_version("v-0123/styles/a.css"), ("styles/a.css", false));
        assert_eq!(split_version("styles/a.css"), ("styles/a.css", false));
        assert!(find("../Cargo.toml", "").is_none());
    }
}
