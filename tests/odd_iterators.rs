//! Sums and dot products take any iterator: one that records, sums, clears, rewinds, changes tapes or
//! panics while it is being walked. The node is right, or the misuse is refused.

#[path = "common/panics.rs"]
mod panics;

use gradtape::{Tape, Var, affine, dot, gradient, log_sum_exp, sum, sum_squares};
use panics::{attempt, message_of, panics_saying, says};

/// Lengths around every place where a buffer could end.
const LENGTHS: [usize; 14] = [0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 64, 200];

/// The terms of a sum, as values and variables: some plain leaves, some recorded when asked for.
struct Terms {
    tape: Tape,
    leaves: Vec<Var>,
}

impl Terms {
    fn new(count: usize) -> Terms {
        let tape = Tape::new();
        let leaves = (0..count).map(|i| tape.var(value(i))).collect();
        Terms { tape, leaves }
    }

    /// Check that the derivative of `y` with respect to leaf `i` is `slope(i)`.
    #[track_caller]
    fn check(&self, y: Var, value: f64, slope: impl Fn(usize) -> f64) {
        assert_eq!(y.value(), value, "the value of {} terms", self.leaves.len());
        let gradient = self.tape.backward(&[(y, 1.0)]);
        for (i, &leaf) in self.leaves.iter().enumerate() {
            assert_eq!(gradient.wrt(leaf), slope(i), "slope {i} of {}", self.leaves.len());
        }
    }
}

fn value(i: usize) -> f64 {
    (i as f64 * 0.7).sin() + 0.25
}

/// The sum from left to right, as the engine promises to add.
fn added(terms: impl Iterator<Item = f64>) -> f64 {
    terms.reduce(|total, term| total + term).unwrap_or(0.0)
}

#[test]
fn sums_of_any_length_are_right() {
    for n in LENGTHS {
        let terms = Terms::new(n);
        terms.check(sum(&terms.leaves), added((0..n).map(value)), |_| 1.0);
        let squares = added((0..n).map(|i| value(i) * value(i)));
        terms.check(sum_squares(&terms.leaves), squares, |i| 2.0 * value(i));
    }
}

#[test]
fn dot_products_of_any_length_are_right() {
    for n in LENGTHS {
        let terms = Terms::new(n);
        let data: Vec<f64> = (0..n).map(|i| value(i + 5)).collect();
        let product = added((0..n).map(|i| value(i) * data[i]));
        terms.check(dot(&terms.leaves, &data), product, |i| data[i]);
        let bias = terms.tape.var(0.5);
        terms.check(affine(&terms.leaves, &data, bias), product + 0.5, |i| data[i]);
        let reversed = terms.leaves.iter().rev();
        let product = added((0..n).map(|i| value(i) * value(n - 1 - i)));
        let y = dot(&terms.leaves, reversed);
        terms.check(y, product, |i| 2.0 * value(n - 1 - i));
    }
}

#[test]
fn a_constant_may_stand_at_any_place() {
    for n in [1, 2, 8, 9, 17, 40] {
        for at in 0..n {
            let terms = Terms::new(n);
            let constant = |i: usize| i == at;
            let term = |i: usize| {
                if constant(i) { value(i).into() } else { terms.leaves[i] }
            };
            let slope = |i: usize| if constant(i) { 0.0 } else { 1.0 };
            terms.check(sum((0..n).map(term)), added((0..n).map(value)), slope);
            // The constants change sides, and one pair is of variables alone.
            let left = |i: usize| {
                if i.is_multiple_of(2) { terms.leaves[i] } else { value(i + 1).into() }
            };
            let right = |i: usize| match i.is_multiple_of(2) && !constant(i) {
                true => Var::from(value(i + 1)),
                false => terms.leaves[i],
            };
            let products = (0..n).map(|i| left(i).value() * right(i).value());
            let slope = |i: usize| match (i.is_multiple_of(2), constant(i)) {
                (true, true) => 2.0 * value(i),
                _ => value(i + 1),
            };
            terms.check(dot((0..n).map(left), (0..n).map(right)), added(products), slope);
        }
    }
}

#[test]
fn terms_may_be_recorded_while_they_are_gathered() {
    for n in LENGTHS {
        let terms = Terms::new(n);
        let x = &terms.leaves;
        terms.check(sum(x.iter().map(|&x| x * x)), added((0..n).map(|i| value(i).powi(2))), |i| {
            value(i) + value(i)
        });
        // A constant is kept: the pools are written to.
        let doubled = added((0..n).map(|i| 2.0 * value(i)));
        terms.check(sum(x.iter().map(|&x| x * 2.0)), doubled, |_| 2.0);
        let data = added((0..n).map(|i| 2.0 * value(i) * 3.0));
        let y = dot(x.iter().map(|&x| x * 2.0), (0..n).map(|_| Var::from(3.0)));
        terms.check(y, data, |_| 6.0);
    }
}

#[test]
fn one_term_recorded_among_plain_ones_is_right_at_any_place() {
    let records: [fn(Var) -> Var; 4] =
        [|x| x * x, |x| x * 2.0, |x| sum(&[x, x, x]), |x| x.mul_add(x, 1.0)];
    for n in [1, 2, 8, 9, 17, 40] {
        for at in 0..n {
            for record in records {
                let terms = Terms::new(n);
                let x = &terms.leaves;
                let term = |i: usize| if i == at { record(x[i]) } else { x[i] };
                let slope_there = gradient(|x| record(x[0]), &[value(at)])[0];
                let values: Vec<f64> = (0..n).map(|i| term(i).value()).collect();
                let slope = |i: usize| if i == at { slope_there } else { 1.0 };
                terms.check(sum((0..n).map(term)), added(values.iter().copied()), slope);
                let weights = (0..n).map(|i| value(i + 3)).collect::<Vec<_>>();
                let total = added(values.iter().zip(&weights).map(|(a, b)| a * b));
                let y = dot((0..n).map(term), &weights);
                terms.check(y, total, |i| slope(i) * weights[i]);
            }
        }
    }
}

#[test]
fn sums_inside_sums_are_right() {
    let f = |x: &[Var]| {
        sum((0..20).map(|i| {
            sum((0..20)
                .map(|j| dot(&x[..1 + j % 2], &x[1 - j % 2..][..1 + j % 2]) * f64::from(i as u32)))
        }))
    };
    // j even: x₀·x₁; j odd: x₀·x₀ + x₁·x₁. Over i: the sum of 0..20.
    let want = [190.0 * 10.0 * (3.0 + 2.0 * 2.0), 190.0 * 10.0 * (2.0 + 2.0 * 3.0)];
    assert_eq!(gradient(f, &[2.0, 3.0]), want);
}

#[test]
fn a_front_door_may_be_used_while_terms_are_gathered() {
    let f = |x: &[Var]| {
        sum((0..40).map(|i| {
            let three = gradient(|z| sum(z) * 3.0, &[1.0, 2.0])[0];
            x[i % 2] * three
        }))
    };
    assert_eq!(gradient(f, &[1.0, 2.0]), [60.0, 60.0]);
    let f = |x: &[Var]| sum((0..40).map(|_| gradient(|z| z[0].powi(3) * z[1], x)[0]));
    assert_eq!(gradient(f, &[2.0, 5.0]), [40.0 * 6.0 * 2.0 * 5.0, 40.0 * 3.0 * 4.0]);
}

#[test]
fn another_tape_may_be_used_while_terms_are_gathered() {
    let (a, b) = (Terms::new(20), Tape::new());
    let y = sum(a.leaves.iter().map(|&x| {
        let other = b.var(x.value());
        x * sum(&[other, other]).backward().wrt(other)
    }));
    a.check(y, added((0..20).map(|i| value(i) * 2.0)), |_| 2.0);
}

#[test]
fn variables_of_two_tapes_in_one_sum_are_refused_at_any_place() {
    for n in [2, 8, 9, 17, 40] {
        for at in 0..n {
            let terms = Terms::new(n);
            let other = Tape::new();
            let y = other.var(1.0).label("foreign");
            let term = |i: usize| if i == at { y } else { terms.leaves[i] };
            panics_saying(&["`foreign`", "two tapes"], || sum((0..n).map(term)));
            panics_saying(&["`foreign`", "two tapes"], || log_sum_exp((0..n).map(term)));
            panics_saying(&["`foreign`", "two tapes"], || dot((0..n).map(term), vec![1.0; n]));
            panics_saying(&["`foreign`", "two tapes"], || dot(&terms.leaves, (0..n).map(term)));
            terms.check(sum(&terms.leaves), added((0..n).map(value)), |_| 1.0);
        }
    }
}

#[test]
fn an_iterator_that_clears_its_tape_is_refused_at_any_place() {
    for n in [1, 2, 8, 9, 17, 40] {
        for at in 0..n {
            for refill in [0, 3, 100] {
                let terms = Terms::new(n);
                let clears = |i: usize| {
                    if i == at {
                        terms.tape.clear();
                        let again = terms.tape.vars(&vec![7.0; refill]);
                        let _ = dot(&again, &again) + dot(&again, &vec![1.0; refill]);
                    }
                    terms.leaves[i]
                };
                panics_saying(&["cleared or rewound"], || sum((0..n).map(clears)));
                panics_saying(&["cleared or rewound"], || dot((0..n).map(clears), vec![1.0; n]));
            }
        }
    }
}

#[test]
fn an_iterator_that_rewinds_its_tape_is_refused_or_right() {
    for n in [1, 2, 8, 9, 17, 40] {
        for at in 0..n {
            let terms = Terms::new(n);
            let mark = terms.tape.mark();
            let rewinds = |i: usize| {
                if i == at {
                    let _ = dot(&terms.leaves, &terms.leaves) * 2.0;
                    terms.tape.rewind(mark);
                    let _ = terms.leaves[0] * 3.0;
                }
                // All leaves stand before the mark.
                terms.leaves[i]
            };
            let want = added((0..n).map(value));
            match attempt(|| sum((0..n).map(rewinds))) {
                Ok(y) => terms.check(y, want, |_| 1.0),
                Err(message) => says(&message, &["cleared or rewound"]),
            }
            terms.check(sum(&terms.leaves), want, |_| 1.0);
        }
    }
}

#[test]
fn an_iterator_that_panics_leaves_the_tape_whole() {
    let terms = Terms::new(40);
    for at in [0, 1, 7, 8, 9, 39] {
        let panics = |i: usize| {
            if i == at { panic!("at {i}") } else { terms.leaves[i] }
        };
        assert_eq!(message_of(|| sum((0..40).map(panics))), format!("at {at}"));
        assert_eq!(message_of(|| dot((0..40).map(panics), [1.0; 40])), format!("at {at}"));
        terms.check(sum(&terms.leaves), added((0..40).map(value)), |_| 1.0);
        let y = dot(&terms.leaves, [2.0; 40]);
        terms.check(y, added((0..40).map(|i| value(i) * 2.0)), |_| 2.0);
    }
}

#[test]
fn an_iterator_that_ends_and_starts_again_is_asked_only_once() {
    let tape = Tape::new();
    let x = tape.var(2.0);
    for n in [0, 1, 8, 16, 17] {
        let mut asked = 0;
        let unfused = std::iter::from_fn(|| {
            asked += 1;
            // Ends after n terms, then goes on.
            (asked != n + 1).then_some(x)
        });
        assert_eq!(sum(unfused).value(), 2.0 * f64::from(n));
        assert_eq!(asked, n + 1);
    }
}

/// An iterator that claims another length than it has.
struct Claims<I>(I, (usize, Option<usize>));

impl<I: Iterator> Iterator for Claims<I> {
    type Item = I::Item;
    fn next(&mut self) -> Option<I::Item> {
        self.0.next()
    }
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.1
    }
}

#[test]
fn what_an_iterator_claims_of_its_length_is_not_relied_on() {
    let few = [0, 1, 2, 15, 16, 17, 1000];
    let claims = few.into_iter().chain([usize::MAX / 16, usize::MAX]);
    for claim in claims.flat_map(|n| [(n, Some(n)), (n, None), (0, Some(n)), (n, Some(0))]) {
        for n in LENGTHS {
            let terms = Terms::new(n);
            let leaves = || Claims(terms.leaves.iter().copied(), claim);
            let data = || Claims((0..n).map(|i| Var::from(value(i + 3))), claim);
            terms.check(sum(leaves()), added((0..n).map(value)), |_| 1.0);
            terms.check(leaves().sum(), added((0..n).map(value)), |_| 1.0);
            let product = added((0..n).map(|i| value(i) * value(i + 3)));
            terms.check(dot(leaves(), data()), product, |i| value(i + 3));
            terms.check(affine(leaves(), data(), Var::from(0.5)), product + 0.5, |i| value(i + 3));
            let squares = added((0..n).map(|i| value(i) * value(i)));
            terms.check(dot(leaves(), leaves()), squares, |i| 2.0 * value(i));
        }
    }
}

/// The terms wait while others are summed, also once they are too many for the stack.
#[test]
fn sums_inside_long_sums_are_right_at_every_depth() {
    fn nested(x: &[Var], depth: usize) -> Var {
        let chosen = |i: usize| if i == 43 { 1.0 } else { 0.0 };
        match depth {
            0 => sum(x.iter().map(|&x| x * 2.0)),
            _ => sum((0..x.len()).map(|i| nested(&x[..=i], depth - 1) * chosen(i))),
        }
    }
    let terms = Terms::new(50);
    let y = nested(&terms.leaves, 2);
    let want = added((0..44).map(|i| value(i) * 2.0));
    terms.check(y, want, |i| if i < 44 { 2.0 } else { 0.0 });
}

#[test]
fn a_log_sum_exp_of_any_length_has_the_softmax_as_its_gradient() {
    for n in LENGTHS.into_iter().skip(1) {
        let terms = Terms::new(n);
        let y = log_sum_exp(&terms.leaves);
        let total: f64 = (0..n).map(|i| value(i).exp()).sum();
        approx::assert_relative_eq!(y.value(), total.ln(), max_relative = 1e-14, epsilon = 1e-15);
        let gradient = y.backward();
        for (i, &leaf) in terms.leaves.iter().enumerate() {
            let want = value(i).exp() / total;
            approx::assert_relative_eq!(gradient.wrt(leaf), want, max_relative = 1e-13);
        }
    }
}
