//! Puts `public/` and `templates/` into the program: a table of files with their media type, content hash and, in
//! optimised builds, compressed forms. Debug builds read the files from disk, so theirs need no compressing.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

fn main() {
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(std::env::var("OUT_DIR").expect("cargo sets it"));
    let compress = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    println!("cargo:rerun-if-changed=public");
    println!("cargo:rerun-if-changed=templates");
    fs::write(out.join("assets.rs"), assets(&root.join("public"), &out, compress)).expect("OUT_DIR is writable");
    fs::write(out.join("templates.rs"), templates(&root.join("templates"))).expect("OUT_DIR is writable");
}

fn assets(public: &Path, out: &Path, compress: bool) -> String {
    let mut table = String::from("static FILES: &[File] = &[\n");
    let mut all = Sha256::new();
    let served = |name: &str| !name.ends_with(".test.js") && !name.ends_with(".d.ts");
    for (name, path) in files(public).into_iter().filter(|(name, _)| served(name)) {
        let content = fs::read(&path).expect("the file can be read");
        let hash = Sha256::digest(&content);
        all.update(name.as_bytes());
        all.update(hash);
        let squeezed = |suffix: &str, bytes: Vec<u8>| -> String {
            // Not worth a header when it saves next to nothing.
            if !compress || bytes.len() + 64 > content.len() {
                return "None".into();
            }
            let file = out.join(format!("{}{suffix}", hex(&hash)));
            fs::write(&file, bytes).expect("OUT_DIR is writable");
            format!("Some(include_bytes!({file:?}))")
        };
        let (br, gz) = if compress { (brotli(&content), gzip(&content)) } else { Default::default() };
        let (br, gz) = (squeezed(".br", br), squeezed(".gz", gz));
        let (media, etag) = (media_type(&name), &hex(&hash)[..16]);
        writeln!(
            table,
            "    File {{ name: {name:?}, media: {media:?}, etag: \"\\\"{etag}\\\"\", \
             plain: include_bytes!({path:?}), brotli: {br}, gzip: {gz} }},"
        )
        .expect("a String takes everything");
    }
    let version = &hex(&all.finalize())[..12];
    writeln!(table, "];\n/// Changes with any file.\npub const VERSION: &str = {version:?};")
        .expect("a String takes everything");
    table + &modules(public)
}

/// Each script a page may name, with all it imports, so that a page can ask for them at once.
fn modules(public: &Path) -> String {
    let mut table = String::from("static MODULES: &[(&str, &[&str])] = &[\n");
    let is_script = |name: &str| name == "js/main.js" || name.starts_with("js/pages/");
    for (name, _) in files(public).iter().filter(|(name, _)| is_script(name) && !name.ends_with(".test.js")) {
        let mut found = BTreeSet::new();
        let mut waiting = vec![name.clone()];
        while let Some(module) = waiting.pop() {
            let new = imports(public, &module).into_iter().filter(|imported| found.insert(imported.clone()));
            waiting.extend(new.collect::<Vec<_>>());
        }
        let found = Vec::from_iter(found);
        writeln!(table, "    ({name:?}, &{found:?}),").expect("a String takes everything");
    }
    table + "];\n"
}

/// What a module imports itself. Our formatter and the vendored files both write `from "./path.js"`.
fn imports(public: &Path, module: &str) -> Vec<String> {
    let code = fs::read_to_string(public.join(module)).expect("the module can be read");
    let folder = module.rsplit_once('/').map_or("", |(folder, _)| folder);
    // A comment may name an import; it stands alone on its line.
    let code: String = code.lines().filter(|line| !line.trim_start().starts_with(['/', '*'])).collect();
    let specifiers = code.split("from").skip(1).filter_map(|rest| rest.trim_start().strip_prefix('"')?.split_once('"'));
    specifiers
        .map(|(specifier, _)| specifier)
        .filter(|name| name.starts_with('.'))
        .map(|name| joined(folder, name))
        .collect()
}

fn joined(folder: &str, relative: &str) -> String {
    let mut path: Vec<&str> = folder.split('/').filter(|segment| !segment.is_empty()).collect();
    for segment in relative.split('/') {
        match segment {
            "." => {}
            ".." => drop(path.pop()),
            name => path.push(name),
        }
    }
    path.join("/")
}

fn templates(folder: &Path) -> String {
    let mut table = String::from("const TEMPLATES: &[(&str, &str)] = &[\n");
    for (name, path) in files(folder) {
        writeln!(table, "    ({name:?}, include_str!({path:?})),").expect("a String takes everything");
    }
    table + "];\n"
}

/// Every file below `folder` by its path with `/`, sorted, so that equal trees give equal programs.
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
        other => panic!("public/{name}: say in build.rs what media type .{other} is"),
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
