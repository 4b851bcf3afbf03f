//! Sharing beside a reference that works on the printed program: of two lines that say the same, once their operands
//! are renumbered, the second goes.

#[path = "common/seed.rs"]
mod seed;

mod common {
    pub mod code;
}

use common::code::Pair;
use gradtape::program::{Pass, Program};
use gradtape::{Tape, Var, affine, custom, dot, log_sum_exp, sum, sum_squares};
use seed::{random, seeds};
use std::collections::HashMap;

/// What the operation says once its operands are renumbered.
fn renumbered(text: &str, new: &[usize]) -> String {
    let mut pieces = text.split('%');
    let mut renumbered = pieces.next().unwrap_or_default().to_string();
    for piece in pieces {
        let end = piece.find(|c: char| !c.is_ascii_digit()).unwrap_or(piece.len());
        let old: usize = piece[..end].parse().expect("the number of a result");
        renumbered += &format!("%{}{}", new[old], &piece[end..]);
    }
    renumbered
}

/// The same for both orders of operands that may change places.
fn in_either_order(text: &str) -> String {
    let swapped = |a: &str, b: &str| a.starts_with('%') && b.starts_with('%') && b < a;
    for sign in [" + ", " * "] {
        // A sum or product of two results, which is all that the line says.
        if let Some((a, b)) = text.split_once(sign)
            && !text.contains('(')
            && !a.contains(' ')
            && !b.contains(' ')
            && swapped(a, b)
        {
            return format!("{b}{sign}{a}");
        }
    }
    for name in ["min(", "max(", "mul_add("] {
        if let Some((a, rest)) = text.strip_prefix(name).and_then(|rest| rest.split_once(", ")) {
            let end = rest.find([',', ')']).unwrap_or(rest.len());
            let (b, rest) = rest.split_at(end);
            if swapped(a, b) {
                return format!("{name}{b}, {a}{rest}");
            }
        }
    }
    text.to_string()
}

/// Share what is printed.
fn shared(printed: &str) -> Vec<String> {
    let (mut new, mut lines) = (Vec::new(), Vec::new());
    let mut seen: HashMap<String, usize> = HashMap::new();
    for line in printed.lines().skip(1) {
        let Some((_, text)) = line.split_once(" = ") else {
            lines.push(renumbered(line, &new));
            continue;
        };
        let text = renumbered(text, &new);
        // Inputs differ, and a custom operation may do something else each time.
        let is_unique = text == "input" || text.starts_with("pair");
        match seen.get(&in_either_order(&text)) {
            Some(&first) if !is_unique => new.push(first),
            _ => {
                seen.insert(in_either_order(&text), lines.len());
                new.push(lines.len());
                lines.push(format!("%{} = {text}", lines.len()));
            }
        }
    }
    lines
}

/// Compare a program after sharing with the reference; return how many instructions went.
#[track_caller]
fn compare(tape: &Tape, inputs: &[Var], outputs: &[Var]) -> usize {
    let plain = tape.freeze_with(inputs, outputs, &[]).expect("the inputs are all there is");
    let (before, found) = (plain.len(), plain.clone().optimized(&[Pass::Share]));
    let lines: Vec<String> = found.to_string().lines().skip(1).map(str::to_string).collect();
    let expected = shared(&plain.to_string());
    let at = lines.iter().zip(&expected).position(|(found, expected)| found != expected);
    let shown = at.map(|at| (&lines[at], &expected[at]));
    assert!(lines == expected, "{shown:?}, {} lines, not {}", lines.len(), expected.len());
    before - found.len()
}

/// A line of random code. The operands are the newest results, a few of the first, or any.
fn line(values: &[Var], random: &mut fastrand::Rng) -> Var {
    let kind = random.u32(0..4);
    let mut pick = || match kind {
        0 => values[random.usize(0..4.min(values.len()))],
        1 => values[random.usize(0..values.len())],
        _ => values[values.len() - 1 - random.usize(0..8.min(values.len()))],
    };
    let x: [Var; 6] = std::array::from_fn(|_| pick());
    let c = random.choice([-0.0, 0.0, 0.25, 3.0, -2.5]).unwrap_or_default();
    // Every operation prints in its own way: a sum of two would print like `+`, two squares like a dot product.
    let count = random.usize(2..=3);
    match random.u32(0..20) {
        0 => x[0].sin(),
        1 => -x[0],
        2 => x[0].square(),
        3 | 4 => x[0] + x[1],
        5 => x[0] - x[1],
        6 | 7 => x[0] * x[1],
        8 => x[0].min(x[1]),
        9 => x[0].max(x[1]),
        10 => x[0].mul_add(x[1], x[2]),
        11 => Var::select(x[0], x[1], x[2]),
        12 => x[0] * c,
        13 => x[0] + c,
        14 => x[0].clamp(-1.0, random.choice([1.0, 2.0]).unwrap_or(1.0)),
        15 => sum(x[..count + 1].iter().copied()),
        16 => dot(&x[..count], &x[3..3 + count]),
        17 => affine(&x[..count], &[c, 1.5, 2.0][..count], x[5]),
        18 => sum_squares(x[..4].iter().copied()) + log_sum_exp(x[3..3 + count].iter().copied()),
        _ => match random.u32(0..4) {
            0 => custom(Pair, &x[..2])[1],
            _ => dot(&x[..count], &[c, 1.5, 2.0][..count]),
        },
    }
}

#[test]
fn random_programs_share_what_the_reference_shares() {
    let mut removed = 0;
    for seed in seeds(300) {
        let mut random = random(seed);
        let tape = Tape::new();
        let inputs = tape.vars(&[0.5, -1.5, 2.0]);
        let mut values = inputs.clone();
        for _ in 0..random.usize(1..400) {
            values.push(line(&values, &mut random));
        }
        let outputs: Vec<Var> = (0..3).map(|_| values[random.usize(0..values.len())]).collect();
        removed += compare(&tape, &inputs, &outputs);
    }
    assert!(removed > 1_000, "only {removed} instructions were shared");
}

/// Far more read one result than there are slots beside it.
#[test]
fn readers_of_one_result_are_shared_however_many_there_are() {
    let tape = Tape::new();
    let inputs = tape.vars(&[0.5, 1.5]);
    let all: Vec<Var> = (0..3_000).map(|i| inputs[1] * f64::from(i % 1_000)).collect();
    let pairs: Vec<Var> = (0..2_000).map(|i| all[999] + all[(i * 7) % 1_000]).collect();
    let outputs = [sum(all.iter().copied()), sum(pairs.iter().copied())];
    assert_eq!(compare(&tape, &inputs, &outputs), 2_000 + 1_000);
}

/// A determinant by minors, without remembering them: what is left are the minors.
#[test]
fn minors_that_are_computed_again_and_again_are_computed_once() {
    fn det(x: &[Var], size: usize, row: usize, columns: &[usize]) -> Var {
        if let [column] = columns {
            return x[row * size + column];
        }
        let terms = columns.iter().map(|&column| {
            let others: Vec<usize> = columns.iter().copied().filter(|&c| c != column).collect();
            x[row * size + column] * det(x, size, row + 1, &others)
        });
        terms.enumerate().map(|(i, term)| if i % 2 == 0 { term } else { -term }).sum()
    }
    const SIZE: usize = 7;
    let numbers: Vec<f64> = (0..SIZE * SIZE).map(|i| f64::from(i as u32).sin()).collect();
    let tape = Tape::new();
    let inputs = tape.vars(&numbers);
    let output = det(&inputs, SIZE, 0, &[0, 1, 2, 3, 4, 5, 6]);
    let recorded = tape.len() - inputs.len();
    let removed = compare(&tape, &inputs, &[output]);
    // Of each set of k ≥ 2 columns one minor: k products, k / 2 signs, one sum.
    let choose = |k: usize| (0..k).fold(1, |ways, i| ways * (SIZE - i) / (i + 1));
    let left: usize = (2..=SIZE).map(|k| choose(k) * (k + k / 2 + 1)).sum();
    assert_eq!(recorded - removed, left);
    let program: Program = tape.freeze(&inputs, &[output]).expect("all inputs are listed");
    assert!(program.len() <= left);
}
