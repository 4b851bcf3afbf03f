//! No number of a report is wrong: independent engines, paths and print give the same.

mod engines;
mod large;
mod odd_outputs;
mod printed;
mod programs;
#[path = "../common/property.rs"]
mod property;
mod stable;

#[path = "../common/apply.rs"]
mod apply;
#[path = "../common/programs.rs"]
mod common_programs;
#[path = "../common/expression.rs"]
mod expression;
#[path = "../common/formula.rs"]
mod formula;
#[path = "../common/naive.rs"]
mod naive;
#[path = "../common/numeric.rs"]
mod numeric;
#[path = "../common/tapes.rs"]
mod tapes;
#[path = "../common/three.rs"]
mod three;

use gradtape::{Tape, Var, custom, dot, log_sum_exp, sum};
use proptest::prelude::*;
use three::Three;

/// What a step of a wild tape is made of.
type Gene = (u8, usize, usize);

fn genes(most: usize) -> impl Strategy<Value = Vec<Gene>> {
    prop::collection::vec(any::<Gene>(), 1..most)
}

/// A tape with flat pieces, ties, kinks, exact zeros, repeated operands, custom operations of several outputs,
/// nodes that nothing uses; all values are finite. Returns every variable, the inputs first.
fn wild(tape: &Tape, genes: &[Gene]) -> Vec<Var> {
    let mut values = tape.vars(&[0.0, 1.5, -0.5]);
    for &(op, x, y) in genes {
        let pick = |i: usize| values[values.len() - 1 - i % values.len().min(5)];
        let (x, y) = (pick(x), pick(y));
        // Products of products grow fast: what is too large comes back between -1 and 1.
        let x = if x.value().abs() > 1e3 { x.sin() } else { x };
        let y = if y.value().abs() > 1e3 { y.sin() } else { y };
        let made = match op % 20 {
            0 => vec![x + y],
            1 => vec![x - y],
            2 => vec![x * y],
            3 => vec![x * x],
            4 => vec![sum([x, y, x])],
            5 => vec![x * 0.0],
            6 => vec![x.relu()],
            7 => vec![x.max(y)],
            8 => vec![x.min(x)],
            9 => vec![Var::select(x, y, x)],
            10 => vec![x.floor() + y],
            11 => vec![log_sum_exp(&[x, y, x])],
            12 => vec![dot(&[x, x], [x, y])],
            13 => vec![x.clamp(-1.0, 1.0)],
            14 => custom(Three("three"), &[x, y]).to_vec(),
            15 => custom(Three("three"), &[x, x]).to_vec(),
            16 => vec![x.abs()],
            17 => vec![x.powi(0) + y],
            18 => vec![x.signum() * y],
            _ => vec![x.sin()],
        };
        values.extend(made);
    }
    values
}
