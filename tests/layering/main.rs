//! The house, checked: a module uses only what stands above it, inside a folder there are no circles, the
//! drawings show the same house, the files that documentation names exist, the figures only fall, and `unsafe`
//! stays where it is allowed.
//!
//! `cargo test --test layering -- --nocapture` prints the figures and the public names.

mod source;

use source::Crate;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The modules, each using only those before it, as the README and `docs/design.md` draw them.
const HOUSE: [&str; 21] = [
    "text",
    "real",
    "op",
    "lanes",
    "dual",
    "tape",
    "sweep",
    "derive",
    "check",
    "linear",
    "sparse",
    "ranks",
    "native",
    "program",
    "implicit",
    "checkpoint",
    "optim",
    "nn",
    "data",
    "model",
    "inspect",
];

/// Ceilings: figures of the source that can only fall.
// Raised for derivatives that are rows of their own: their functions, `sinc`'s, and the parts of rules; for zero and
// infinity: careful sweeps, recorded gates; for the memory of columns, which all share, and of a few items on the stack.
// For what nalgebra asks of the entries of a matrix. For linear algebra in one node. For argmin's traits, and the Hessian
// over rows. For functions that equations determine; for preaccumulation; for conversions.
// For programs in files; for matrices of other crates. For least squares with bounds and a report.
// For tables from files. For the program of the command line, a crate of its own that is counted too.
// For the edges of an instruction, and for the stack that rows take.
// For models, their files, and trainings that are resumed.
// For fits from the command line.
// For the operations that a page computes, and for where the data stand on its tape.
// For what descents show, and for reports side by side.
// For the page in a frame.
// For what to do about a NaN, operation by operation.
// For scripts without spaces.
// For checkpoints.
// For sparse derivatives: patterns, colourings, plans.
// For ranks, and a tree of sums that they share.
// For the pattern of a sparse derivative in a report and on the page.
// For native code: its memory, the functions it calls, the choice of an engine.
// For programs as Rust source.
const FILES: usize = 353;
// Raised for rows of different branches, and for checks, stable formulas and derivatives that each mend a wrong number;
// for gradients at constants of what is captured, and for the limits of a tape, whose tests need its insides;
// for slopes that numbers take from the result, and `tanh`'s, which is a row of its own as `sigmoid`'s is;
// for the memory of adjoints.
// For a table of shared instructions that stays near their operands, and the order in which rows are added; for the
// exponentials that the sweep of a log-sum-exp keeps; for what nalgebra asks of the entries of a matrix;
// for loops that are inlined without link-time optimization; for the calling thread, which runs rows too;
// for linear algebra in one node, and constants that are no inputs of an operation; for argmin; for functions that
// equations and optima determine; for preaccumulation; for all of `num_traits`.
// For programs in files; for derivatives as matrices of other crates; for least squares. For tables from files.
// For the program of the command line.
// For rows as types, and kernels of lanes as calls, with which the crate compiles faster; for a test of the stack.
// For models and trainings.
// For fits from the command line.
// For the operations that a page computes, and its numbers.
// For what descents show, and for reports side by side.
// For the page in a frame.
// For three operands, which are recorded directly.
// For lanes of long edges, bundles of scopes and recipes.
// For equal paths as one, the chain rule as LaTeX, names cut in the middle or isolated.
// For checkpoints: schedules, runs, their errors.
// For sparse derivatives: patterns, colourings, plans.
// For ranks, and a tree of sums that they share.
// For native code: its memory, the functions it calls, the choice of an engine.
// For programs as Rust source: steps, loops, and their lines.
// For blocked ways at NaN in recorded sweeps, and what cancels there.
const LINES: usize = 62_148;
const MEDIAN: std::ops::RangeInclusive<usize> = 150..=250;
const LONGEST_FILE: usize = 500;
// Raised for `linear` and `implicit`: their functions and errors; for what preaccumulation says;
// for the error of a matrix of another shape; for least squares: its function, setting and result.
// For tables and how their columns are coded.
// For models, recipes and trainings.
// For the difference of two reports.
// For the page in a frame.
// For checkpoints.
// For sparse derivatives: pattern, colouring and their parts, two plans.
// For ranks: a trait, three transports, what may go wrong.
// For the pattern of a sparse derivative in a report.
// For the engine of rows, and what the statistics say about it.
// For programs as Rust source: what may be chosen, and what may go wrong.
const PUBLIC_NAMES: usize = 201;

const UNSAFE: [&str; 8] = [
    "lanes/isa.rs",
    "native/kernels.rs",
    "native/memory.rs",
    // simba declares two methods so.
    "real/simba.rs",
    "tape/store/columns.rs",
    "tape/store/few.rs",
    "tape/store/memory.rs",
    "tape/store/pool.rs",
];

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

/// Every file and folder of the project that documentation may name, by its path from the root.
fn project() -> BTreeSet<String> {
    fn walk(root: &Path, at: PathBuf, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(&at).expect("a folder of the project can be read") {
            let path = entry.expect("a folder of the project can be read").path();
            let name = path
                .strip_prefix(root)
                .expect("below the root")
                .to_str()
                .expect("a name in Unicode");
            if ["target", ".git"].contains(&name) {
                continue;
            }
            found.insert(name.replace('\\', "/"));
            if path.is_dir() {
                walk(root, path, found);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeSet::new();
    walk(root, root.into(), &mut found);
    found
}

/// Tell whether a text in backticks is the name of a file or folder of the project.
fn names_a_file(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
    let ends = [".rs", ".md", ".py", ".js", ".css", ".svg", ".toml", "/"];
    let begins = ["src/", "tests/", "docs/", "examples/", "benches/", ".ci/"];
    text.chars().all(is_plain)
        && (ends.iter().any(|end| text.ends_with(end))
            || begins.iter().any(|begin| text.starts_with(begin)))
}

#[test]
fn the_feature_full_is_every_feature_but_mpi() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = fs::read_to_string(root.join("Cargo.toml")).expect("Cargo.toml is text");
    let features = manifest.split("\n[features]\n").nth(1).expect("there are features");
    let features = features.split("\n[").next().expect("a beginning");
    let named = |line: &str| line.split_once(" = [").map(|(name, _)| name.to_owned());
    let mut all: BTreeSet<String> = features.lines().filter_map(named).collect();
    assert!(all.remove("mpi") && all.remove("full"), "{all:?}");
    let full = features.split("\nfull = [").nth(1).and_then(|rest| rest.split(']').next());
    let full: BTreeSet<String> =
        full.expect("a list").split('"').skip(1).step_by(2).map(str::to_owned).collect();
    assert_eq!(full, all);
}

#[test]
fn every_file_that_the_documentation_names_exists() {
    let project = project();
    // A name may leave out the folders before it.
    let exists = |name: &str| {
        let end = format!("/{name}");
        project.contains(name) || project.iter().any(|path| path.ends_with(&end))
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut missing = Vec::new();
    let mut count = 0;
    // Not CHANGELOG.md, which may name what is gone.
    let named =
        |path: &&String| path.ends_with(".rs") || path.ends_with(".md") && *path != "CHANGELOG.md";
    for page in project.iter().filter(named) {
        let text = fs::read_to_string(root.join(page)).expect("a page is text");
        for (number, line) in text.lines().enumerate() {
            if page.ends_with(".rs") && !line.trim_start().starts_with("//") {
                continue;
            }
            for name in line.split('`').skip(1).step_by(2).filter(|name| names_a_file(name)) {
                count += 1;
                if !exists(name.trim_end_matches('/')) {
                    missing.push(format!("{page}:{}: `{name}`", number + 1));
                }
            }
        }
    }
    assert!(count > 100, "{count} names: has the form of names changed?");
    assert!(missing.is_empty(), "these files are gone:\n{}", missing.join("\n"));
}

#[test]
fn a_table_of_contents_lists_the_files_beside_it() {
    let project = project();
    let mut wrong = Vec::new();
    for file in Crate::read().files {
        let Some(folder) = file.path.strip_suffix("mod.rs") else { continue };
        let Some((_, table)) = file.text.split_once("//! | file | idea |\n") else { continue };
        let rows = table.lines().map_while(|line| line.strip_prefix("//! |"));
        let first_columns: Vec<&str> = rows.filter_map(|row| row.split('|').next()).collect();
        let listed: BTreeSet<&str> =
            first_columns.iter().flat_map(|column| column.split('`').skip(1).step_by(2)).collect();
        let is_there = |name: &str| {
            let path = format!("src/{folder}{name}");
            project.contains(&path) || project.contains(&format!("{path}.rs"))
        };
        let gone = listed.iter().filter(|name| !is_there(name));
        wrong.extend(gone.map(|name| format!("src/{}: `{name}` is gone", file.path)));
        let beside =
            project.iter().filter_map(|path| path.strip_prefix("src/")?.strip_prefix(folder));
        let modules = beside.filter_map(|name| match name.strip_suffix("/mod.rs") {
            Some(inner) => Some(inner),
            None => name.strip_suffix(".rs"),
        });
        let unlisted =
            modules.filter(|name| !name.contains('/') && !["mod", "tests"].contains(name));
        let unlisted = unlisted.filter(|name| !listed.contains(name));
        wrong.extend(unlisted.map(|name| format!("src/{}: `{name}` has no row", file.path)));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Tests that draw numbers of their own would pass or fail by luck, and `tests/random.sh` would not reach them.
#[test]
fn every_random_test_takes_its_numbers_from_the_seed_of_the_suite() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let is_test = |path: &&String| {
        path.ends_with(".rs")
            && (path.starts_with("tests/") || path.starts_with("src/"))
            && !["tests/common/seed.rs", "tests/common/property.rs"].contains(&path.as_str())
            && !path.starts_with("tests/layering/")
    };
    let (mut count, mut wrong) = (0, Vec::new());
    for path in project().iter().filter(is_test) {
        let text = fs::read_to_string(root.join(path)).expect("source is text");
        let mut refuse = |what: &str| wrong.push(format!("{path}: {what}"));
        for block in text.split("proptest! {").skip(1) {
            count += 1;
            if !block.trim_start().starts_with("#![proptest_config(config(") {
                refuse("a `proptest!` without `config(cases)` of tests/common/property.rs");
            }
        }
        for found in text.split("fastrand::").skip(1) {
            if found.starts_with(|c: char| c.is_ascii_lowercase()) {
                refuse("a number that is another in every run");
            }
        }
        if text.contains("Rng::new()") || text.contains("Rng::default()") {
            refuse("a generator that is another in every run");
        }
        for found in text.split("Rng::with_seed(").skip(1).filter(|_| path.starts_with("tests/")) {
            count += 1;
            if found.starts_with(|c: char| c.is_ascii_digit()) {
                refuse("a seed that is always the same: `random(number)` of tests/common/seed.rs");
            }
        }
    }
    assert!(count > 25, "{count} random tests: has their form changed?");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
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
