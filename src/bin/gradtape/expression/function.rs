//! Names: the functions of the op table, the constants, and what is nearest to a name that nothing has.

use gradtape::op::{Arity, Op};
use std::f64::consts::{E, PI};

/// The numbers that have names.
pub const CONSTANTS: [(&str, f64); 3] = [("pi", PI), ("e", E), ("inf", f64::INFINITY)];

/// Words that are no names of variables.
pub const WORDS: [&str; 5] = ["let", "if", "and", "or", "not"];

/// What other languages call functions of the table.
const ELSEWHERE: [(&str, &str); 15] = [
    ("arccos", "acos"),
    ("arcsin", "asin"),
    ("arctan", "atan"),
    ("expm1", "exp_m1"),
    ("fabs", "abs"),
    ("gammaln", "lgamma"),
    ("log", "ln"),
    ("log1p", "ln_1p"),
    ("logistic", "sigmoid"),
    ("logsumexp", "log_sum_exp"),
    ("norm", "hypot"),
    ("power", "pow"),
    ("sign", "signum"),
    ("swish", "silu"),
    ("where", "select"),
];

/// All functions of the table.
pub fn functions() -> impl Iterator<Item = Op> {
    Op::ALL.iter().copied().filter(|op| op.info().is_function)
}

/// The function of a name.
pub fn function(name: &str) -> Option<Op> {
    functions().find(|op| op.info().name == name)
}

/// What an argument of a call is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Place {
    /// An operand, by its number.
    Operand(usize),
    /// A constant, by its number.
    Constant(usize),
}

/// The arguments of a scalar function, in the order in which its printed form has them: `polygamma({c}, {x})`.
pub fn places(op: Op) -> Vec<Place> {
    let form = op.info().form;
    let mut found: Vec<(usize, Place)> = ["{x}", "{y}", "{z}"]
        .iter()
        .enumerate()
        .map(|(i, place)| (place, Place::Operand(i)))
        .chain(["{c}", "{d}"].iter().enumerate().map(|(i, place)| (place, Place::Constant(i))))
        .filter_map(|(place, what)| Some((form.find(*place)?, what)))
        .collect();
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, place)| place).collect()
}

/// How a function is called: `clamp(x, lo, hi)`.
pub fn usage(op: Op) -> String {
    let info = op.info();
    let arguments = match (info.arity, op) {
        (Arity::Nary, Op::Dot) => vec!["x1", "y1", "x2", "y2", "..."],
        (Arity::Nary, Op::Affine) => vec!["x1", "y1", "x2", "y2", "...", "b"],
        (Arity::Nary, _) => vec!["x1", "x2", "..."],
        _ => {
            let name = |place: &Place| match *place {
                Place::Operand(i) => ["x", "y", "z"][i],
                Place::Constant(i) => info.parameters[i].0,
            };
            places(op).iter().map(name).collect()
        }
    };
    format!("{}({})", info.name, arguments.join(", "))
}

/// Suggest what a name that nothing has may stand for: `; did you mean `softplus`?`, or nothing.
pub fn suggestion<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let elsewhere = ELSEWHERE.iter().find(|(theirs, ours)| *theirs == name && known.contains(ours));
    let mut near: Vec<(usize, &str)> =
        known.iter().map(|&known| (distance(name, known), known)).collect();
    near.sort();
    // Most names of one letter differ by one.
    let most = (name.chars().take(12).count() + 1) / 3;
    let near = near.iter().take_while(|(distance, _)| *distance <= most).map(|(_, name)| *name);
    let mut names: Vec<&str> = elsewhere.map(|(_, ours)| *ours).into_iter().collect();
    for near in near {
        if !names.contains(&near) {
            names.push(near);
        }
    }
    match &names[..] {
        [] => String::new(),
        [one] => format!("; did you mean `{one}`?"),
        [one, other, ..] => format!("; did you mean `{one}` or `{other}`?"),
    }
}

/// How many letters must be put in, taken out, changed or swapped with their neighbour, of the first 40.
fn distance(a: &str, b: &str) -> usize {
    let [a, b] = [a, b].map(|text| text.chars().take(40).collect::<String>().to_lowercase());
    strsim::osa_distance(&a, &b)
}
