//! The functions that `std` lacks, as text: cut out of the sources that this crate is compiled from, so that there is
//! one formula for each.
//!
//! An item of those sources is taken with all that it names, in the order of the files. What is generic over the scalar
//! there is for `f64` in the text: see [`specialized`]. So that the text is formatted as rustfmt does it by default, those
//! items are written in a way that comes out alike with its settings and with ours, which a test holds them to.

use super::literal::Float;
use super::rules::WIDE;
use std::fmt::Write as _;
use std::sync::OnceLock;

const SOURCES: [&str; 5] = [
    OWN,
    include_str!("../../real/float.rs"),
    include_str!("../../real/special.rs"),
    include_str!("../../real/slope.rs"),
    include_str!("../../real/sinc.rs"),
];

/// What is a method of the scalar there, or chooses between lanes and numbers. It comes first, and so in place of those.
const OWN: &str = "
/// Compute `x * x`.
fn square(x: f64) -> f64 {
    x * x
}

/// Return `a` if the condition is above 0, else `b`.
fn select(condition: f64, a: f64, b: f64) -> f64 {
    if condition > 0.0 { a } else { b }
}

/// Compute one of two formulas.
fn either(condition: f64, near: impl Fn() -> f64, far: impl Fn() -> f64) -> f64 {
    if condition > 0.0 { near() } else { far() }
}

/// Compute `sigmoid'(x)`.
fn sigmoid_slope(x: f64) -> f64 {
    sigmoid_slope_at(x, sigmoid(x))
}

/// Compute `tanh'(x)`.
fn tanh_slope(x: f64) -> f64 {
    tanh_slope_at(x, x.tanh())
}
";

/// Methods of `std`, as functions of the crate `libm`, and their other arguments.
const LIBM: [(&str, &str, &str); 27] = [
    ("sqrt", "sqrt", ""),
    ("cbrt", "cbrt", ""),
    ("exp", "exp", ""),
    ("exp2", "exp2", ""),
    ("exp_m1", "expm1", ""),
    ("ln", "log", ""),
    ("ln_1p", "log1p", ""),
    ("log2", "log2", ""),
    ("log10", "log10", ""),
    ("sin", "sin", ""),
    ("cos", "cos", ""),
    ("tan", "tan", ""),
    ("asin", "asin", ""),
    ("acos", "acos", ""),
    ("atan", "atan", ""),
    ("atan2", "atan2", ", y: Self"),
    ("sinh", "sinh", ""),
    ("cosh", "cosh", ""),
    ("tanh", "tanh", ""),
    ("hypot", "hypot", ", y: Self"),
    ("floor", "floor", ""),
    ("ceil", "ceil", ""),
    ("round", "round", ""),
    ("trunc", "trunc", ""),
    ("powf", "pow", ", y: Self"),
    ("mul_add", "fma", ", a: Self, b: Self"),
    ("sin_cos", "sincos", ""),
];

/// The functions that a text calls. In `f32` those whose formulas are for `f64` stand in a module of their own. Without
/// `std` the methods that `std` has and `core` has not are those of a trait.
pub(super) fn called_by(text: &str, float: Float, no_std: bool) -> String {
    let narrow = closure(text, |name| float == Float::F64 || !WIDE.contains(&name));
    let mut functions = constants(&narrow).map_or(String::new(), |line| format!("\n{line}"));
    narrow.iter().for_each(|item| functions += &format!("\n{}", item.text));
    functions = in_type(&functions, float);
    let called = |call: &'_ str| call.split_inclusive('(').next().unwrap_or_default().to_owned();
    let wide: Vec<String> = text.split("wide::").skip(1).map(called).collect();
    let module = closure(&wide.join("\n"), |_| true);
    if !wide.is_empty() {
        functions += "\n/// Functions whose formulas are for `f64`.\nmod wide {\n";
        let shown = |item: &&Piece| {
            let is_called = wide.contains(&format!("{}(", item.name));
            let head = if is_called { "\npub(super) fn " } else { "\nfn " };
            item.text.replacen("\nfn ", head, 1)
        };
        let mut inner: Vec<String> = module.iter().map(shown).collect();
        let of_trait = |text: &String| LIBM.iter().any(|(name, ..)| calls_method(text, name));
        let uses_trait = no_std && inner.iter().any(of_trait);
        let uses = [uses_trait.then(|| "use super::Functions;\n".to_owned()), constants(&module)];
        let uses: String = uses.into_iter().flatten().collect();
        if !uses.is_empty() {
            inner.insert(0, uses);
        }
        for line in inner.join("\n").lines() {
            let indent = if line.is_empty() { "" } else { "    " };
            let _ = writeln!(functions, "{indent}{line}");
        }
        functions += "}\n";
    }
    if no_std {
        functions += &methods(&[text, &functions].concat(), float);
    }
    functions
}

/// Tell whether a text needs the crate `libm`.
pub(super) fn needs_libm(text: &str) -> bool {
    text.contains("libm::")
}

/// The names of all functions.
pub(super) fn all_names() -> impl Iterator<Item = &'static str> {
    items().iter().map(|item| &*item.name)
}

/// One function, constant or type.
struct Piece {
    name: String,
    text: String,
}

/// What a text calls, and what that calls, in the order of the sources.
fn closure(text: &str, may: impl Fn(&str) -> bool) -> Vec<&'static Piece> {
    let mut wanted = vec![false; items().len()];
    let mut open = vec![text];
    while let Some(text) = open.pop() {
        let words: Vec<&str> = names_in(text);
        for (item, wanted) in items().iter().zip(&mut wanted) {
            if !*wanted && may(&item.name) && words.contains(&&*item.name) {
                *wanted = true;
                open.push(&item.text);
            }
        }
    }
    items().iter().zip(wanted).filter(|(_, wanted)| *wanted).map(|(item, _)| item).collect()
}

/// The words of a text that may name an item: calls, and constants and types, which begin with a capital. Not those
/// behind a point or a path, nor those in comments.
fn names_in(text: &str) -> Vec<&str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut words = Vec::new();
    for line in text.lines() {
        let code = line.split("//").next().unwrap_or_default();
        let mut at = 0;
        while let Some(start) = code[at..].find(is_part) {
            let start = at + start;
            at = code[start..].find(|c| !is_part(c)).map_or(code.len(), |length| start + length);
            let (before, word, after) = (&code[..start], &code[start..at], &code[at..]);
            let is_name = after.starts_with('(') || word.starts_with(|c: char| c.is_uppercase());
            let is_method = before.ends_with('.') && !before.ends_with("..");
            if is_name && !is_method && !before.ends_with("::") {
                words.push(word);
            }
        }
    }
    words
}

/// The constants of `core` that some items read, as a line.
fn constants(items: &[&Piece]) -> Option<String> {
    const ALL: [&str; 6] =
        ["FRAC_1_SQRT_2", "FRAC_2_PI", "FRAC_2_SQRT_PI", "FRAC_PI_2", "LN_2", "PI"];
    let reads = |name: &&str| items.iter().any(|item| names_in(&item.text).contains(name));
    let read: Vec<&str> = ALL.into_iter().filter(reads).collect();
    match read[..] {
        [] => None,
        [one] => Some(format!("use core::f64::consts::{one};\n")),
        _ => Some(format!("use core::f64::consts::{{{}}};\n", read.join(", "))),
    }
}

fn in_type(text: &str, float: Float) -> String {
    match float {
        Float::F64 => text.to_owned(),
        Float::F32 => text.replace("f64", "f32"),
    }
}

fn calls_method(text: &str, name: &str) -> bool {
    text.contains(&format!(".{name}("))
}

/// The trait with the methods that a text calls.
fn methods(text: &str, float: Float) -> String {
    let used: Vec<_> = LIBM.iter().filter(|(name, ..)| calls_method(text, name)).collect();
    if used.is_empty() {
        return String::new();
    }
    let types = if text.contains("mod wide {") { vec![Float::F64, float] } else { vec![float] };
    let mut all =
        String::from("\n/// What `std` has and `core` has not.\ntrait Functions: Sized {\n");
    for (name, _, more) in &used {
        let result = if *name == "sin_cos" { "(Self, Self)" } else { "Self" };
        let _ = writeln!(all, "    fn {name}(self{more}) -> {result};");
    }
    all += "}\n";
    for of in types {
        let (float, suffix) = (of.name(), if of == Float::F32 { "f" } else { "" });
        let _ = write!(all, "\nimpl Functions for {float} {{\n");
        for (at, (name, function, more)) in used.iter().enumerate() {
            let gap = if at == 0 { "" } else { "\n" };
            let more = more.replace("Self", float);
            let rest: String = more.split(", ").skip(1).map(|p| format!(", {}", &p[..1])).collect();
            let result =
                if *name == "sin_cos" { format!("({float}, {float})") } else { float.into() };
            let _ = writeln!(all, "{gap}    fn {name}(self{more}) -> {result} {{");
            let _ = writeln!(all, "        libm::{function}{suffix}(self{rest})\n    }}");
        }
        all += "}\n";
    }
    all
}

/// The items of the sources.
fn items() -> &'static [Piece] {
    static ITEMS: OnceLock<Vec<Piece>> = OnceLock::new();
    ITEMS.get_or_init(|| {
        let mut items = Vec::new();
        SOURCES.iter().for_each(|source| cut(source, &mut items));
        items
    })
}

/// Cut a source into its items, each with the first paragraph of its documentation, but for those that are there already.
fn cut(source: &str, items: &mut Vec<Piece>) {
    let mut lines = source.lines().peekable();
    let mut doc: Vec<&str> = Vec::new();
    while let Some(line) = lines.next() {
        if line.starts_with("///") {
            doc.push(line);
            continue;
        }
        let head = line.strip_prefix("pub(crate) ").unwrap_or(line);
        let Some(name) = item_name(head) else {
            if !line.starts_with("#[") {
                doc.clear();
            }
            continue;
        };
        let mut text = String::new();
        for line in doc.drain(..).take_while(|&line| line != "///") {
            let _ = writeln!(text, "{line}");
        }
        if head.starts_with("fn ") {
            text += "#[inline]\n";
        } else if head.starts_with("struct ") {
            text += "#[derive(Clone, Copy)]\n";
        }
        let _ = writeln!(text, "{head}");
        // An item of one line ends there, all others with a line that begins at the margin.
        let mut is_whole = head.ends_with(';');
        while let Some(line) = lines.next_if(|_| !is_whole) {
            let _ = writeln!(text, "{line}");
            is_whole = ["}", "];", ");"].contains(&line);
        }
        if !items.iter().any(|item| item.name == name && !head.starts_with("impl ")) {
            items.push(Piece { name: name.into(), text: specialized(&text) });
        }
    }
}

/// The name of an item that begins with this line.
fn item_name(head: &str) -> Option<&str> {
    let kinds = ["fn ", "const ", "struct ", "impl "];
    let rest = kinds.iter().find_map(|kind| head.strip_prefix(kind))?;
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
    // Traits for `f64` are the crate's own.
    Some(&rest[..end]).filter(|name| !head.contains(" for ") && !name.is_empty())
}

/// A text for any scalar, for `f64`.
fn specialized(text: &str) -> String {
    let mut text = text
        .replace("<T: Real>", "")
        .replace(": T,", ": f64,")
        .replace(": T)", ": f64)")
        .replace("-> T ", "-> f64 ")
        .replace("-> Option<T>", "-> Option<f64>")
        .replace(".value()", "");
    // `T::from(1.0)` is the number, `T::select(...)` a function.
    while let Some(at) = text.find("T::from(") {
        let Some(length) = text[at..].find(')') else { break };
        let number = text[at + "T::from(".len()..at + length].to_owned();
        text.replace_range(at..=at + length, &number);
    }
    text.replace("T::", "").replace("special::", "")
}
