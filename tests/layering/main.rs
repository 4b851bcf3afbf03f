//! The house, checked: a module uses only what stands above it, inside a folder there are no circles, the
//! drawings show the same house, its figures only fall, and `unsafe` stays where it is allowed.
//!
//! `cargo test --test layering -- --nocapture` prints the figures and the public names.

mod source;

use source::Crate;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The modules, each using only those before it, as the README and `docs/design.md` draw them.
const HOUSE: [&str; 13] = [
    "text", "real", "op", "lanes", "dual", "tape", "sweep", "derive", "check", "program", "optim",
    "nn", "inspect",
];

/// Ceilings: figures of the source that can only fall.
const FILES: usize = 168;
const LINES: usize = 30_150;
const MEDIAN: std::ops::RangeInclusive<usize> = 150..=250;
const LONGEST_FILE: usize = 500;
const PUBLIC_NAMES: usize = 125;

const UNSAFE: [&str; 3] = ["lanes/isa.rs", "tape/store/columns.rs", "tape/store/pool.rs"];

#[test]
fn a_module_uses_only_what_stands_above_it() {
    let place = |module: &str| HOUSE.iter().position(|&m| m == module);
    let house = Crate::read();
    let count = house.uses.len();
    assert!(count > 100, "{count} uses: has the form of `use` changed?");
    let mut wrong = BTreeSet::new();
    for ((user, used), path) in &house.uses {
        let (user, used) = (&house.files[*user], &house.files[*used]);
        let stands_above = place(used.folder()) < place(user.folder());
        if user.folder() != used.folder() && !stands_above {
            wrong.insert(format!("{} uses {}: `{path}`", user.path, used.path));
        }
    }
    let wrong: Vec<String> = wrong.into_iter().collect();
    assert!(wrong.is_empty(), "\n{}\nthe house: {HOUSE:?}", wrong.join("\n"));
}

#[test]
fn inside_a_folder_no_files_use_each_other_in_a_circle() {
    let house = Crate::read();
    let mut shown = String::new();
    for circle in house.circles() {
        let names: Vec<&str> = circle.iter().map(|&i| house.files[i].path.as_str()).collect();
        shown += &format!("{} files in circles: {}\n", names.len(), names.join(", "));
        // The shortest ways round, which are where to begin.
        let ways: BTreeSet<String> = circle.iter().map(|&i| house.way_round(i)).collect();
        let mut ways: Vec<(usize, String)> =
            ways.into_iter().map(|way| (way.lines().count(), way)).collect();
        ways.sort();
        for (_, way) in ways.iter().take(6) {
            shown += &format!("{way}\n\n");
        }
    }
    assert!(shown.is_empty(), "\n{shown}");
}

#[test]
fn the_figures_of_the_house_only_fall() {
    let house = Crate::read();
    let mut lengths: Vec<(usize, &str)> =
        house.files.iter().map(|file| (file.text.lines().count(), file.path.as_str())).collect();
    lengths.sort_unstable();
    let lines: usize = lengths.iter().map(|(lines, _)| lines).sum();
    let median = lengths[lengths.len() / 2].0;
    println!("{:>8} {:>6} {:>6} {:>6}", "module", "files", "lines", "names");
    let names = house.public_names();
    let names_of = |folder: &str| names.iter().filter(|(home, _)| home == folder).count();
    for folder in HOUSE {
        let own = || house.files.iter().filter(|file| file.folder() == folder);
        let lines: usize = own().map(|file| file.text.lines().count()).sum();
        println!("{folder:>8} {:>6} {lines:>6} {:>6}", own().count(), names_of(folder));
    }
    println!("   total {:>6} {lines:>6} {:>6}", lengths.len(), names.len());
    println!("median {median} lines; the longest: {:?}\n", &lengths[lengths.len() - 8..]);
    for folder in HOUSE {
        let own = names.iter().filter(|(home, _)| home == folder).map(|(_, name)| name.as_str());
        println!("{folder}: {}", own.collect::<Vec<_>>().join(" "));
    }
    assert!(
        lengths.len() <= FILES,
        "{} files, at most {FILES}: remove one elsewhere",
        lengths.len()
    );
    assert!(lines <= LINES, "{lines} lines, at most {LINES}: remove an idea elsewhere");
    assert!(
        MEDIAN.contains(&median),
        "the median of the files is {median} lines, not in {MEDIAN:?}"
    );
    let count = names.len();
    assert!(
        count <= PUBLIC_NAMES,
        "{count} public names, at most {PUBLIC_NAMES}: remove one elsewhere"
    );
}

#[test]
fn every_module_has_its_place_in_the_house() {
    let house = Crate::read();
    let modules: BTreeSet<&str> =
        house.files.iter().map(|file| file.folder()).filter(|m| !["", "bin"].contains(m)).collect();
    let missing: Vec<_> = modules.difference(&HOUSE.into()).copied().collect();
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
    for file in Crate::read().files {
        let lines = file.text.lines().count();
        assert!(lines <= LONGEST_FILE, "src/{} has {lines} lines: split it", file.path);
    }
}

#[test]
fn unsafe_code_stays_where_it_is_allowed() {
    let found: Vec<String> = Crate::read()
        .files
        .into_iter()
        .filter(|file| file.tokens.iter().any(|token| token == "unsafe" || token == "unsafe_code"))
        .map(|file| file.path)
        .collect();
    assert_eq!(found, UNSAFE);
}
