//! Numbers and names in the text: literals that read back to the same bits, and labels as identifiers.

use std::collections::{HashMap, HashSet};

/// The type of the numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Float {
    #[default]
    F64,
    F32,
}

impl Float {
    /// The type in Rust.
    pub fn name(self) -> &'static str {
        match self {
            Float::F64 => "f64",
            Float::F32 => "f32",
        }
    }

    /// Write a number with all its digits; in `f32` the nearest one.
    pub fn literal(self, c: f64) -> String {
        let name = self.name();
        let narrow = match self {
            Float::F64 => c,
            Float::F32 => f64::from(c as f32),
        };
        match (narrow, self) {
            (c, Float::F64) if c.is_nan() && c.to_bits() != f64::NAN.to_bits() => {
                format!("f64::from_bits({:#x})", c.to_bits())
            }
            (c, _) if c.is_nan() => format!("{name}::NAN"),
            (f64::INFINITY, _) => format!("{name}::INFINITY"),
            (f64::NEG_INFINITY, _) => format!("{name}::NEG_INFINITY"),
            (c, Float::F64) => format!("{c:?}"),
            (c, Float::F32) => format!("{:?}", c as f32),
        }
    }

    /// Write a number so that a method can be called on it.
    pub fn receiver(self, c: f64) -> String {
        let literal = self.literal(c);
        match literal.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
            false => literal,
            true if literal.starts_with('-') => format!("({literal}_{})", self.name()),
            true => format!("{literal}_{}", self.name()),
        }
    }
}

/// The longest name: so that a statement of three operands fits into a line.
const LONGEST: usize = 14;

/// Words that no variable may be called by: those of the language, and those that the text itself uses.
const TAKEN: &str = "as async await become box break const continue crate do dyn else enum extern false final fn for \
    gen if impl in let loop macro match mod move mut override priv pub ref return self static struct super trait \
    true try type typeof union unsafe unsized use virtual where while yield abstract \
    a b c d e x y v i j k t total terms memory which changed at row rows shared sum sums totals nan gradient error value values f32 f64 libm core std usize";

/// Identifiers, each given once.
pub(super) struct Names {
    taken: HashSet<String>,
    /// The next number of a word that is taken.
    next: HashMap<String, usize>,
}

impl Names {
    /// Start with names that are in use already.
    pub fn new<'a>(functions: impl Iterator<Item = &'a str>) -> Names {
        let taken = TAKEN.split_whitespace().chain(functions).map(str::to_owned).collect();
        Names { taken, next: HashMap::new() }
    }

    /// The name of result `i`: by its label if there is one.
    pub fn name(&mut self, i: usize, label: Option<&str>) -> String {
        match label.and_then(word) {
            Some(word) => self.free(word),
            None => format!("v{i}"),
        }
    }

    fn free(&mut self, word: String) -> String {
        let mut name = word.clone();
        while self.taken.contains(&name) {
            // Not from the first again: labels may have one word by the thousand.
            let n = self.next.entry(word.clone()).or_insert(2);
            name = format!("{}_{n}", word.trim_end_matches('_'));
            *n += 1;
        }
        self.taken.insert(name.clone());
        name
    }
}

/// What is left of a label as an identifier: small letters, digits, and `_` for all else.
fn word(label: &str) -> Option<String> {
    let mut word = String::new();
    for c in label.chars() {
        match c {
            _ if c.is_ascii_alphanumeric() => word.push(c.to_ascii_lowercase()),
            _ if word.is_empty() || word.ends_with('_') => {}
            _ => word.push('_'),
        }
    }
    word.truncate(LONGEST);
    let word = word.trim_end_matches('_');
    // `v12` is the name of a result without a label.
    let is_number = |rest: &str| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit());
    match word.strip_prefix('v') {
        _ if word.is_empty() => None,
        Some(rest) if is_number(rest) => Some(format!("{word}_")),
        _ if word.starts_with(|c: char| c.is_ascii_digit()) => Some(format!("n{word}")),
        _ => Some(word.to_owned()),
    }
}
