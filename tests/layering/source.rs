//! The sources of the crate, read as far as the tests of the layers need: which file defines which names,
//! which names it uses, and in which file those are defined.
//!
//! No parser: a file is a list of tokens, in which items, `use` trees and paths are found. A path is followed
//! through modules and re-exports to the file that defines its name.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// One source file.
pub struct File {
    /// The path below `src`.
    pub path: String,
    /// What it says.
    pub text: String,
    /// Its tokens, without comments, strings and unit tests.
    pub tokens: Vec<String>,
    /// `tape`, `var` for `tape/var.rs`.
    module: Vec<String>,
    items: Vec<Item>,
    uses: Vec<Use>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Visibility {
    Public,
    Hidden,
    Private,
}

/// A definition at the top of a file.
#[derive(Debug)]
struct Item {
    kind: String,
    name: String,
    visibility: Visibility,
}

/// One path of a `use` tree, and the name that it gets.
#[derive(Debug)]
struct Use {
    path: Vec<String>,
    name: String,
    visibility: Visibility,
    exported: bool,
}

const KINDS: [&str; 8] = ["struct", "enum", "trait", "fn", "const", "static", "type", "mod"];

impl File {
    pub fn of(path: &str, text: &str) -> File {
        let mut module: Vec<String> =
            path.trim_end_matches(".rs").split('/').map(String::from).collect();
        if matches!(module.last().map(String::as_str), Some("mod" | "lib")) {
            module.pop();
        }
        let tokens = without_tests(tokens(text));
        let (items, uses) = (items(&tokens), uses(&tokens));
        File { path: path.to_string(), text: text.to_string(), tokens, module, items, uses }
    }

    /// The module of the crate that the file belongs to: `tape` for `tape/var.rs`, `dual` for `dual.rs`.
    pub fn folder(&self) -> &str {
        self.module.first().map_or("", String::as_str)
    }

    /// A table of contents re-exports names without using them.
    fn is_contents(&self) -> bool {
        self.path.ends_with("mod.rs") || self.path == "lib.rs"
    }

    /// The paths that are written outside of `use`, with two segments or more.
    fn paths(&self) -> BTreeSet<Vec<String>> {
        let mut found = BTreeSet::new();
        let mut at = 0;
        while at < self.tokens.len() {
            if self.tokens[at] == "use" {
                at = end_of_use(&self.tokens, at);
            } else if is_name(&self.tokens[at]) && (at == 0 || self.tokens[at - 1] != "::") {
                // `pub(in crate::tape)` uses nothing.
                let is_visibility =
                    at > 1 && self.tokens[at - 1] == "in" && self.tokens[at - 2] == "(";
                let mut path = vec![self.tokens[at].clone()];
                while self.tokens.get(at + 1).is_some_and(|t| t == "::")
                    && self.tokens.get(at + 2).is_some_and(|t| is_name(t))
                {
                    path.push(self.tokens[at + 2].clone());
                    at += 2;
                }
                if path.len() > 1 && !is_visibility {
                    found.insert(path);
                }
            }
            at += 1;
        }
        found
    }

    /// The names that stand outside of `use`.
    fn words(&self) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        let mut at = 0;
        while at < self.tokens.len() {
            if self.tokens[at] == "use" {
                at = end_of_use(&self.tokens, at);
            } else if is_name(&self.tokens[at]) {
                found.insert(self.tokens[at].as_str());
            }
            at += 1;
        }
        found
    }
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Split a text into names, numbers, `::` and single signs; comments, strings and characters are left out.
fn tokens(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let (mut found, mut at) = (Vec::new(), 0);
    let starts = |at: usize, what: &str| {
        what.chars().enumerate().all(|(i, c)| chars.get(at + i) == Some(&c))
    };
    while at < chars.len() {
        let c = chars[at];
        if starts(at, "//") {
            while at < chars.len() && chars[at] != '\n' {
                at += 1;
            }
        } else if starts(at, "/*") {
            while at < chars.len() && !starts(at, "*/") {
                at += 1;
            }
            at += 2;
        } else if c == '"' {
            at += 1;
            while at < chars.len() && chars[at] != '"' {
                at += if chars[at] == '\\' { 2 } else { 1 };
            }
            at += 1;
        } else if starts(at, "r\"") || starts(at, "r#") {
            let hashes = chars[at + 1..].iter().take_while(|&&c| c == '#').count();
            let end: String = std::iter::once('"').chain("#".repeat(hashes).chars()).collect();
            at += 2 + hashes;
            while at < chars.len() && !starts(at, &end) {
                at += 1;
            }
            at += end.len();
        } else if c == '\'' && chars.get(at + 1) == Some(&'\\') {
            at += 3;
            while at < chars.len() && chars[at] != '\'' {
                at += 1;
            }
            at += 1;
        } else if c == '\'' && chars.get(at + 2) == Some(&'\'') {
            at += 3;
        } else if c.is_alphanumeric() || c == '_' {
            let word: String =
                chars[at..].iter().take_while(|c| c.is_alphanumeric() || **c == '_').collect();
            at += word.chars().count();
            found.push(word);
        } else if starts(at, "::") {
            found.push("::".to_string());
            at += 2;
        } else {
            if !c.is_whitespace() {
                found.push(c.to_string());
            }
            at += 1;
        }
    }
    found
}

/// Leave out the modules of unit tests, which may look wherever they like.
fn without_tests(tokens: Vec<String>) -> Vec<String> {
    let mark = ["#", "[", "cfg", "(", "test", ")", "]", "mod"];
    let (mut kept, mut at) = (Vec::new(), 0);
    while at < tokens.len() {
        if tokens[at..].iter().zip(mark).filter(|(a, b)| *a == b).count() == mark.len() {
            at = end_of_block(&tokens, at + mark.len());
        } else {
            kept.push(tokens[at].clone());
            at += 1;
        }
    }
    kept
}

/// The place after the next block, or after the next `;` if that comes first.
fn end_of_block(tokens: &[String], mut at: usize) -> usize {
    let mut depth = 0;
    while at < tokens.len() {
        match tokens[at].as_str() {
            "{" => depth += 1,
            "}" if depth == 1 => return at + 1,
            "}" => depth -= 1,
            ";" if depth == 0 => return at + 1,
            _ => {}
        }
        at += 1;
    }
    at
}

/// The place of the `;` that ends a `use`.
fn end_of_use(tokens: &[String], at: usize) -> usize {
    at + tokens[at..].iter().position(|t| t == ";").unwrap_or(0)
}

/// The visibility of the item whose keyword stands here, from what stands before it.
fn visibility(tokens: &[String], at: usize) -> Visibility {
    let start = tokens[..at].iter().rposition(|t| t == ";" || t == "}" || t == "{");
    let before = &tokens[start.map_or(0, |start| start + 1)..at];
    let public = before.iter().position(|t| t == "pub");
    let restricted = public.is_some_and(|p| before.get(p + 1).is_some_and(|t| t == "("));
    let macro_is_public = before.iter().any(|t| t == "macro_export");
    match (public.is_some() && !restricted) || macro_is_public {
        true if before.iter().any(|t| t == "hidden") => Visibility::Hidden,
        true => Visibility::Public,
        false => Visibility::Private,
    }
}

/// The definitions that stand outside of all blocks.
fn items(tokens: &[String]) -> Vec<Item> {
    let (mut depth, mut found) = (0, Vec::new());
    for (at, token) in tokens.iter().enumerate() {
        match token.as_str() {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth -= 1,
            kind if depth == 0 => {
                let name = match kind {
                    "macro_rules" => tokens.get(at + 2),
                    _ if KINDS.contains(&kind) => {
                        tokens.get(at + 1).filter(|t| !KINDS.contains(&t.as_str()))
                    }
                    _ => None,
                };
                if let Some(name) = name.filter(|name| is_name(name) && *name != "_") {
                    let visibility = visibility(tokens, at);
                    found.push(Item { kind: kind.to_string(), name: name.clone(), visibility });
                }
            }
            _ => {}
        }
    }
    found
}

/// All `use` trees of a file, as single paths.
fn uses(tokens: &[String]) -> Vec<Use> {
    let mut found = Vec::new();
    let mut depth = 0;
    let mut at = 0;
    while at < tokens.len() {
        match tokens[at].as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            "use" => {
                let end = end_of_use(tokens, at);
                let visibility = visibility(tokens, at);
                let exported =
                    depth == 0 && at > 0 && matches!(tokens[at - 1].as_str(), "pub" | ")");
                for (path, name) in tree(&tokens[at + 1..end]) {
                    found.push(Use { path, name, visibility, exported });
                }
                at = end;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// The paths that a `use` tree stands for and the name of each: `a::{b, c::d as e}` for `a::b` and `a::c::d`.
fn tree(tokens: &[String]) -> Vec<(Vec<String>, String)> {
    let mut path: Vec<String> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token.as_str() {
            "::" => {}
            "{" => {
                let (mut depth, mut start, mut found) = (0, at + 1, Vec::new());
                for (end, token) in tokens.iter().enumerate().skip(at) {
                    match token.as_str() {
                        "{" => depth += 1,
                        "}" => depth -= 1,
                        _ => {}
                    }
                    if (token == "," && depth == 1) || depth == 0 {
                        found.extend(tree(&tokens[start..end]));
                        start = end + 1;
                    }
                    if depth == 0 {
                        break;
                    }
                }
                let join = |(rest, name): (Vec<String>, String)| match rest.as_slice() {
                    [only] if only == "self" => {
                        (path.clone(), path.last().cloned().unwrap_or(name))
                    }
                    _ => ([path.clone(), rest].concat(), name),
                };
                return found.into_iter().map(join).collect();
            }
            "as" => {
                let name = tokens.get(at + 1).cloned().unwrap_or_default();
                return vec![(path, name)];
            }
            _ => path.push(token.clone()),
        }
    }
    let name = path.last().cloned();
    name.map(|name| (path, name)).into_iter().collect()
}

/// Where a name is defined: the number of a file, and the name in it; the name is empty for the file itself.
type Place = (usize, String);

/// All source files.
pub struct Crate {
    pub files: Vec<File>,
    /// Which file uses which other, each with a path by which it does.
    pub uses: BTreeMap<(usize, usize), String>,
    by_module: BTreeMap<Vec<String>, usize>,
}

impl Crate {
    /// Read what is below `src`.
    pub fn read() -> Crate {
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
            below
                .components()
                .map(|c| c.as_os_str().to_string_lossy())
                .collect::<Vec<_>>()
                .join("/")
        };
        Crate::of(
            found
                .iter()
                .map(|path| (name(path), fs::read_to_string(path).expect("a source is text"))),
        )
    }

    pub fn of(sources: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<str>)>) -> Crate {
        let files: Vec<File> = sources
            .into_iter()
            .map(|(path, text)| File::of(path.as_ref(), text.as_ref()))
            .collect();
        let by_module =
            files.iter().enumerate().map(|(i, file)| (file.module.clone(), i)).collect();
        let mut house = Crate { files, uses: BTreeMap::new(), by_module };
        house.uses = house.find_uses();
        house
    }

    /// Follow a path, seen from a module, to the file that defines its name; none if it leads out of the
    /// crate.
    fn resolve(&self, from: &[String], path: &[String], steps: usize) -> Option<Place> {
        let mut module = from.to_vec();
        let mut inside = false;
        for (i, segment) in path.iter().enumerate() {
            match segment.as_str() {
                "crate" => module.clear(),
                "self" => {}
                "super" => {
                    module.pop()?;
                }
                name => {
                    let child = [module.clone(), vec![name.to_string()]].concat();
                    if self.by_module.contains_key(&child) {
                        module = child;
                    } else {
                        return self.name_in(&module, name, &path[i + 1..], inside, steps);
                    }
                }
            }
            inside = true;
        }
        self.by_module.get(&module).map(|&file| (file, String::new()))
    }

    fn name_in(
        &self,
        module: &[String],
        name: &str,
        rest: &[String],
        inside: bool,
        steps: usize,
    ) -> Option<Place> {
        let at = *self.by_module.get(module)?;
        let file = &self.files[at];
        if file.items.iter().any(|item| item.name == name) {
            return Some((at, name.to_string()));
        }
        if steps == 0 {
            return None;
        }
        for link in file.uses.iter().filter(|link| link.name == name) {
            let path = [link.path.clone(), rest.to_vec()].concat();
            let same = link.path.len() == 1 && link.path[0] == name;
            if !same && let Some(place) = self.resolve(module, &path, steps - 1) {
                return Some(place);
            }
        }
        for link in file.uses.iter().filter(|link| link.name == "*") {
            let above = &link.path[..link.path.len() - 1];
            let path = [above, &[name.to_string()]].concat();
            if let Some((found, name)) = self.resolve(module, &path, steps - 1)
                && self.files[found].items.iter().any(|item| item.name == name)
            {
                return Some((found, name));
            }
        }
        // What a macro defines has no item to be seen; then it is said to be where the path ends.
        inside.then(|| (at, name.to_string()))
    }

    fn find_uses(&self) -> BTreeMap<(usize, usize), String> {
        let mut found = BTreeMap::new();
        for (user, file) in self.files.iter().enumerate() {
            // The root sees all; unit tests in files of their own may look wherever they like.
            if file.path == "lib.rs"
                || file.path.starts_with("bin/")
                || file.path.ends_with("tests.rs")
            {
                continue;
            }
            let words = file.words();
            let mut add = |place: Option<Place>, path: &[String]| {
                if let Some((used, _)) = place.filter(|(used, _)| *used != user) {
                    found.entry((user, used)).or_insert_with(|| path.join("::"));
                }
            };
            for link in &file.uses {
                if link.name == "*" {
                    for word in &words {
                        let above = &link.path[..link.path.len() - 1];
                        let path = [above, &[word.to_string()]].concat();
                        let place = self.resolve(&file.module, &path, 8);
                        let is_item = |(file, name): &Place| {
                            self.files[*file].items.iter().any(|item| item.name == *name)
                        };
                        add(place.filter(is_item), &path);
                    }
                    continue;
                }
                let is_only_shown = link.exported && file.is_contents();
                let place = self.resolve(&file.module, &link.path, 8);
                // A module is used by the paths that begin with it.
                let names_something = place.as_ref().is_some_and(|(_, name)| !name.is_empty());
                if names_something && (!is_only_shown || words.contains(link.name.as_str())) {
                    add(place, &link.path);
                }
            }
            for path in file.paths() {
                add(self.resolve(&file.module, &path, 8), &path);
            }
        }
        found
    }

    /// The circles: sets of files each of which uses every other, if only through others.
    pub fn circles(&self) -> Vec<Vec<usize>> {
        let reach: Vec<BTreeSet<usize>> =
            (0..self.files.len()).map(|from| self.reachable(from)).collect();
        let mut circles = BTreeSet::new();
        for (from, reached) in
            reach.iter().enumerate().filter(|(from, reached)| reached.contains(from))
        {
            circles
                .insert(reached.iter().copied().filter(|&to| reach[to].contains(&from)).collect());
        }
        circles.into_iter().collect()
    }

    fn reachable(&self, from: usize) -> BTreeSet<usize> {
        let (mut found, mut open) = (BTreeSet::new(), vec![from]);
        while let Some(at) = open.pop() {
            for &(_, used) in self.uses.range((at, 0)..(at + 1, 0)).map(|(edge, _)| edge) {
                if found.insert(used) {
                    open.push(used);
                }
            }
        }
        found
    }

    /// The shortest way round that passes through a file, as lines of text.
    pub fn way_round(&self, from: usize) -> String {
        let (mut before, mut queue) = (BTreeMap::new(), vec![from]);
        let mut next = 0;
        while next < queue.len() && !before.contains_key(&from) {
            let at = queue[next];
            next += 1;
            for &(_, used) in self.uses.keys().filter(|(user, _)| *user == at) {
                if let Entry::Vacant(first) = before.entry(used) {
                    first.insert(at);
                    queue.push(used);
                }
            }
        }
        let (mut lines, mut at) = (Vec::new(), from);
        while let Some(&user) = before.get(&at) {
            let path = &self.uses[&(user, at)];
            lines.push(format!(
                "    {} uses {}: `{path}`",
                self.files[user].path, self.files[at].path
            ));
            at = user;
            if at == from {
                break;
            }
        }
        lines.reverse();
        lines.join("\n")
    }

    /// The names that users of the crate can write, each once, with the module that defines it.
    pub fn public_names(&self) -> BTreeSet<(String, String)> {
        let mut found = BTreeSet::new();
        self.public_names_in(&[], &mut found);
        for file in &self.files {
            for item in &file.items {
                if item.kind == "macro_rules" && item.visibility == Visibility::Public {
                    found.insert((file.folder().to_string(), format!("{}!", item.name)));
                }
            }
        }
        found
    }

    fn public_names_in(&self, module: &[String], found: &mut BTreeSet<(String, String)>) {
        let Some(&at) = self.by_module.get(module) else { return };
        let file = &self.files[at];
        for item in file.items.iter().filter(|item| item.visibility == Visibility::Public) {
            match item.kind.as_str() {
                "macro_rules" => {}
                "mod" => self
                    .public_names_in(&[module, std::slice::from_ref(&item.name)].concat(), found),
                _ => {
                    found.insert((file.folder().to_string(), item.name.clone()));
                }
            }
        }
        for link in
            file.uses.iter().filter(|link| link.exported && link.visibility == Visibility::Public)
        {
            let place = self.resolve(module, &link.path, 8);
            let Some((home, name)) = place else { continue };
            let hidden = |item: &Item| item.name == name && item.visibility == Visibility::Hidden;
            if !self.files[home].items.iter().any(hidden) {
                found.insert((self.files[home].folder().to_string(), link.name.clone()));
            }
        }
    }
}

// The reader is worth as much as its reading of Rust.

#[test]
fn use_trees_are_read_with_nested_braces() {
    let file = File::of(
        "a.rs",
        "pub(crate) use crate::{Dual, tape::{self, nodes::{Nodes}}, op::Op as O};",
    );
    let read: Vec<String> =
        file.uses.iter().map(|u| format!("{} {}", u.path.join("::"), u.name)).collect();
    assert_eq!(
        read,
        [
            "crate::Dual Dual",
            "crate::tape tape",
            "crate::tape::nodes::Nodes Nodes",
            "crate::op::Op O"
        ]
    );
    assert!(file.uses.iter().all(|u| u.exported && u.visibility == Visibility::Private));
}

#[test]
fn comments_strings_and_unit_tests_are_left_out() {
    let text = "// crate::a\nlet x = \"crate::b\"; /* crate::c */ r#\"crate::d \" \"#; '\"'; '\\''; &'a crate::e;
        #[cfg(test)] mod tests { use super::*; crate::f } crate::g";
    let paths: Vec<String> =
        File::of("a.rs", text).paths().iter().map(|path| path.join("::")).collect();
    assert_eq!(paths, ["crate::e", "crate::g"]);
}

/// A crate with one circle in `a`, through a re-export, and a use of `b` by `a`.
fn example() -> Crate {
    Crate::of([
        ("a/mod.rs", "mod one; mod two; pub use two::{Two, Three}; mod sealed { }"),
        (
            "a/one.rs",
            "use super::Two; pub fn one() { crate::b::four(); } #[doc(hidden)] pub fn no() {}",
        ),
        ("a/two.rs", "pub struct Two; pub struct Three; fn f() { super::one::one() }"),
        ("b.rs", "pub fn four() {} pub(crate) fn five() {}"),
        ("lib.rs", "mod a; pub mod b; pub use a::Three; #[macro_export] macro_rules! six {}"),
    ])
}

#[test]
fn paths_are_followed_to_the_file_that_defines_the_name() {
    let example = example();
    let uses: Vec<(usize, usize)> = example.uses.keys().copied().collect();
    assert_eq!(uses, [(1, 2), (1, 3), (2, 1)]);
    assert_eq!(example.circles(), [[1, 2]]);
    let round =
        "    a/one.rs uses a/two.rs: `super::Two`\n    a/two.rs uses a/one.rs: `super::one::one`";
    assert_eq!(example.way_round(1), round);
}

#[test]
fn public_names_are_those_that_users_can_write() {
    let names = example().public_names();
    let names: Vec<&str> = names.iter().map(|(_, name)| name.as_str()).collect();
    assert_eq!(names, ["six!", "Three", "four"]);
}
