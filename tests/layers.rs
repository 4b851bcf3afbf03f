//! A module uses only what stands above it in the list of `docs/design.md`.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The list, from the top down. `docs/design.md` and the README show the same.
const ORDER: [&str; 9] = ["real", "op", "dual", "tape", "sweep", "derive", "check", "optim", "nn"];

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every Rust file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let paths = entries.map(|entry| entry.expect("a readable folder").path());
    paths
        .flat_map(|path| match path.is_dir() {
            true => files(&path),
            false => vec![path],
        })
        .filter(|path| path.extension().is_some_and(|e| e == "rs"))
        .collect()
}

/// The code without comments, and so without the examples and links in them.
fn code(path: &Path) -> String {
    let text = read(path);
    let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// The names that follow `prefix` in a text: one, or all of a `{...}` group's first names.
fn names_after<'a>(text: &'a str, prefix: &str) -> Vec<&'a str> {
    let name = |text: &'a str| {
        let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
        &text[..end]
    };
    let mut found = Vec::new();
    for (at, _) in text.match_indices(prefix) {
        let rest = &text[at + prefix.len()..];
        let Some(group) = rest.strip_prefix('{') else {
            found.push(name(rest));
            continue;
        };
        let (mut depth, mut start) = (0, true);
        for (i, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => start = true,
                c if start && !c.is_whitespace() => {
                    found.push(name(&group[i..]));
                    start = false;
                }
                _ => {}
            }
        }
    }
    found
}

/// The module that each name at the root of the crate comes from.
fn homes() -> HashMap<String, &'static str> {
    let root = code(&source().join("lib.rs"));
    let exported = |module: &'static str| {
        let names = names_after(&root, &format!("pub use {module}::"));
        names.into_iter().map(move |name| (name.to_string(), module)).collect::<Vec<_>>()
    };
    let modules = ORDER.iter().map(|&module| (module.to_string(), module));
    modules.chain(ORDER.iter().flat_map(|&module| exported(module))).collect()
}

#[test]
fn a_module_uses_only_what_stands_above_it() {
    let homes = homes();
    let place = |module: &str| ORDER.iter().position(|&m| m == module);
    let mut uses = 0;
    let mut wrong = Vec::new();
    for path in files(&source()) {
        let inside = path.strip_prefix(source()).expect("a file below src");
        let module = inside.iter().next().map(|m| m.to_string_lossy().replace(".rs", ""));
        let module = module.unwrap_or_default();
        if module == "lib" {
            continue;
        }
        let own = place(&module).unwrap_or_else(|| panic!("module `{module}` is not in the list"));
        for name in names_after(&code(&path), "crate::") {
            let Some(home) = homes.get(name) else {
                panic!("{}: `crate::{name}` is of no module in the list", inside.display());
            };
            uses += 1;
            if place(home) > Some(own) {
                wrong.push(format!("{}: `crate::{name}` is of `{home}`", inside.display()));
            }
        }
    }
    assert!(uses > 50, "only {uses} uses found: has the form of `use` changed?");
    assert!(wrong.is_empty(), "these look down the list:\n{}", wrong.join("\n"));
}

#[test]
fn the_drawings_show_the_list() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (page, start) in [("README.md", ""), ("docs/design.md", "| `")] {
        let text = read(&root.join(page));
        let map = text.split("A module uses only what stands above it.").nth(1);
        let map = map.unwrap_or_else(|| panic!("{page} has no list of modules"));
        let end = if start.is_empty() { " " } else { "`" };
        let lines = map.lines().filter_map(|line| line.strip_prefix(start)?.split_once(end));
        let shown: Vec<&str> =
            lines.map(|(name, _)| name).filter(|name| ORDER.contains(name)).collect();
        assert_eq!(shown, ORDER, "{page}");
    }
}
