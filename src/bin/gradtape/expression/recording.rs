//! An expression evaluated: recorded where it depends on a variable, else computed.

use super::problem::Problem;
use super::tree::{Condition, Expression, Parameter, Sum, Tree};
use gradtape::op::Op;
use gradtape::{Var, sum};
use std::collections::HashSet;
use std::ops::Range;

/// How many parts of a tree one evaluation may compute.
pub const STEPS: usize = 10_000_000;

impl Expression {
    /// Evaluate at these variables or constants, one for each of [`inputs`](Expression::inputs). Bindings are labelled.
    ///
    /// A comparison is made on the variables and so recorded as a guard, and of the two branches only the one that is
    /// taken is evaluated.
    pub fn record(&self, inputs: &[Var]) -> Result<Var, Problem> {
        let bindings = Vec::with_capacity(self.bindings.len());
        let mut run = Run { inputs, bindings, counters: Vec::new(), steps: 0 };
        let mut named: HashSet<Option<usize>> = inputs.iter().map(|input| input.index()).collect();
        for binding in &self.bindings {
            let value = run.number(&binding.tree)?;
            // What has a name already, keeps it: `let a = x;`.
            if named.insert(value.index()) {
                value.label(&binding.name);
            }
            run.bindings.push(value);
        }
        run.number(&self.result)
    }
}

struct Run<'a> {
    inputs: &'a [Var],
    bindings: Vec<Var>,
    counters: Vec<f64>,
    steps: usize,
}

impl Run<'_> {
    fn number(&mut self, tree: &Tree) -> Result<Var, Problem> {
        self.steps += 1;
        Ok(match tree {
            Tree::Number(number) => Var::constant(*number),
            Tree::Input(input) => self.inputs[*input],
            Tree::Binding(binding) => self.bindings[*binding],
            Tree::Counter(counter) => Var::constant(self.counters[*counter]),
            Tree::Negative(x) => -self.number(x)?,
            Tree::Chain(first, rest) => {
                let mut total = self.number(first)?;
                for (op, next) in rest {
                    total = apply(*op, &[total, self.number(next)?], &[]);
                }
                total
            }
            Tree::Power(both) => {
                let [x, y] = [self.number(&both[0])?, self.number(&both[1])?];
                power(x, y)
            }
            Tree::Call(op, operands, parameters) => {
                let operands =
                    operands.iter().map(|x| self.number(x)).collect::<Result<Vec<Var>, _>>()?;
                let constants = parameters
                    .iter()
                    .map(|c| self.parameter(c))
                    .collect::<Result<Vec<f64>, _>>()?;
                apply(*op, &operands, &constants)
            }
            Tree::If(parts) => {
                let (condition, yes, no) = &**parts;
                let branch = if self.holds(condition)? { yes } else { no };
                self.number(branch)?
            }
            Tree::Sum(sum) => self.sum(sum)?,
        })
    }

    /// `and` and `or` stop where the answer is known: what is not asked is no guard.
    fn holds(&mut self, condition: &Condition) -> Result<bool, Problem> {
        match condition {
            Condition::Compare(sign, both) => {
                let [a, b] = [self.number(&both[0])?, self.number(&both[1])?];
                Ok(match *sign {
                    "<" => a < b,
                    "<=" => a <= b,
                    ">" => a > b,
                    ">=" => a >= b,
                    "==" => a == b,
                    _ => a != b,
                })
            }
            Condition::All(all) => {
                for condition in all {
                    if !self.holds(condition)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Condition::Any(any) => {
                for condition in any {
                    if self.holds(condition)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Condition::Not(condition) => Ok(!self.holds(condition)?),
        }
    }

    /// A number that may not depend on a variable.
    fn constant(&mut self, tree: &Tree, at: &Range<usize>, what: &str) -> Result<f64, Problem> {
        let value = self.number(tree)?;
        match value.is_constant() {
            true => Ok(value.value()),
            false => Problem::new(
                at.clone(),
                format!(
                    "{what} depends on a variable, and it must be a number: write the number, or name the \
                     variables with --wrt, and all others are numbers"
                ),
            ),
        }
    }

    fn parameter(&mut self, parameter: &Parameter) -> Result<f64, Problem> {
        let (name, kind) = parameter.kind;
        let value = self.constant(&parameter.tree, &parameter.at, &format!("`{name}`"))?;
        let (least, greatest) = match kind {
            "i32" => (f64::from(i32::MIN), f64::from(i32::MAX)),
            "u32" => (0.0, f64::from(u32::MAX)),
            _ => return Ok(value),
        };
        if value.fract() == 0.0 && (least..=greatest).contains(&value) {
            return Ok(value);
        }
        let message =
            format!("`{name}` is {value}, and it must be an integer from {least} to {greatest}");
        Problem::new(parameter.at.clone(), message)
    }

    /// One node, however many terms there are.
    fn sum(&mut self, range: &Sum) -> Result<Var, Problem> {
        let mut bounds = [0.0; 2];
        for ((tree, at), bound) in range.bounds.iter().zip(&mut bounds) {
            *bound = self.constant(tree, at, "a bound of the sum")?;
            if bound.fract() != 0.0 || bound.abs() > 2f64.powi(53) {
                let message =
                    format!("a bound of the sum is {bound}, and it must be an integer below 2^53");
                return Problem::new(at.clone(), message);
            }
        }
        let [from, to] = bounds;
        let too_long = |count: String| {
            let message = format!(
                "the sum takes {count} steps, and one evaluation has at most {STEPS}: shorten the range, or \
                 compute before it what is the same in every term"
            );
            Problem { at: range.bounds[0].1.start..range.bounds[1].1.end, message }
        };
        if to - from > STEPS as f64 {
            return Err(too_long(format!("{} or more", to - from + 1.0)));
        }
        let mut terms = Vec::new();
        let mut i = from;
        while i <= to {
            self.counters.push(i);
            let term = self.number(&range.term);
            self.counters.pop();
            terms.push(term?);
            if self.steps > STEPS {
                return Err(too_long(format!("more than {STEPS}")));
            }
            i += 1.0;
        }
        Ok(sum(terms))
    }
}

/// A row of the table; the parser has counted the arguments.
fn apply(op: Op, operands: &[Var], constants: &[f64]) -> Var {
    op.apply(operands, constants).expect("the arguments were counted")
}

/// `x^y` by the row that keeps most: an integer power multiplies, and takes negative numbers.
fn power(x: Var, y: Var) -> Var {
    let exponent = y.value();
    let is_integer = y.is_constant() && exponent.fract() == 0.0;
    match is_integer && f64::from(i32::MIN) <= exponent && exponent <= f64::from(i32::MAX) {
        true if exponent == 2.0 => x.square(),
        true => x.powi(exponent as i32),
        false => x.pow(y),
    }
}
