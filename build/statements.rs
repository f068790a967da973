//! The statements of modules that matter when they are joined, as our formatter writes them. Knows no files. The
//! build fails over statements of another form.

/// Names on both sides of an import or export, in the order they are written in: `outer as inner`.
pub type Names<'c> = [(&'c str, &'c str)];

pub struct Statement<'c> {
    pub text: &'c str,
    pub kind: Kind<'c>,
}

pub enum Kind<'c> {
    /// `import first, { second, third as inner } from "./path.js";` with names as (outer, inner).
    Import { names: Vec<(&'c str, &'c str)>, from: &'c str },
    /// `export { first, inner as outer };`, perhaps from another file, with names as (inner, outer).
    Export { names: Vec<(&'c str, &'c str)>, from: Option<&'c str> },
    /// The first line of an exported declaration, without `export`.
    Declaration { outer: &'c str, inner: &'c str, text: &'c str },
    /// A line of anything else.
    Other,
}

pub fn statements(code: &str) -> Vec<Statement<'_>> {
    let mut found = Vec::new();
    let mut rest = code;
    while !rest.is_empty() {
        let listing = rest.starts_with("import ") || rest.starts_with("export {");
        let end = if listing { ";\n" } else { "\n" };
        let length = rest.find(end).map_or(rest.len(), |at| at + end.len());
        let (text, after) = rest.split_at(length);
        found.push(Statement { text, kind: kind(text) });
        rest = after;
    }
    found
}

fn kind(text: &str) -> Kind<'_> {
    if let Some(clause) = text.strip_prefix("import ") {
        let (names, from) = listed(clause);
        return Kind::Import { names, from: from.unwrap_or_else(|| panic!("imports nothing by name: {text}")) };
    }
    let Some(exported) = text.strip_prefix("export ") else { return Kind::Other };
    if exported.starts_with('{') {
        let (names, from) = listed(exported);
        return Kind::Export { names, from };
    }
    let (default, declaration) = match exported.strip_prefix("default ") {
        Some(declaration) => (true, declaration),
        None => (false, exported),
    };
    let kinds = ["async function ", "function* ", "function ", "class ", "const "];
    let named = kinds.iter().find_map(|kind| declaration.strip_prefix(kind));
    let end = |name: &str| name.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').unwrap_or(name.len());
    let inner = named.map(|name| &name[..end(name)]).filter(|name| !name.is_empty());
    let inner = inner.unwrap_or_else(|| panic!("exports something without a name, or a variable: {text}"));
    Kind::Declaration { outer: if default { "default" } else { inner }, inner, text: declaration }
}

/// The names of `first, { second, third as other } from "path";` and the path.
fn listed(clause: &str) -> (Vec<(&str, &str)>, Option<&str>) {
    let clause = clause.trim_end().trim_end_matches(';');
    let (what, from) = match clause.split_once(" from ") {
        Some((what, from)) => (what, Some(from.trim_matches('"'))),
        None => (clause, None),
    };
    let (default, list) = what.split_once('{').unwrap_or((what, ""));
    let default = default.trim().trim_end_matches(',');
    assert!(!default.contains(['*', '"']), "names everything or nothing: {clause}");
    let list = list.trim_end().trim_end_matches('}').split(',').map(str::trim);
    let first = Some(default).filter(|name| !name.is_empty()).map(|name| ("default", name));
    let others = list.filter(|name| !name.is_empty()).map(|name| name.split_once(" as ").unwrap_or((name, name)));
    (first.into_iter().chain(others).collect(), from)
}

/// The code moved to another file: `name` is the relative path of its old file, and `path` translates paths.
pub fn moved(code: &str, name: &str, path: impl Fn(&str) -> String) -> String {
    let mut pieces = code.split("import(");
    let mut moved = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let quoted = piece.strip_prefix('"').and_then(|piece| piece.split_once('"'));
        let (old, rest) = quoted.unwrap_or_else(|| panic!("{name} loads a module whose path is not a string literal"));
        moved += &format!("import(\"{}\"{rest}", path(old));
    }
    moved.replace("import.meta.url", &format!("new URL(\"{name}\", import.meta.url)"))
}

/// Removes comments: `/** … */` anywhere, and lines that contain only a `//` comment.
pub fn without_comments(code: &str) -> String {
    let mut kept = String::with_capacity(code.len());
    let mut rest = code;
    while let Some((before, after)) = rest.split_once("/**") {
        kept += before;
        rest = after.split_once("*/").map_or("", |(_, rest)| rest);
    }
    kept += rest;
    let says = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with("//");
    kept.split_inclusive('\n').filter(says).collect()
}
