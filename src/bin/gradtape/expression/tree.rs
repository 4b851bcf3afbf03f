//! [`Expression`]: a text that was understood.

use gradtape::op::Op;
use std::ops::Range;

/// A parsed text: bindings, what they lead to, and the names that are free in them.
#[derive(Clone, Debug, Default)]
pub struct Expression {
    /// The variables, each with the place where it stands first, in that order.
    pub inputs: Vec<(String, Range<usize>)>,
    /// The names of constants such as `pi` that were used, likewise.
    pub constants: Vec<(String, Range<usize>)>,
    /// The counters of sums, likewise.
    pub counters: Vec<(String, Range<usize>)>,
    /// `let name = tree;`, each using only those before it.
    pub bindings: Vec<Binding>,
    /// The result.
    pub result: Tree,
}

#[derive(Clone, Debug)]
pub struct Binding {
    pub name: String,
    pub at: Range<usize>,
    pub tree: Tree,
}

/// What has a number as its value. Its depth is bounded, so that it may be walked by recursion.
#[derive(Clone, Debug)]
pub enum Tree {
    Number(f64),
    /// A variable, by its index in [`Expression::inputs`].
    Input(usize),
    /// A binding, by its index in [`Expression::bindings`].
    Binding(usize),
    /// The counter of a sum, by how many sums are around that one.
    Counter(usize),
    Negative(Box<Tree>),
    /// Operators of one precedence, from left to right: `a + b - c`.
    Chain(Box<Tree>, Vec<(Op, Tree)>),
    Power(Box<[Tree; 2]>),
    /// A row of the op table.
    Call(Op, Vec<Tree>, Vec<Parameter>),
    If(Box<(Condition, Tree, Tree)>),
    Sum(Box<Sum>),
}

impl Default for Tree {
    fn default() -> Tree {
        Tree::Number(0.0)
    }
}

/// What holds or does not hold.
#[derive(Clone, Debug)]
pub enum Condition {
    Compare(&'static str, Box<[Tree; 2]>),
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
}

/// An argument that the op table keeps as a number: it may not depend on a variable.
#[derive(Clone, Debug)]
pub struct Parameter {
    pub tree: Tree,
    pub at: Range<usize>,
    /// Its name, and its type in Rust.
    pub kind: (&'static str, &'static str),
}

/// `sum(i, from, to, term)`.
#[derive(Clone, Debug)]
pub struct Sum {
    pub bounds: [(Tree, Range<usize>); 2],
    pub term: Tree,
}
