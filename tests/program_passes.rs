//! Each pass by itself: what it removes, what it must leave, and that no bit of a value changes.

#[path = "common/property.rs"]
mod property;

mod common {
    pub mod code;
    pub mod numeric;
    pub mod programs;
}

use common::code::Pair;
use common::numeric::{same, same_bits};
use common::programs::{PASSES, SPECIAL, numbers, outputs, record_plain, value_and_gradient};
use gradtape::program::{Pass, Program, Workspace};
use gradtape::{Real, Var, affine, custom, dot, gradient, sum};
use property::config;
use proptest::prelude::*;

/// How many instructions are left of `f` after a pass, and at first. Values are compared at special points.
#[track_caller]
fn lengths<Y: AsRef<[Var]>>(pass: Pass, f: impl Fn(&[Var]) -> Y) -> (usize, usize) {
    let plain = record_plain(f, &[1.5, 0.75, -2.0]);
    let passed = plain.clone().optimized(&[pass]);
    for x in SPECIAL {
        for y in SPECIAL {
            let point = [x, y, 0.5];
            let (found, expected) = (outputs(&passed, &point), outputs(&plain, &point));
            let equal = found.iter().zip(&expected).all(|(a, b)| same_bits(*a, *b));
            assert!(equal, "{found:?}, not {expected:?}, at {point:?}");
        }
    }
    (passed.len(), plain.len())
}

/// Check that a pass leaves everything as it is.
#[track_caller]
fn leaves<Y: AsRef<[Var]>>(pass: Pass, f: impl Fn(&[Var]) -> Y) {
    let (after, before) = lengths(pass, f);
    assert_eq!(after, before);
}

/// Check that a pass leaves `expected` instructions, which are fewer than there were.
#[track_caller]
fn shortens<Y: AsRef<[Var]>>(pass: Pass, expected: usize, f: impl Fn(&[Var]) -> Y) {
    let (after, before) = lengths(pass, f);
    assert!(after == expected && after < before, "{after} of {before} are left");
}

/// A constant that only a pass can see to be one.
fn hidden(x: Var, constant: f64) -> Var {
    x.powi(0) * constant
}

// Dead.

#[test]
fn dead_drops_what_no_output_and_no_guard_needs() {
    shortens(Pass::Dead, 1, |x| {
        let _ = (x[1] * x[2]).sin() + x[0];
        [x[0].exp()]
    });
    shortens(Pass::Dead, 0, |x| {
        let _ = custom(Pair, &x[..2]);
        [x[0]]
    });
    // All of it is needed by the guard.
    let plain = record_plain(
        |x| {
            assert!((x[0] * 2.0).sin() > 0.0);
            [x[0]]
        },
        &[1.0],
    );
    assert_eq!(plain.optimized(&[Pass::Dead]).len(), 2);
}

/// One call computes all its outputs: they are live or dead together.
#[test]
fn dead_keeps_a_call_with_one_dead_output_whole() {
    for live in [0, 1] {
        leaves(Pass::Dead, |x| [custom(Pair, &[x[0].sin(), x[1]])[live] + 1.0]);
        let f = |x: &[Var]| custom(Pair, &[x[0].sin(), x[1]])[live] * x[2];
        let dead = Program::record(
            |x| {
                let _ = custom(Pair, &[x[2], x[1]]);
                [f(x)]
            },
            &[0.5, 0.25, 2.0],
        );
        assert_eq!(dead.len(), 4);
        let x = [-0.75, 1.5, 3.0];
        assert_eq!(value_and_gradient(&dead, &x).1, gradient(f, &x));
    }
}

// Identities.

#[test]
fn identities_remove_what_changes_no_bit() {
    let vanish: [fn(Var) -> Var; 10] = [
        |x| x * 1.0,
        |x| x / 1.0,
        |x| x + -0.0,
        |x| x - 0.0,
        |x| x.powi(1),
        |x| -(-x),
        |x| x * -1.0 / -1.0,
        |x| Var::from(-0.0) - (-x),
        |x| sum([x]),
        |x| dot([x], [1.0]),
    ];
    for (k, f) in vanish.into_iter().enumerate() {
        let (pass, x0) = ([Pass::Identities, Pass::Dead], [1.5]);
        let program = record_plain(|x| [f(x[0])], &x0).optimized(&pass);
        assert!(program.is_empty(), "{k}: {program:?}");
        shortened_values(&program, |x| x);
    }
}

/// Compare the values of a program of one input with `f` at special points.
#[track_caller]
fn shortened_values(program: &Program, f: impl Fn(f64) -> f64) {
    for x in SPECIAL {
        let (found, expected) = (outputs(program, &[x])[0], f(x));
        assert!(same_bits(found, expected), "{found:?}, not {expected:?}, at {x:?}");
    }
}

#[test]
fn identities_leave_what_changes_a_zero_a_nan_or_a_last_bit() {
    let stay: [fn(Var) -> Var; 12] = [
        |x| x + 0.0,
        |x| x - -0.0,
        |x| Var::from(0.0) - x,
        |x| x * 0.0,
        |x| x * -0.0,
        |x| x / 3.0,
        |x| x / 10.0,
        |x| x - x,
        |x| x / x,
        |x| x.sqrt().square(),
        |x| x.exp().ln(),
        |x| x + f64::NAN,
    ];
    stay.into_iter().for_each(|f| leaves(Pass::Identities, |x| [f(x[0])]));
}

#[test]
fn a_quotient_becomes_a_product_only_if_no_bit_changes() {
    let least = f64::MIN_POSITIVE;
    let divisors = [4.0, -0.25, 3.0, 10.0, least, least / 2.0, 5e-324, 2f64.powi(1023), 0.0, -0.0];
    let more = [f64::INFINITY, f64::NAN, f64::MAX, 1.5, 2f64.powi(1022), -2f64.powi(1023)];
    for c in divisors.into_iter().chain(more) {
        let plain = record_plain(|x| [x[0] / c], &[1.5]);
        let passed = plain.clone().optimized(&[Pass::Identities]);
        shortened_values(&passed, |x| x / c);
        // Slopes too, and at all exponents.
        for exponent in -1074..=1023 {
            let x = 1.7 * f64::from(exponent).exp2();
            let (found, expected) = (value_and_gradient(&passed, &[x]), (x / c, 1.0 / c));
            assert!(same_bits(found.0, expected.0), "{x:e} / {c:e} is {}", found.0);
            assert!(same_bits(found.1[0], expected.1), "the slope of x / {c:e} is {:?}", found.1);
        }
    }
}

// Fold.

#[test]
fn fold_computes_what_depends_on_no_input() {
    // From here on all is one constant; that x⁰ is 1 is found by Identities.
    let f = |x: &[Var]| [((hidden(x[0], 2.0) + 3.0).sqrt() * hidden(x[1], 0.5)).sin() + x[2]];
    let both = [Pass::Identities, Pass::Fold, Pass::Dead];
    let program = Program::record(f, &[1.5, 0.75, -2.0]);
    let folded = record_plain(f, &[1.5, 0.75, -2.0]).optimized(&both);
    let expected = (5f64.sqrt() * 0.5).sin() + 7.0;
    for program in [program, folded] {
        assert_eq!((program.len(), outputs(&program, &[9.0, 8.0, 7.0])), (1, vec![expected]));
    }
}

/// Every binary operation with a constant that only a pass sees, on either side.
#[test]
fn fold_keeps_a_constant_operand_in_the_instruction_without_changing_a_bit() {
    let operations: [fn(Var, Var) -> Var; 11] = [
        |x, y| x + y,
        |x, y| x - y,
        |x, y| x * y,
        |x, y| x / y,
        |x, y| x % y,
        |x, y| x.pow(y),
        |x, y| x.min(y),
        |x, y| x.max(y),
        |x, y| x.atan2(y),
        |x, y| x.hypot(y),
        |x, y| x.compare(y),
    ];
    for (k, f) in operations.into_iter().enumerate() {
        for c in SPECIAL {
            let passes = [Pass::Identities, Pass::Fold];
            let sides = |x: &[Var]| [f(x[0], hidden(x[1], c)), f(hidden(x[1], c), x[0])];
            let plain = record_plain(sides, &[1.5, 2.5]);
            let passed = plain.clone().optimized(&passes);
            for x in SPECIAL {
                // The hidden constant is what it says at ordinary x[1].
                let point = [x, 2.5];
                let (found, expected) = (outputs(&passed, &point), outputs(&plain, &point));
                // Of 0 and -0 Rust's own `min` may return either.
                let same = if k == 6 || k == 7 { same } else { same_bits };
                let equal = found.iter().zip(&expected).all(|(a, b)| same(*a, *b));
                assert!(equal, "{found:?}, not {expected:?}, at {x:?} with {c:?}");
            }
        }
    }
}

/// A custom operation may do something else each time.
#[test]
fn fold_leaves_calls_alone() {
    let f = |x: &[Var]| [custom(Pair, &[hidden(x[0], 2.0), hidden(x[0], 3.0)])[0] + x[1]];
    let program = Program::record(f, &[1.0, 1.0]);
    assert_eq!(outputs(&program, &[5.0, 0.5]), [8.5]);
    assert_eq!(program.len(), 5, "two constants, two outputs, one sum");
}

// Share.

#[test]
fn share_computes_equal_things_once_through_chains() {
    shortens(Pass::Share, 1, |x| [x[0].sin(), x[0].sin()]);
    shortens(Pass::Share, 1, |x| [x[0] + x[1], x[1] + x[0]]);
    shortens(Pass::Share, 1, |x| [x[0] * x[1], x[1] * x[0]]);
    shortens(Pass::Share, 1, |x| [x[0].mul_add(x[1], x[2]), x[1].mul_add(x[0], x[2])]);
    shortens(Pass::Share, 2, |x| [x[0].min(x[1]), x[1].min(x[0]), x[0].max(x[1]), x[1].max(x[0])]);
    shortens(Pass::Share, 1, |x| [x[0] * 3.0, 3.0 * x[0]]);
    shortens(Pass::Share, 3, |x| [(x[0] * x[1]).exp() - x[2], (x[1] * x[0]).exp() - x[2]]);
    shortens(Pass::Share, 1, |x| [x[0] + f64::NAN, x[0] + f64::NAN]);
    shortens(Pass::Share, 1, |x| [x[0].clamp(-1.0, 2.0), x[0].clamp(-1.0, 2.0)]);
    shortens(Pass::Share, 1, |x| [sum(x), sum(x)]);
    shortens(Pass::Share, 1, |x| [dot(x, [1.0, 2.0, 3.0]), dot(x, [1.0, 2.0, 3.0])]);
    shortens(Pass::Share, 1, |x| {
        [affine(&x[..1], &x[1..2], x[2]), affine(&x[..1], &x[1..2], x[2])]
    });
}

#[test]
fn share_keeps_apart_what_only_looks_equal() {
    leaves(Pass::Share, |x| [x[0] + 0.0, x[0] + -0.0]);
    leaves(Pass::Share, |x| [x[0] * 0.0, x[0] * -0.0]);
    leaves(Pass::Share, |x| [x[0].atan2(0.0), x[0].atan2(-0.0)]);
    leaves(Pass::Share, |x| [x[0].min(x[1]), x[0].max(x[1]), x[0].min(x[2]), x[0].max(x[2])]);
    leaves(Pass::Share, |x| [x[0] - x[1], x[1] - x[0], x[0] / x[1], x[1] / x[0]]);
    leaves(Pass::Share, |x| [x[0].compare(x[1]), x[1].compare(x[0]), x[0] % x[1], x[1] % x[0]]);
    leaves(Pass::Share, |x| [x[0].pow(x[1]), x[1].pow(x[0]), x[0].atan2(x[1]), x[1].atan2(x[0])]);
    leaves(Pass::Share, |x| [x[0].mul_add(x[1], x[2]), x[0].mul_add(x[2], x[1])]);
    leaves(Pass::Share, |x| [x[0] * 2.0, x[0] + 2.0, x[0] / 2.0, 2.0 / x[0], 2.0 - x[0]]);
    leaves(Pass::Share, |x| [x[0].clamp(-1.0, 2.0), x[0].clamp(-1.0, 3.0), x[0].clamp(-2.0, 2.0)]);
    leaves(Pass::Share, |x| [sum([x[0], x[1], x[2]]), sum([x[1], x[0], x[2]])]);
    leaves(Pass::Share, |x| [sum([x[0], x[1]]), dot([x[0]], [x[1]])]);
    leaves(Pass::Share, |x| [dot(x, [1.0, 0.0, 3.0]), dot(x, [1.0, -0.0, 3.0])]);
    leaves(Pass::Share, |x| [dot(&x[..2], [1.0, 2.0]), affine(&x[..1], [1.0], x[1])]);
    leaves(Pass::Share, |x| [x[0].powi(3), x[0].powi(-3), x[0].powf(3.0)]);
    // Two calls may be two draws of a random number.
    leaves(Pass::Share, |x| [custom(Pair, &x[..2])[0], custom(Pair, &x[..2])[0]]);
    let payload = f64::from_bits(f64::NAN.to_bits() | 1);
    leaves(Pass::Share, |x| [x[0] + f64::NAN, x[0] + payload]);
}

// Fuse.

#[test]
fn fuse_makes_chains_one_instruction() {
    type Chain = fn(&[Var]) -> Var;
    let one: [Chain; 19] = [
        |x| x[0] + x[1] + x[2],
        |x| x[0] + (x[1] + x[2]),
        |x| x[0] + (x[1] + (x[2] + x[0])),
        |x| (x[2] + (x[0] + x[1])) + x[1],
        |x| x[0] * x[1] + x[2],
        |x| x[2] + x[0] * x[1],
        |x| x[0] * x[1] + x[1] * x[2],
        |x| x[0] * x[1] + x[1] * x[2] + x[0] * x[2] + x[1],
        |x| x[1] + (x[0] * x[1] + x[1] * x[2]),
        |x| x[0].square() + x[1].square() + x[2].square(),
        |x| x[0].square() + x[1] * x[2],
        |x| x[0].square() + x[1],
        |x| x[1] + x[0].square(),
        |x| x[0] * 2.0 + x[1] * 3.0,
        |x| x[0] * 2.0 + x[1] * 3.0 + x[2],
        |x| x[0] * 2.0 + x[1],
        |x| x[1] + x[0] * 2.0,
        |x| dot(&x[..2], &x[1..]) + x[0],
        |x| x[0] + dot(&x[..2], [2.0, 3.0]),
    ];
    for (k, f) in one.into_iter().enumerate() {
        let (after, before) = lengths(Pass::Fuse, |x| [f(x)]);
        assert!(after == 1 && before > 1, "chain {k}: {after} of {before}");
    }
}

#[test]
fn fuse_leaves_what_is_read_elsewhere() {
    // By an output, twice by one chain, by two chains, by a guard.
    leaves(Pass::Fuse, |x| {
        let part = x[0] + x[1];
        [part + x[2], part]
    });
    leaves(Pass::Fuse, |x| {
        let product = x[0] * x[1];
        [product + product]
    });
    leaves(Pass::Fuse, |x| {
        let product = x[0] * x[1];
        [product + x[2], product + x[0]]
    });
    leaves(Pass::Fuse, |x| [x[0] + x[0]]);
    leaves(Pass::Fuse, |x| [x[0] + x[1]]);
    leaves(Pass::Fuse, |x| [x[0] - x[1] - x[2], x[0] * x[1] - x[2]]);
    let plain = record_plain(
        |x| {
            let product = x[0] * x[1];
            assert!(product < 100.0);
            [product + x[2]]
        },
        &[1.0, 2.0, 3.0],
    );
    assert_eq!(plain.clone().optimized(&[Pass::Fuse]).len(), plain.len());
}

/// Both sides of an addition are chains: one is the chain, the other a term of it.
#[test]
fn fuse_keeps_the_order_of_the_additions() {
    let f = |x: &[Var]| [(x[0] + x[1] + x[2]) + (x[2] + x[1] + x[0])];
    shortens(Pass::Fuse, 2, f);
    let plain = record_plain(f, &[0.0; 3]);
    let x = [1e16, 1.0, -1e16];
    assert_eq!(outputs(&plain.optimized(&[Pass::Fuse]), &x), [0.0 + 0.0 + ((-1e16 + 1.0) + 1e16)]);
}

#[test]
fn every_pass_may_run_on_an_empty_program() {
    for pass in PASSES {
        let nothing = record_plain(|_| [] as [Var; 0], &[]).optimized(&[pass]);
        assert!(nothing.is_empty() && nothing.inputs() == 0 && nothing.outputs() == 0);
        let same = record_plain(|x| [x[0]], &[1.0]).optimized(&[pass]);
        assert_eq!((same.len(), outputs(&same, &[3.0])), (0, vec![3.0]));
    }
}

/// One step of a random chain; operands are picked among the values so far.
#[derive(Clone, Debug)]
enum Link {
    Add(usize, usize),
    Mul(usize, usize),
    Square(usize),
    Scale(usize, f64),
    Sub(usize, usize),
}

impl Link {
    fn run<S: Real>(&self, values: &[S]) -> S {
        let at = |pick: usize| values[values.len() - 1 - pick % values.len()];
        match *self {
            Link::Add(x, y) => at(x) + at(y),
            Link::Mul(x, y) => at(x) * at(y),
            Link::Square(x) => at(x).square(),
            Link::Scale(x, c) => at(x) * c,
            Link::Sub(x, y) => at(x) - at(y),
        }
    }
}

fn links() -> impl Strategy<Value = Vec<Link>> {
    // Mostly near picks: what is used once is what fuses.
    let pick = || prop_oneof![3 => 0..3usize, 1 => 0..40usize];
    let scale = prop::sample::select(vec![2.0, -3.0, 1.0, -0.0]);
    prop::collection::vec(
        prop_oneof![
            8 => (pick(), pick()).prop_map(|(x, y)| Link::Add(x, y)),
            4 => (pick(), pick()).prop_map(|(x, y)| Link::Mul(x, y)),
            1 => pick().prop_map(Link::Square),
            2 => (pick(), scale).prop_map(|(x, c)| Link::Scale(x, c)),
            1 => (pick(), pick()).prop_map(|(x, y)| Link::Sub(x, y)),
        ],
        1..25,
    )
}

fn chain<S: Real>(links: &[Link], x: &[S]) -> Vec<S> {
    let mut values = x.to_vec();
    links.iter().for_each(|link| values.push(link.run(&values)));
    values
}

/// A direction for second derivatives.
const V: [f64; 4] = [1.0, 2.0, 0.0, -1.0];

fn second(program: &Program, x: &[f64], v: &[f64]) -> Vec<f64> {
    let mut product = vec![0.0; x.len()];
    let workspace = &mut Workspace::new();
    program.hessian_vector(x, v, &mut product, workspace).expect("no branch");
    product
}

/// Tell whether at integers up to 2 every value and derivative on the way is an exact integer: they are no
/// larger than those of the chain with all signs positive and no factor below 1, which grow from node to
/// node.
fn is_exact(links: &[Link]) -> bool {
    let positive: Vec<Link> = links
        .iter()
        .map(|link| match *link {
            Link::Sub(x, y) => Link::Add(x, y),
            Link::Scale(x, c) => Link::Scale(x, c.abs().max(1.0)),
            ref other => other.clone(),
        })
        .collect();
    let f = |x: &[Var]| [chain(&positive, x).pop().expect("a value")];
    let (program, x) = (record_plain(f, &[2.0; 4]), [2.0; 4]);
    let (value, gradient) = value_and_gradient(&program, &x);
    let product = second(&program, &x, &[2.0; 4]);
    gradient.iter().chain(&product).fold(value, |sum, d| sum + d) < 2f64.powi(53)
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn fused_chains_have_the_bits_of_the_operators(
        links in links(),
        x in prop::collection::vec(numbers(), 4),
        also in any::<usize>(),
    ) {
        let outputs_of = |values: Vec<f64>| [values[values.len() - 1], values[also % values.len()]];
        let expected = outputs_of(chain(&links, &x));
        let f = |x: &[Var]| {
            let values = chain(&links, x);
            [values[values.len() - 1], values[also % values.len()]]
        };
        let plain = record_plain(f, &[1.0, -2.0, 0.5, 3.0]);
        for passes in [&[Pass::Fuse][..], &[Pass::Share, Pass::Fuse, Pass::Fuse], &Pass::ALL] {
            let program = plain.clone().optimized(passes);
            let found = outputs(&program, &x);
            let equal = found.iter().zip(expected).all(|(a, b)| same_bits(*a, b));
            prop_assert!(equal, "{found:?}, not {expected:?}, after {passes:?}");
        }
    }

    /// On integers every product and sum is exact, so that no order of additions shows.
    #[test]
    fn fused_chains_have_the_slopes_of_the_operators(
        links in links(),
        x in prop::collection::vec(prop::sample::select(vec![-1.0, 0.0, 1.0, 2.0]), 4),
    ) {
        prop_assume!(is_exact(&links));
        let f = |x: &[Var]| [chain(&links, x).pop().expect("a value")];
        let plain = record_plain(f, &[1.0, -2.0, 0.5, 3.0]);
        let (expected, product) = (value_and_gradient(&plain, &x), second(&plain, &x, &V));
        for passes in [&[Pass::Fuse][..], &[Pass::Share, Pass::Fuse], &Pass::ALL] {
            let program = plain.clone().optimized(passes);
            prop_assert_eq!(&value_and_gradient(&program, &x), &expected);
            prop_assert_eq!(second(&program, &x, &V), &product[..]);
        }
    }
}
