//! Rules about the sources that the compiler does not check: which layer may use which, which file may use which
//! library, how long a file may be, and whether documents name existing files (`ARCHITECTURE.md`).

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each layer of the server, and the layers it may use.
const LAYERS: &[(&str, &[&str])] = &[
    ("clock", &[]),
    ("mistakes", &[]),
    ("model", &["clock"]),
    ("config", &[]),
    ("assets", &[]),
    ("texts", &["assets"]),
    ("views", &["assets", "texts"]),
    ("pictures", &["model"]),
    ("store", &["clock", "config", "mistakes", "model"]),
    ("auth", &["clock", "model", "store"]),
    ("wire", &["clock", "model", "store"]),
    ("hub", &["mistakes", "model", "wire"]),
    ("presence", &["clock", "model"]),
    ("relay", &["auth", "clock", "model", "presence"]),
    ("app", &["auth", "clock", "config", "hub", "pictures", "presence", "relay", "store", "views"]),
    ("actions", &["app", "auth", "clock", "config", "hub", "model", "pictures", "presence", "store"]),
    (
        "web",
        &["actions", "app", "assets", "auth", "clock", "config", "hub", "model", "pictures", "store", "texts", "views"],
    ),
    (
        "handlers",
        &[
            "actions", "app", "assets", "auth", "clock", "config", "hub", "mistakes", "model", "pictures", "presence",
            "store", "texts", "views", "web", "wire",
        ],
    ),
    ("server", &["actions", "app", "assets", "config", "handlers", "web"]),
    ("cli", &["app", "clock", "config", "server", "store"]),
];

/// Libraries, and the only places that may use them.
const LIBRARIES: &[(&str, &[&str])] = &[
    ("rusqlite", &["src/store/engine/"]),
    ("r2d2", &["src/store/engine/"]),
    ("rustls", &["src/store/engine/"]),
    ("redis", &["src/store/engine/"]),
    ("tokio_postgres", &["src/store/engine/postgres/"]),
    ("warp", &["src/web/", "handlers/"]),
    ("hyper", &["src/web/", "src/server.rs", "handlers/"]),
    ("cookie", &["src/auth/", "src/web/", "handlers/"]),
    ("tera", &["src/views.rs"]),
    ("clap", &["src/cli/", "src/config.rs"]),
    (
        "std::env",
        &["src/cli/", "src/mistakes.rs", "src/store/engine/postgres/scratch.rs", "src/store/engine/postgres/tests.rs"],
    ),
];

/// The columns that name the two people of a direct conversation, and the only places that may use them, so that groups
/// need not look elsewhere.
const TWO_PEOPLE: [&str; 2] = ["low_user_id", "high_user_id"];
const DIRECT: &[&str] = &["src/store/direct.rs", "src/store/engine/"];

/// The client's folders: a module may import from its own folder and from those before it.
const CLIENT_LAYERS: &[&str] = &["lib", "protocol", "state", "components", "screens"];

/// Lines a file of the program may have, without its tests.
const MAX_LINES: usize = 400;

/// The folder to which documents and their paths are relative.
const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// All files with this ending below a folder, by their paths from the root.
fn files(folder: &str, ending: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(ROOT).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_str().unwrap().ends_with(ending) {
                found.push(path.strip_prefix(ROOT).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(path)).unwrap()
}

/// The program's Rust files with their code: without comments, and without the tests at the end.
fn sources() -> Vec<(String, String)> {
    let files = files("src", ".rs").into_iter().chain(files("handlers", ".rs"));
    let code = |path: &str| {
        let text = read(path);
        let program = text.split("#[cfg(test)]").next().unwrap();
        program.lines().map(|line| line.split("//").next().unwrap()).collect::<Vec<_>>().join("\n")
    };
    files.map(|path| (path.clone(), code(&path))).collect()
}

/// The layer a file belongs to: its folder or name below `src/`, or `handlers`.
fn layer_of(path: &str) -> &str {
    match path.split('/').collect::<Vec<_>>().as_slice() {
        ["handlers", ..] => "handlers",
        ["src", name, ..] => name.strip_suffix(".rs").unwrap_or(name),
        _ => unreachable!("{path}"),
    }
}

/// The names that follow each `crate::`, also in braces.
fn modules_used(code: &str) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    for (at, prefix) in code.match_indices("crate::") {
        let rest = &code[at + prefix.len()..];
        match rest.strip_prefix('{') {
            None => drop(names.insert(identifier(rest))),
            Some(group) => names.extend(group_items(group).map(identifier)),
        }
    }
    names
}

fn identifier(text: &str) -> &str {
    let text = text.trim_start();
    text.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap()
}

/// The entries of `{a::b, c::{d, e}}`, whose opening brace has been read.
fn group_items(group: &str) -> impl Iterator<Item = &str> {
    let mut depth = 1;
    let mut parts = vec![0];
    let mut end = group.len();
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => parts.push(at + 1),
            _ => {}
        }
        if depth == 0 {
            end = at;
            break;
        }
    }
    parts.into_iter().map(move |start| &group[start..end]).filter(|part| !part.trim().is_empty())
}

#[test]
fn each_layer_uses_only_layers_it_may_use() {
    let mut violations = Vec::new();
    for (path, code) in sources() {
        let layer = layer_of(&path);
        if matches!(layer, "lib" | "main") {
            continue;
        }
        let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == layer) else {
            violations.push(format!("{path}: the layer {layer} is not in LAYERS"));
            continue;
        };
        for used in modules_used(&code) {
            if used != layer && !allowed.contains(&used) {
                violations.push(format!("{path}: {layer} must not use {used}"));
            }
        }
        // A path that leaves the layer by `super` would not be found.
        let depth = path.matches('/').count() - usize::from(layer != "handlers");
        let depth = if path.ends_with("/mod.rs") { depth - 1 } else { depth };
        if code.contains(&"super::".repeat(depth + 1)) {
            violations.push(format!("{path}: name other layers as crate::…, not by super"));
        }
    }
    assert!(violations.is_empty(), "{violations:#?}");
}

#[test]
fn each_library_is_used_only_where_it_belongs() {
    let mut violations = Vec::new();
    for (path, code) in sources() {
        for (library, places) in LIBRARIES {
            let used = code.match_indices(library).any(|(at, _)| {
                let before = code[..at].chars().next_back();
                let after = &code[at + library.len()..];
                !before.is_some_and(|c| c.is_alphanumeric() || "_:\"/".contains(c))
                    && after.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_').starts_with("::")
            });
            if used && !places.iter().any(|place| path.starts_with(place)) {
                violations.push(format!("{path} must not use {library}"));
            }
        }
    }
    assert!(violations.is_empty(), "{violations:#?}");
}

#[test]
fn only_the_file_of_direct_conversations_names_their_two_people() {
    let elsewhere: Vec<String> = sources()
        .into_iter()
        .filter(|(path, code)| {
            TWO_PEOPLE.iter().any(|column| code.contains(column)) && !DIRECT.iter().any(|place| path.starts_with(place))
        })
        .map(|(path, _)| path)
        .collect();
    assert!(elsewhere.is_empty(), "{elsewhere:?}");
    assert!(read(DIRECT[0]).contains(TWO_PEOPLE[0]));
}

#[test]
fn only_the_routes_are_included_by_path() {
    let program = files("src", ".rs").into_iter().chain(files("handlers", ".rs")).chain(files("build", ".rs"));
    let included: Vec<String> = program.filter(|path| read(path).contains("#[path")).collect();
    assert_eq!(included, ["src/lib.rs"]);
    assert_eq!(read("src/lib.rs").matches("#[path").count(), 1);
}

#[test]
fn source_files_stay_below_the_line_limit() {
    let server = sources().into_iter().map(|(path, code)| (path, code.lines().count()));
    let others = [("build", ".rs"), ("public/js", ".js"), ("public/styles", ".css"), ("templates", ".html")];
    let others = others.into_iter().flat_map(|(folder, ending)| files(folder, ending));
    let others =
        others.filter(|path| !path.ends_with(".test.js")).map(|path| (path.clone(), read(&path).lines().count()));
    let long: Vec<_> = server.chain(others).filter(|(_, lines)| *lines > MAX_LINES).collect();
    assert!(long.is_empty(), "more than {MAX_LINES} lines: {long:?}");
}

#[test]
fn the_clients_modules_import_only_from_folders_before_theirs() {
    let mut violations = Vec::new();
    for path in files("public/js", ".js") {
        let Some(own) = CLIENT_LAYERS.iter().position(|layer| path.starts_with(&format!("public/js/{layer}/"))) else {
            continue;
        };
        let code = read(&path);
        let code =
            code.lines().filter(|line| !line.trim_start().starts_with(['*', '/'])).collect::<Vec<_>>().join("\n");
        for import in code.split(['"', '\'']).filter(|part| part.starts_with("../") && part.ends_with(".js")) {
            let target = normalize(&Path::new(&path).parent().unwrap().join(import));
            let used = CLIENT_LAYERS.iter().position(|layer| target.starts_with(format!("public/js/{layer}")));
            if used.is_some_and(|used| used > own) && !path.ends_with(".test.js") {
                violations.push(format!("{path} must not import {import}"));
            }
        }
    }
    assert!(violations.is_empty(), "{violations:#?}");
}

/// The path without `..`, which need not exist.
fn normalize(path: &Path) -> PathBuf {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.to_str().unwrap().split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." => {}
            part => parts.push(part),
        }
    }
    parts.iter().collect()
}

#[test]
fn documents_name_only_existing_paths() {
    let root = fs::read_dir(ROOT).unwrap().map(|entry| entry.unwrap().path());
    let root = root.filter(|path| path.extension().is_some_and(|ending| ending == "md"));
    let root = root.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned());
    let mut missing = Vec::new();
    for document in root.chain(files("docs", ".md")) {
        let text = read(&document);
        let beside = Path::new(ROOT).join(&document).parent().unwrap().to_owned();
        for target in links(&text) {
            if !beside.join(target.split('#').next().unwrap()).exists() {
                missing.push(format!("{document}: {target}"));
            }
        }
        for path in paths(&text) {
            if !Path::new(ROOT).join(path).exists() {
                missing.push(format!("{document}: {path}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// Targets of links and images that are not URLs.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets.filter(|target| !target.contains("://") && !target.starts_with('#'))
}

/// Texts in backticks that start like a path from the root.
fn paths(text: &str) -> impl Iterator<Item = &str> {
    const FOLDERS: &[&str] =
        &[".cargo/", ".config/", "benches/", "build/", "docs/", "handlers/", "public/", "src/", "templates/", "tests/"];
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.filter(|path| {
        FOLDERS.iter().any(|folder| path.starts_with(folder)) && !path.contains(['*', ' ', '…', '{', '$'])
    })
}

#[test]
fn the_source_parsers_find_modules_links_and_paths() {
    let used = modules_used("use crate::{app::App, store::{self, Store}};\nlet x = crate::web::layer::Site; $crate::y");
    assert_eq!(used.into_iter().collect::<Vec<_>>(), ["app", "store", "web", "y"]);
    assert_eq!(
        links("[a](b.md#c) ![d](e/f.png) [g](https://h.example) [i](#j)").collect::<Vec<_>>(),
        ["b.md#c", "e/f.png"]
    );
    assert_eq!(paths("`src/x.rs` and `cargo run` and `tests/*`").collect::<Vec<_>>(), ["src/x.rs"]);
    assert_eq!(normalize(Path::new("public/js/state/../lib/x.js")), Path::new("public/js/lib/x.js"));
}
