//! Puts `public/` and `templates/` into the program: a table of files with their media type, content hash and, in all
//! but debug builds, compressed forms. Debug builds read the files from disk; all others join files that are always
//! loaded together.

mod scripts;
mod statements;
mod styles;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use scripts::Scripts;

/// The files that are served, by their names with `/`, sorted, so that equal trees give equal programs.
type Files = BTreeMap<String, Vec<u8>>;

fn main() {
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(std::env::var("OUT_DIR").expect("cargo sets it"));
    let debug = std::env::var_os("CARGO_CFG_DEBUG_ASSERTIONS").is_some();
    for folder in ["build", "public", "templates"] {
        println!("cargo:rerun-if-changed={folder}");
    }
    let mut files = served(&root.join("public"));
    let scripts = Scripts::read(&files);
    if !debug {
        scripts.join(&mut files);
        styles::join(&mut files);
    }
    let table = assets(&files, &out, !debug) + &modules(&scripts, &files);
    fs::write(out.join("assets.rs"), table).expect("OUT_DIR is writable");
    fs::write(out.join("templates.rs"), templates(&root.join("templates"))).expect("OUT_DIR is writable");
}

fn served(public: &Path) -> Files {
    let is_served = |name: &str| !name.ends_with(".test.js") && !name.ends_with(".d.ts");
    let found = files(public).into_iter().filter(|(name, _)| is_served(name));
    found.map(|(name, path)| (name, fs::read(path).expect("the file can be read"))).collect()
}

fn assets(files: &Files, out: &Path, compress: bool) -> String {
    let mut table = String::from("static FILES: &[File] = &[\n");
    let mut all = Sha256::new();
    for (name, content) in files {
        let hash = Sha256::digest(content);
        all.update(name.as_bytes());
        all.update(hash);
        let put = |suffix: &str, bytes: &[u8]| -> String {
            let file = out.join(format!("{}{suffix}", hex(&hash)));
            fs::write(&file, bytes).expect("OUT_DIR is writable");
            format!("include_bytes!({file:?})")
        };
        let squeezed = |suffix: &str, squeeze: fn(&[u8]) -> Vec<u8>| -> String {
            let bytes = if compress { squeeze(content) } else { Vec::new() };
            // Not worth a header when it saves next to nothing.
            if !compress || bytes.len() + 64 > content.len() {
                "None".into()
            } else {
                format!("Some({})", put(suffix, &bytes))
            }
        };
        let (plain, br, gz) = (put("", content), squeezed(".br", brotli), squeezed(".gz", gzip));
        let (media, etag) = (media_type(name), &hex(&hash)[..16]);
        writeln!(
            table,
            "    File {{ name: {name:?}, media: {media:?}, etag: \"\\\"{etag}\\\"\", \
             plain: {plain}, brotli: {br}, gzip: {gz} }},"
        )
        .expect("a String takes everything");
    }
    let version = &hex(&all.finalize())[..12];
    writeln!(table, "];\n/// Changes with any file.\npub const VERSION: &str = {version:?};")
        .expect("a String takes everything");
    table
}

/// Each script a page may name, with the files it imports, so that a page can ask for them at once.
fn modules(scripts: &Scripts, files: &Files) -> String {
    let mut table = String::from("static MODULES: &[(&str, &[&str])] = &[\n");
    for (entry, mut imported) in scripts.entries() {
        imported.retain(|name| files.contains_key(*name));
        writeln!(table, "    ({entry:?}, &{imported:?}),").expect("a String takes everything");
    }
    table + "];\n"
}

fn templates(folder: &Path) -> String {
    let mut table = String::from("const TEMPLATES: &[(&str, &str)] = &[\n");
    for (name, path) in files(folder) {
        writeln!(table, "    ({name:?}, include_str!({path:?})),").expect("a String takes everything");
    }
    table + "];\n"
}

/// Every file below `folder` by its path with `/`, sorted.
fn files(folder: &Path) -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).expect("the folder can be read") {
            let path = entry.expect("the folder can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("it was found there").to_string_lossy().replace('\\', "/");
                found.push((name, path));
            }
        }
    }
    found.sort();
    found
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "ico" => "image/x-icon",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        "webmanifest" => "application/manifest+json",
        "woff2" => "font/woff2",
        other => panic!("public/{name}: add the media type of .{other} to build/main.rs"),
    }
}

fn brotli(content: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    brotli::CompressorWriter::new(&mut out, 4096, 11, 22).write_all(content).expect("a Vec takes everything");
    out
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(content).expect("a Vec takes everything");
    encoder.finish().expect("a Vec takes everything")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
