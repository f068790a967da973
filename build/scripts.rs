//! Joins the modules that a page's script imports into that script, without their comments: one request instead of
//! ninety, and less than half the bytes. Vendored files stay separate, and so do modules that are loaded on demand.
//! Does not know what statements look like.

use std::collections::{BTreeMap, BTreeSet};

use crate::Files;
use crate::statements::{Kind, Names, moved, statements, without_comments};

const VENDORED: &str = "vendor/";

/// Whether a page names this script: other modules are joined into it.
fn is_entry(name: &str) -> bool {
    name == "js/main.js" || name.starts_with("js/pages/")
}

struct Module {
    code: String,
    /// What it imports, and what it loads on demand.
    imports: Vec<String>,
    loads: Vec<String>,
}

impl Module {
    fn read(name: &str, content: &[u8]) -> Self {
        let code = String::from_utf8(content.to_vec()).expect("scripts are UTF-8");
        let code = if name.starts_with(VENDORED) { code } else { without_comments(&code) };
        let quoted = |mark: &str| -> Vec<String> {
            let paths =
                code.split(mark).skip(1).filter_map(|rest| rest.trim_start().strip_prefix('"')?.split_once('"'));
            paths.filter(|(path, _)| path.starts_with('.')).map(|(path, _)| resolved(name, path)).collect()
        };
        Self { imports: quoted("from"), loads: quoted("import("), code }
    }
}

/// All modules by their names.
pub struct Scripts(BTreeMap<String, Module>);

impl Scripts {
    pub fn read(files: &Files) -> Self {
        let scripts = files.iter().filter(|(name, _)| name.ends_with(".js") && name.contains('/'));
        Self(scripts.map(|(name, content)| (name.clone(), Module::read(name, content))).collect())
    }

    /// Each script a page may name, with all it imports, directly or through others, in the order they are run in.
    pub fn entries(&self) -> impl Iterator<Item = (&str, Vec<&str>)> {
        self.0.keys().filter(|name| is_entry(name)).map(|entry| {
            let mut ordered = Vec::new();
            self.visit(entry, &mut Vec::new(), &mut ordered);
            ordered.pop();
            (entry.as_str(), ordered)
        })
    }

    fn visit<'s>(&'s self, name: &str, path: &mut Vec<&'s str>, ordered: &mut Vec<&'s str>) {
        let found = self.0.get_key_value(name);
        let (name, module) = found.unwrap_or_else(|| panic!("{path:?} import {name}, which is not there"));
        assert!(!path.contains(&name.as_str()), "{path:?} import each other in a circle");
        if ordered.contains(&name.as_str()) {
            return;
        }
        path.push(name);
        for imported in &module.imports {
            self.visit(imported, path, ordered);
        }
        path.pop();
        ordered.push(name);
    }

    /// Replaces modules by the scripts they are joined into.
    pub fn join(&self, files: &mut Files) {
        let (mut joined, mut loaded) = (BTreeSet::new(), BTreeSet::new());
        for (entry, imported) in self.entries() {
            let (vendored, inside): (Vec<_>, Vec<_>) =
                imported.into_iter().partition(|name| name.starts_with(VENDORED));
            for name in self.loaded_by(entry, &inside) {
                assert!(loaded.insert(name), "{name} is loaded by two pages; it can belong to one joined script only");
                files.insert(name.into(), self.beside(name, entry, &inside).into());
            }
            files.insert(entry.into(), self.whole(entry, &vendored, &inside).into());
            joined.extend(inside);
        }
        files.retain(|name, _| loaded.contains(name.as_str()) || !joined.contains(name.as_str()));
    }

    /// Our modules that are loaded on demand, with what they import that is not `inside`.
    fn loaded_by<'s>(&'s self, entry: &'s str, inside: &[&'s str]) -> BTreeSet<&'s str> {
        let mut found = BTreeSet::new();
        let mut waiting: Vec<&str> = Vec::new();
        for name in inside.iter().chain([&entry]) {
            waiting.extend(self.0[*name].loads.iter().map(String::as_str));
        }
        while let Some(name) = waiting.pop() {
            if !name.starts_with(VENDORED) && !inside.contains(&name) && found.insert(name) {
                let Module { imports, loads, .. } = &self.0[name];
                waiting.extend(imports.iter().chain(loads).map(String::as_str));
            }
        }
        found
    }

    /// A page's script and the modules inside it: each in a separate function, so that their names do not collide,
    /// called in the order in which a browser would run them.
    fn whole(&self, entry: &str, vendored: &[&str], inside: &[&str]) -> String {
        let mut script = String::new();
        for name in vendored {
            script += &format!("import * as {} from \"{}\";\n", variable(name), relative(entry, name));
        }
        for name in inside {
            let (body, exported) = self.body(name, entry);
            let waits = body.lines().any(|line| !line.starts_with('\t') && line.contains("await "));
            assert!(!waits, "{name}: only a page's own script may wait before its others run");
            let variable = variable(name);
            script += &format!("const {variable} = (() => {{\n{body}return {{ {} }};\n}})();\n", exported.join(", "));
        }
        let (body, _) = self.body(entry, entry);
        let names: Vec<String> = inside.iter().map(|name| variable(name)).collect();
        script + &format!("{{\n{body}}}\nexport {{ {} }};\n", names.join(", "))
    }

    /// What a module does, as a part of `entry`, and what it exports, as properties.
    fn body(&self, name: &str, entry: &str) -> (String, Vec<String>) {
        let (mut body, mut exported) = (String::new(), Vec::new());
        let code = moved(&self.0[name].code, &relative(entry, name), |path| relative(entry, &resolved(name, path)));
        for statement in statements(&code) {
            match statement.kind {
                Kind::Import { names, from } => body += &unpacked(&names, &variable(&resolved(name, from))),
                Kind::Export { names, from: None } => exported.extend(pairs(&names, "")),
                Kind::Export { names, from: Some(from) } => {
                    exported.extend(pairs(&names, &format!("{}.", variable(&resolved(name, from)))));
                }
                Kind::Declaration { outer, inner, text } => {
                    exported.extend(pairs(&[(inner, outer)], ""));
                    body += text;
                }
                Kind::Other => body += statement.text,
            }
        }
        (body, exported)
    }

    /// A module that is loaded on demand: it imports from `entry` what was joined into it.
    fn beside(&self, name: &str, entry: &str, inside: &[&str]) -> String {
        let mut code = String::new();
        for statement in statements(&self.0[name].code) {
            match statement.kind {
                Kind::Import { names, from } if inside.contains(&resolved(name, from).as_str()) => {
                    let source = variable(&resolved(name, from));
                    code += &format!("import {{ {source} }} from \"{}\";\n", relative(name, entry));
                    code += &unpacked(&names, &source);
                }
                Kind::Export { from: Some(from), .. } if inside.contains(&resolved(name, from).as_str()) => {
                    panic!("{name}: a module that is loaded on demand cannot re-export {from}");
                }
                _ => code += statement.text,
            }
        }
        code
    }
}

/// What a module exports, as properties of an object.
fn pairs(names: &Names<'_>, source: &str) -> Vec<String> {
    names.iter().map(|(inner, outer)| property(outer, &format!("{source}{inner}"))).collect()
}

fn unpacked(names: &Names<'_>, source: &str) -> String {
    let properties: Vec<String> = names.iter().map(|(outer, inner)| property(outer, inner)).collect();
    format!("const {{ {} }} = {source};\n", properties.join(", "))
}

fn property(name: &str, value: &str) -> String {
    if name == value { name.into() } else { format!("{name}: {value}") }
}

/// What a module is called inside a joined script.
fn variable(name: &str) -> String {
    let name = name.strip_suffix(".js").expect("modules are scripts");
    format!("${}", name.replace(|c: char| !c.is_ascii_alphanumeric(), "_"))
}

/// The file that a module means by a relative path.
fn resolved(module: &str, path: &str) -> String {
    let mut segments: Vec<&str> = module.split('/').collect();
    segments.pop();
    for segment in path.split('/') {
        match segment {
            "." => {}
            ".." => drop(segments.pop()),
            name => segments.push(name),
        }
    }
    segments.join("/")
}

/// The relative path from a module to a file.
fn relative(module: &str, file: &str) -> String {
    let (mut from, mut to): (Vec<&str>, Vec<&str>) = (module.split('/').collect(), file.split('/').collect());
    while from.len() > 1 && to.len() > 1 && from[0] == to[0] {
        from.remove(0);
        to.remove(0);
    }
    let up = if from.len() > 1 { "../".repeat(from.len() - 1) } else { "./".into() };
    up + &to.join("/")
}
