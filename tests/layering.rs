//! The house, checked: a module uses only what stands above it, the drawings show the same house, files
//! stay short, and `unsafe` stays where it is allowed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The modules, each using only those before it, as the README and `docs/design.md` draw them.
const HOUSE: [&str; 13] = [
    "text", "real", "lanes", "op", "dual", "tape", "sweep", "derive", "check", "program", "optim",
    "nn", "inspect",
];

const LONGEST_FILE: usize = 500;
const UNSAFE: [&str; 3] = ["lanes/isa.rs", "tape/store/mod.rs", "tape/store/pool.rs"];

/// The source files, as paths below `src`, without comments.
fn sources() -> Vec<(String, String)> {
    fn walk(at: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(at).expect("src can be read") {
            let path = entry.expect("src can be read").path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    walk(&root, &mut found);
    found.sort();
    let name = |path: &Path| {
        let below = path.strip_prefix(&root).expect("it is in src");
        below.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
    };
    found
        .iter()
        .map(|path| (name(path), fs::read_to_string(path).expect("a source is text")))
        .collect()
}

/// The text without line comments, which may link to anything.
fn code(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

/// The module a file belongs to: `tape/var.rs` and `tape.rs` to `tape`.
fn module(file: &str) -> &str {
    file.split('/').next().unwrap_or(file).trim_end_matches(".rs")
}

/// The paths that a use tree stands for: `a::{b, c::d}` for `a::b` and `a::c::d`.
fn paths(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some(open) = tree.find('{') else {
        return if tree.is_empty() { vec![] } else { vec![tree.to_string()] };
    };
    let (prefix, rest) = (&tree[..open], &tree[open + 1..]);
    let (mut depth, mut start, mut branches) = (0, 0, Vec::new());
    for (i, c) in rest.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                branches.push(&rest[start..i]);
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                branches.push(&rest[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    branches.iter().flat_map(|branch| paths(branch)).map(|path| format!("{prefix}{path}")).collect()
}

/// The use tree that begins here: up to where its path or its braces end.
fn tree(text: &str) -> &str {
    let mut depth = 0;
    let end = text.find(|c: char| {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        depth < 0 || (depth == 0 && !(c.is_alphanumeric() || "_:{}".contains(c)))
    });
    &text[..end.unwrap_or(text.len())]
}

/// What follows each `crate::` in a text, as paths.
fn crate_paths(text: &str) -> Vec<String> {
    let starts = text.match_indices("crate::").map(|(at, found)| at + found.len());
    starts.flat_map(|at| paths(tree(&text[at..]))).collect()
}

/// The modules that a file reaches by more `super` than it is deep.
fn above_the_root(file: &str, text: &str) -> Vec<String> {
    let depth = file.trim_end_matches("mod.rs").trim_end_matches('/').split('/').count();
    let up = "super::".repeat(depth);
    text.match_indices(&up)
        .map(|(at, _)| tree(&text[at + up.len()..]).to_string())
        // `use super::*` is how unit tests look at their own module.
        .filter(|path| !path.is_empty())
        .collect()
}

/// The names that `lib.rs` exports from its modules: where `crate::Var` really lives.
fn homes(lib: &str) -> BTreeMap<String, String> {
    let uses = lib.split(';').filter_map(|item| item.trim().strip_prefix("pub use "));
    uses.flat_map(paths)
        .filter_map(|path| {
            let (module, name) = path.split_once("::")?;
            let name = name.rsplit("::").next().unwrap_or(name);
            let name = name.rsplit(" as ").next().unwrap_or(name);
            Some((name.trim().to_string(), module.trim().to_string()))
        })
        .collect()
}

/// Every use of one module by another, with a file where it is.
fn uses() -> BTreeMap<(String, String), String> {
    let sources = sources();
    let lib = sources.iter().find(|(file, _)| file == "lib.rs").expect("there is a lib.rs");
    let homes = homes(&code(&lib.1));
    let mut found = BTreeMap::new();
    for (file, text) in &sources {
        // The root sees all; unit tests in files of their own may look wherever they like.
        if file == "lib.rs" || file.starts_with("bin/") || file.ends_with("tests.rs") {
            continue;
        }
        let text = code(text);
        for path in crate_paths(&text).into_iter().chain(above_the_root(file, &text)) {
            let first = path.split("::").next().unwrap_or(&path).trim();
            let first = first.split(" as ").next().unwrap_or(first);
            let home = homes.get(first).map_or(first, String::as_str);
            if home != module(file) {
                let key = (module(file).to_string(), home.to_string());
                found.entry(key).or_insert_with(|| format!("`crate::{path}` in src/{file}"));
            }
        }
    }
    found
}

#[test]
fn a_module_uses_only_what_stands_above_it() {
    let place = |module: &str| HOUSE.iter().position(|&m| m == module);
    let uses = uses();
    assert!(uses.len() > 20, "{uses:?}: has the form of `use` changed?");
    let mut wrong = Vec::new();
    for ((user, used), where_) in uses {
        let stands_above = matches!((place(&used), place(&user)), (Some(a), Some(b)) if a < b);
        if !stands_above {
            wrong.push(format!("{user} must not use {used}: {where_}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}\nthe house: {HOUSE:?}", wrong.join("\n"));
}

#[test]
fn every_module_has_its_place_in_the_house() {
    let modules: BTreeSet<String> = sources()
        .iter()
        .map(|(file, _)| module(file).to_string())
        .filter(|m| m != "lib" && m != "bin")
        .collect();
    let house = HOUSE.map(String::from).into();
    let missing: Vec<_> = modules.difference(&house).collect();
    assert!(missing.is_empty(), "give {missing:?} a place in HOUSE and in docs/design.md");
}

#[test]
fn the_drawings_show_the_house() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // A module's line begins and its name ends like this.
    for (page, begin, end) in [("README.md", "", " "), ("docs/design.md", "| `", "`")] {
        let text = fs::read_to_string(root.join(page)).expect("a page is text");
        let drawing = text.split("A module uses only what stands above it.").nth(1);
        let drawing = drawing.unwrap_or_else(|| panic!("{page} does not draw the house"));
        let lines = drawing.lines().filter_map(|line| line.strip_prefix(begin)?.split_once(end));
        let shown: Vec<&str> =
            lines.map(|(name, _)| name).filter(|name| HOUSE.contains(name)).collect();
        assert_eq!(shown, HOUSE, "{page}");
    }
}

#[test]
fn no_source_file_is_too_long() {
    for (file, text) in sources() {
        let lines = text.lines().count();
        assert!(lines <= LONGEST_FILE, "src/{file} has {lines} lines: split it");
    }
}

#[test]
fn unsafe_code_stays_where_it_is_allowed() {
    let is_unsafe = |text: &str| {
        code(text).split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|word| word == "unsafe")
    };
    let found: Vec<String> = sources()
        .into_iter()
        .filter(|(_, text)| is_unsafe(text) || code(text).contains("allow(unsafe_code)"))
        .map(|(file, _)| file)
        .collect();
    assert_eq!(found, UNSAFE);
}

// The checks above are worth as much as their reading of Rust.

#[test]
fn use_trees_are_read_with_nested_braces() {
    assert_eq!(
        crate_paths("use crate::{Dual, tape::{self, nodes::{Nodes}}, op::Op as O};"),
        ["Dual", "tape::self", "tape::nodes::Nodes", "op::Op as O"]
    );
    assert_eq!(
        crate_paths("impl Real for crate::Var {}\n$crate::Real::sin(x)"),
        ["Var", "Real::sin"]
    );
    assert_eq!(crate_paths(&code("// [`Var`](crate::Var)\nlet x = 1;")), [] as [&str; 0]);
}

#[test]
fn paths_above_the_root_are_seen() {
    assert_eq!(above_the_root("tape/mod.rs", "use super::sweep::Gradient;"), ["sweep::Gradient"]);
    assert_eq!(above_the_root("dual.rs", "use super::tape;"), ["tape"]);
    assert_eq!(above_the_root("tape/var.rs", "use super::store;"), [] as [&str; 0]);
    assert_eq!(above_the_root("tape/var.rs", "use super::super::nn::Mlp;"), ["nn::Mlp"]);
    assert_eq!(above_the_root("dual.rs", "mod tests { use super::*; }"), [] as [&str; 0]);
}

#[test]
fn names_at_the_root_are_traced_to_their_modules() {
    let homes = homes("pub mod op;\npub use tape::{Tape, Var};\npub use real::{Real, dot};\n");
    assert_eq!(homes["Var"], "tape");
    assert_eq!(homes["dot"], "real");
}
