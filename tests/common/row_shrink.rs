//! The smallest case that still fails, found by leaving out and simplifying one thing after the other.

#![allow(dead_code, reason = "each test uses its part")]

use super::row_cases::{Case, Step};
use gradtape::op::{Arity, Op};
use gradtape::program::Pass;

/// Shrink a case as long as something smaller still `fails`.
pub fn shrink(mut case: Case, mut fails: impl FnMut(&Case) -> bool) -> Case {
    let mut left = 4000;
    loop {
        let mut smaller = None;
        for candidate in candidates(&case) {
            if left == 0 {
                return case;
            }
            left -= 1;
            if fails(&candidate) {
                smaller = Some(candidate);
                break;
            }
        }
        match smaller {
            Some(smaller) => case = smaller,
            None => return case,
        }
    }
}

/// Everything that is a bit smaller, the largest savings first.
fn candidates(case: &Case) -> Vec<Case> {
    let mut all = Vec::new();
    let mut add = |change: &dyn Fn(&mut Case)| {
        let mut smaller = case.clone();
        change(&mut smaller);
        all.push(smaller);
    };
    let inputs = case.recorded_at.len();
    let len = case.steps.len();
    // The first steps alone, the last of them being the output.
    for end in [len / 8, len / 4, len / 2, 3 * len / 4, 7 * len / 8, len.saturating_sub(1)] {
        if end < len {
            add(&|case| {
                case.steps.truncate(end);
                case.outputs = vec![inputs + end - usize::from(inputs + end > 0)];
            });
        }
    }
    if case.outputs.len() > 1 {
        for &output in &case.outputs {
            add(&|case| case.outputs = vec![output]);
        }
    }
    rows(case, &mut add);
    steps(case, &mut add);
    // Simpler numbers, one after the other.
    for at in 0..case.shared.len() {
        if ![0.0, 1.0].contains(&case.shared[at]) {
            add(&|case| case.shared[at] = 1.0);
        }
    }
    for at in 0..case.numbers.len() {
        if ![0.0, 1.0].contains(&case.numbers[at]) {
            add(&|case| case.numbers[at] = 1.0);
        }
    }
    all
}

type Add<'a> = &'a mut dyn FnMut(&dyn Fn(&mut Case));

fn rows(case: &Case, add: Add<'_>) {
    let (count, width) = (case.count(), case.width);
    if case.chosen.is_some() {
        add(&|case| case.chosen = None);
    }
    if case.weights.is_some() {
        add(&|case| case.weights = None);
    }
    if case.by_columns {
        add(&|case| case.by_columns = false);
    }
    if case.chosen.is_none() && count > 1 {
        let keep = |case: &mut Case, rows: std::ops::Range<usize>| {
            case.numbers = case.numbers[rows.start * width..rows.end * width].to_vec();
            if let Some(weights) = &mut case.weights {
                *weights = weights[rows].to_vec();
            }
        };
        for row in 0..count {
            add(&|case| keep(case, row..row + 1));
        }
        add(&|case| keep(case, 0..count / 2));
        add(&|case| keep(case, count / 2..count));
        add(&|case| keep(case, 0..count - 1));
    }
    for passes in [vec![], vec![Pass::Dead]] {
        if case.passes.len() > passes.len() {
            add(&|case| case.passes.clone_from(&passes));
        }
    }
}

fn steps(case: &Case, add: Add<'_>) {
    for (k, step) in case.steps.iter().enumerate().rev() {
        // A step that nothing uses does no harm where it is; those that are used go first.
        let operands = step.operands();
        if matches!(step, Step::Same(_)) {
            continue;
        }
        for &operand in operands.iter().take(3) {
            add(&|case| case.steps[k] = Step::Same(operand));
        }
        if !matches!(step, Step::Constant(_)) {
            add(&|case| case.steps[k] = Step::Constant(1.0));
        }
        let Step::Apply(op, at, c) = step else { continue };
        if op.arity() != Arity::Nary || at.is_empty() {
            continue;
        }
        // Fewer terms: the first half, the second, all but one.
        let (term, bias) = match op {
            Op::Dot => (2, 0),
            Op::Affine => (2, 1),
            Op::AffineData => (1, 1),
            _ => (1, 0),
        };
        let terms = (at.len() - bias) / term;
        for kept in [0..terms / 2, terms / 2..terms, 1..terms, 0..terms.saturating_sub(1)] {
            if kept.len() >= terms {
                continue;
            }
            let mut operands = at[kept.start * term..kept.end * term].to_vec();
            operands.extend(&at[at.len() - bias..]);
            let constants = if c.is_empty() { vec![] } else { c[kept].to_vec() };
            add(&|case| case.steps[k] = Step::Apply(*op, operands.clone(), constants.clone()));
        }
    }
}

/// A case in print: the program, and what it runs on.
pub fn print(case: &Case) -> String {
    let program = case.program();
    let bits = |x: &[f64]| {
        let one = |x: &f64| format!("{x:e} ({:016x})", x.to_bits());
        x.iter().map(one).collect::<Vec<_>>().join(", ")
    };
    let mut text = format!("{}passes {:?}\n", program.program(), case.passes);
    text += &format!("{} shared inputs: {}\n", case.shared.len(), bits(&case.shared));
    let rows = case.numbers.chunks(case.width).take(20);
    rows.enumerate().for_each(|(i, row)| text += &format!("row {i}: {}\n", bits(row)));
    if let Some(weights) = &case.weights {
        text += &format!("weights: {}\n", bits(weights));
    }
    if let Some(chosen) = &case.chosen {
        text += &format!("chosen: {chosen:?}\n");
    }
    text
}
