//! What a format shows of a node: readers of formats give it, so that they can be compared.

#![allow(dead_code, reason = "each test uses its part")]

use gradtape::Reach;
use gradtape::inspect::Report;

/// One node as a format shows it.
#[derive(Clone, Debug)]
pub struct Shown {
    pub index: usize,
    pub label: Option<String>,
    pub value: f64,
    /// 0 where a word stands for it.
    pub adjoint: f64,
    /// A format for people gives it where the adjoint is 0, as the reason of that.
    pub reach: Reach,
    /// The operands with the local partials, in order.
    pub operands: Vec<(usize, f64)>,
}

/// Read a number with its mark: `!` stands before all that is not finite, and before nothing else.
#[track_caller]
pub fn number(text: &str) -> f64 {
    let digits = text.strip_prefix('!').unwrap_or(text);
    let x: f64 = digits.parse().unwrap_or_else(|_| panic!("`{text}` is no number"));
    assert_eq!(!x.is_finite(), text.starts_with('!'), "{text}");
    x
}

/// The label in a node's name, which has the index behind it where the label is not enough.
pub fn label_of(name: String, index: usize) -> Option<String> {
    let label = name.strip_suffix(&format!(" (%{index})")).map(str::to_string).unwrap_or(name);
    (label != format!("%{index}")).then_some(label)
}

/// The nodes as the report has them.
pub fn of(report: &Report) -> Vec<Shown> {
    let shown = |(index, node): (usize, &gradtape::Node)| Shown {
        index,
        label: node.label.clone(),
        value: node.value,
        adjoint: node.adjoint,
        reach: node.reach,
        operands: node.operands.iter().copied().zip(node.partials.iter().copied()).collect(),
    };
    report.nodes.iter().enumerate().map(shown).collect()
}

/// Compare bits, where every NaN is as good as another.
fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

/// Compare as numbers of six digits, by half a unit of the last.
fn near(a: f64, b: f64) -> bool {
    same(a, b) || (a - b).abs() <= 5.000_001e-6 * b.abs()
}

/// Check that a format shows the nodes with the same numbers to the last bit.
#[track_caller]
pub fn assert_same(what: &str, found: &[Shown], expected: &[Shown]) {
    assert_by(same, what, found, expected);
}

/// Check that a format shows the nodes with the same numbers, rounded to six digits.
#[track_caller]
pub fn assert_near(what: &str, found: &[Shown], expected: &[Shown]) {
    assert_by(near, what, found, expected);
}

#[track_caller]
fn assert_by(close: fn(f64, f64) -> bool, what: &str, found: &[Shown], expected: &[Shown]) {
    assert_eq!(found.len(), expected.len(), "{what}: the number of nodes");
    for (a, b) in found.iter().zip(expected) {
        let same_operands = a.operands.len() == b.operands.len()
            && a.operands.iter().zip(&b.operands).all(|(a, b)| a.0 == b.0 && close(a.1, b.1));
        // Where a word stands for it, the zero has no sign.
        let same_zero = a.reach != Reach::Connected && a.adjoint == b.adjoint;
        let is_same = a.index == b.index
            && a.label == b.label
            && close(a.value, b.value)
            && (a.reach == b.reach || (a.reach == Reach::Connected && b.adjoint != 0.0))
            && (close(a.adjoint, b.adjoint) || same_zero)
            && same_operands;
        assert!(is_same, "{what}:\n{a:?} is not\n{b:?}");
    }
}
