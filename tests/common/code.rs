//! Random code: straight lines, calls of a custom operation with two outputs, and branches in branches. It
//! runs on plain numbers and on variables, and notes which way it went.

#![allow(dead_code, reason = "each test uses its part")]

use gradtape::{CustomOp, Real, Var, custom, dot, sum};
use proptest::prelude::*;
use std::cmp::Ordering;

/// (x, y) ↦ (x·y + x, y - x), differentiable twice.
pub struct Pair;

impl CustomOp for Pair {
    fn name(&self) -> &str {
        "pair"
    }
    fn outputs(&self) -> usize {
        2
    }
    fn value(&self, x: &[f64], y: &mut [f64]) {
        (y[0], y[1]) = (x[0] * x[1] + x[0], x[1] - x[0]);
    }
    fn vjp(&self, x: &[f64], _y: &[f64], w: &[f64], dx: &mut [f64]) {
        (dx[0], dx[1]) = (w[0] * (x[1] + 1.0) - w[1], w[0] * x[0] + w[1]);
    }
    fn vjp_recorded(&self, x: &[Var], _y: &[Var], w: &[Var]) -> Option<Vec<Var>> {
        Some(vec![w[0] * (x[1] + 1.0) - w[1], w[0] * x[0] + w[1]])
    }
}

/// A scalar that random code runs on.
pub trait Runs: Real {
    fn pair(x: [Self; 2]) -> [Self; 2];
}

impl Runs for f64 {
    fn pair(x: [f64; 2]) -> [f64; 2] {
        let mut y = [0.0; 2];
        Pair.value(&x, &mut y);
        y
    }
}

impl Runs for Var {
    fn pair(x: [Var; 2]) -> [Var; 2] {
        let y = custom(Pair, &x);
        [y[0], y[1]]
    }
}

/// One line of code; operands are picked among the values so far.
#[derive(Clone, Debug)]
pub enum Line {
    Constant(f64),
    One(u8, usize),
    Two(u8, usize, usize),
    Three(u8, [usize; 3]),
    Call(usize, usize),
    Branch(Question, Vec<Line>, Vec<Line>),
}

/// A comparison of a value with another, or with a number.
#[derive(Clone, Debug)]
pub struct Question {
    relation: u8,
    left: usize,
    right: Result<usize, f64>,
}

/// One comparison as it came out: both sides, and the answer.
#[derive(Clone, Debug)]
pub struct Asked {
    pub left: f64,
    pub right: f64,
    pub answer: Option<Ordering>,
}

/// A run: the values at the end, and the way there.
pub struct Run<S> {
    pub values: Vec<S>,
    pub asked: Vec<Asked>,
}

/// Run code: at the end of a branch only its last value is left.
pub fn run<S: Runs>(code: &[Line], inputs: &[S]) -> Run<S> {
    let mut run = Run { values: inputs.to_vec(), asked: Vec::new() };
    run.lines(code);
    run
}

impl<S: Runs> Run<S> {
    fn lines(&mut self, code: &[Line]) {
        code.iter().for_each(|line| self.line(line));
    }

    fn at(&self, pick: usize) -> S {
        // Half of the picks are recent values.
        let len = self.values.len();
        let place =
            if pick.is_multiple_of(2) { pick / 2 % len } else { len - 1 - pick / 2 % len.min(3) };
        self.values[place]
    }

    fn line(&mut self, line: &Line) {
        let value = match line {
            Line::Constant(c) => S::from(*c),
            Line::One(op, x) => one(*op, self.at(*x)),
            Line::Two(op, x, y) => two(*op, self.at(*x), self.at(*y)),
            Line::Three(op, x) => three(*op, x.map(|x| self.at(x))),
            Line::Call(x, y) => {
                let [first, second] = S::pair([self.at(*x), self.at(*y)]);
                self.values.push(first);
                second
            }
            Line::Branch(question, yes, no) => {
                let before = self.values.len();
                let code = if self.ask(question) { yes } else { no };
                self.lines(code);
                let last = self.at(1);
                self.values.truncate(before);
                last
            }
        };
        self.values.push(value);
    }

    fn ask(&mut self, question: &Question) -> bool {
        let left = self.at(question.left);
        let right = match question.right {
            Ok(pick) => self.at(pick),
            Err(number) => S::from(number),
        };
        let order = |yes: bool| Some(if yes { Ordering::Greater } else { Ordering::Less });
        let (yes, answer) = match question.relation % 7 {
            0 => {
                let b = left < right;
                (b, order(b))
            }
            1 => {
                let b = left <= right;
                (b, order(b))
            }
            2 => {
                let b = left > right;
                (b, order(b))
            }
            3 => {
                let b = left >= right;
                (b, order(b))
            }
            4 => {
                let b = left == right;
                (b, order(b))
            }
            5 => {
                let b = left != right;
                (b, order(b))
            }
            _ => {
                let ordering = left.partial_cmp(&right);
                (ordering == Some(Ordering::Less), ordering)
            }
        };
        let (left, right) = (left.value(), right.value());
        self.asked.push(Asked { left, right, answer });
        yes
    }
}

fn one<S: Real>(op: u8, x: S) -> S {
    match op % 22 {
        0 => -x,
        1 => x.abs(),
        2 => x.sin(),
        3 => x.square(),
        4 => x * 1.0,
        5 => x * -1.0,
        6 => x * 0.25,
        7 => x + 0.0,
        8 => x + -0.0,
        9 => x - 1.0,
        10 => S::from(1.0) - x,
        11 => x / 4.0,
        12 => x / 3.0,
        13 => x.powi(0),
        14 => x.powi(1),
        15 => x.powi(2),
        16 => x.relu(),
        17 => x.clamp(-1.0, 1.0),
        18 => x.max(S::from(0.5)),
        19 => x.tanh(),
        20 => x * 0.0,
        _ => x.floor(),
    }
}

fn two<S: Real>(op: u8, x: S, y: S) -> S {
    match op % 12 {
        0..=2 => x + y,
        3 => x - y,
        4 | 5 => x * y,
        // Of 0 and -0 Rust's own `min` may return either: adding 0 makes them one.
        6 => x.min(y) + 0.0,
        7 => x.max(y) + 0.0,
        8 => x.compare(y),
        9 => sum([x, y, x]),
        10 => dot([x, y], [y, y]),
        _ => x.atan2(y),
    }
}

fn three<S: Real>(op: u8, [x, y, z]: [S; 3]) -> S {
    match op % 4 {
        0 => x.mul_add(y, z),
        1 => S::select(x, y, z),
        2 => x * y + z,
        _ => x + y + z,
    }
}

fn question() -> impl Strategy<Value = Question> {
    let right = prop_oneof![
        any::<usize>().prop_map(Ok),
        prop::sample::select(vec![0.0, -0.0, 0.5, 1.0, -1.0]).prop_map(Err),
    ];
    (any::<u8>(), any::<usize>(), right).prop_map(|(relation, left, right)| Question {
        relation,
        left,
        right,
    })
}

/// Random lines without branches.
pub fn straight() -> impl Strategy<Value = Line> {
    prop_oneof![
        1 => prop::sample::select(vec![0.0, -0.0, 1.0, -1.5, 2.0]).prop_map(Line::Constant),
        5 => (any::<u8>(), any::<usize>()).prop_map(|(op, x)| Line::One(op, x)),
        6 => (any::<u8>(), any::<usize>(), any::<usize>()).prop_map(|(op, x, y)| Line::Two(op, x, y)),
        2 => (any::<u8>(), any::<[usize; 3]>()).prop_map(|(op, x)| Line::Three(op, x)),
        2 => (any::<usize>(), any::<usize>()).prop_map(|(x, y)| Line::Call(x, y)),
    ]
}

/// Random code with branches in branches.
pub fn branching() -> impl Strategy<Value = Vec<Line>> {
    let line = straight().prop_recursive(3, 40, 4, |line| {
        let body = || prop::collection::vec(line.clone(), 1..4);
        (question(), body(), body()).prop_map(|(q, yes, no)| Line::Branch(q, yes, no))
    });
    let mixed = prop_oneof![2 => straight(), 3 => line];
    prop::collection::vec(mixed, 1..14)
}

/// A coordinate: one where comparisons tie and zeros have signs, or any other, or none.
pub fn coordinate() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => prop::sample::select(vec![-2.0, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 2.0]),
        3 => -2.0..2.0,
        1 => prop::sample::select(vec![f64::NAN, f64::INFINITY, 5e-324]),
    ]
}
