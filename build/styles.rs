//! Replaces each `@import "other.css";` by that file, and removes comments.

use std::collections::BTreeSet;

use crate::Files;

const FOLDER: &str = "styles/";

pub fn join(files: &mut Files) {
    let styles: Vec<String> = files.keys().filter(|name| name.ends_with(".css")).cloned().collect();
    let mut joined = BTreeSet::new();
    for name in &styles {
        let whole = whole(files, name, &mut joined);
        files.insert(name.clone(), whole.into());
    }
    files.retain(|name, _| !joined.contains(name));
}

fn whole(files: &Files, name: &str, joined: &mut BTreeSet<String>) -> String {
    let content = files.get(name).unwrap_or_else(|| panic!("no style is called {name}"));
    let content = std::str::from_utf8(content).expect("styles are UTF-8");
    let mut style = String::new();
    for line in without_comments(content).split_inclusive('\n').filter(|line| !line.trim().is_empty()) {
        match line.trim_end().strip_prefix("@import \"").and_then(|rest| rest.strip_suffix("\";")) {
            Some(other) => {
                let other = format!("{FOLDER}{other}");
                style += &whole(files, &other, joined);
                joined.insert(other);
            }
            None => style += line,
        }
    }
    style
}

fn without_comments(style: &str) -> String {
    let mut pieces = style.split("/*");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |kept, piece| kept + piece.split_once("*/").map_or("", |(_, rest)| rest))
}
