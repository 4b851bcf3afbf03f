//! Terms of a sum as they come: from iterators that record, sweep or rewind meanwhile, from other parts
//! of the tape, in any number.

mod common {
    pub mod numeric;
}

use common::numeric::same_bits;
use gradtape::{Tape, Var, affine, dot, log_sum_exp, sum, sum_squares};

#[test]
fn terms_may_be_recorded_while_they_are_summed() {
    let (a, n) = ([0.3, 1.7, -0.4], 3);
    let tape = Tape::new();
    let x = tape.vars(&a);
    let y = sum(x.iter().map(|x| x.sin() * 2.0));
    assert_eq!(tape.len(), n + 2 * n + 1);
    assert_eq!(y.backward().wrt_all(&x), a.map(|v| v.cos() * 2.0));
    let z = dot(x.iter().map(|x| x.exp()), x.iter().map(|x| x.square()));
    let w: Var = x.iter().map(|x| *x * *x).sum();
    let l = log_sum_exp(x.iter().map(|x| sum([*x, *x])));
    for i in 0..n {
        let v = a[i];
        assert!((z.backward().wrt(x[i]) - v.exp() * (v * v + 2.0 * v)).abs() < 1e-14);
        assert_eq!(w.backward().wrt(x[i]), 2.0 * v);
        let softmax = (2.0 * v).exp() / a.iter().map(|v| (2.0 * v).exp()).sum::<f64>();
        assert!((l.backward().wrt(x[i]) - 2.0 * softmax).abs() < 1e-15);
    }
}

/// A term that is not a node of the newest part of the tape in use takes another way in.
#[test]
fn one_odd_term_anywhere_in_a_long_sum_changes_nothing() {
    for n in [1, 2, 15, 16, 17, 31, 32, 33, 34, 64, 65, 100] {
        let tape = Tape::new();
        // What a rewind leaves standing counts apart from what comes after it.
        let old = tape.var(0.25);
        let mark = tape.mark();
        for odd_at in [0, 1, n / 2, n - 1] {
            for odd in [old, Var::from(0.25)] {
                tape.rewind(mark);
                let values: Vec<f64> = (0..n).map(|i| f64::from(i) * 0.1 - 1.0).collect();
                let mut x = tape.vars(&values);
                let data: Vec<f64> = (0..n).map(|i| 1.0 / (f64::from(i) + 0.3)).collect();
                let at = (odd_at as usize).min(x.len() - 1);
                x[at] = odd;
                let mut values = values;
                values[at] = 0.25;
                let (f, g) = (sum(&x), dot(&x, &data));
                let (h, k) = (dot(&x, &x), affine(data.iter().map(|&c| Var::from(c)), &x, x[0]));
                let context =
                    format!("{n} terms, odd one at {at}, constant: {}", odd.is_constant());
                assert!(same_bits(f.value(), sum(&values)), "sum of {context}");
                assert!(same_bits(g.value(), dot(&values, &data)), "dot with data of {context}");
                assert!(same_bits(h.value(), dot(&values, &values)), "dot of {context}");
                assert!(
                    same_bits(k.value(), affine(&data, &values, values[0])),
                    "affine of {context}"
                );
                for (i, &v) in x.iter().enumerate().filter(|(_, v)| !v.is_constant()) {
                    let bias = if i == 0 { 1.0 } else { 0.0 };
                    let slopes = [1.0, data[i], 2.0 * values[i], data[i] + bias];
                    for (form, slope) in [f, g, h, k].into_iter().zip(slopes) {
                        if !form.is_constant() {
                            assert_eq!(form.backward().wrt(v), slope, "term {i} of {context}");
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn terms_may_use_another_tape_while_they_are_summed() {
    let (outer, inner) = (Tape::new(), Tape::new());
    let x = outer.vars(&[0.5, 2.0, 3.0]);
    let y = sum(x.iter().map(|&x| {
        let z = inner.var(x.value());
        x * z.powi(3).backward().wrt(z)
    }));
    assert_eq!(y.value(), 3.0 * (0.125 + 8.0 + 27.0));
    assert_eq!(y.backward().wrt_all(&x), [0.75, 12.0, 27.0]);
    let z = inner.var(1.0);
    assert_eq!(sum(x.iter().map(|&x| x + z.sin().value())).backward().wrt_all(&x), [1.0; 3]);
}

/// A sum whose iterator rewinds the very tape it is recorded on, to a mark made before the sum or
/// before each term, from a given term on.
fn sum_with_rewinds(tape: &Tape, x: &[Var], form: usize, from: f64, far: bool) -> Var {
    let before = tape.mark();
    let slope = |x: Var| {
        if x.value() <= from {
            return 2.0 * x.value();
        }
        let mark = if far { before } else { tape.mark() };
        let slope = x.square().backward().wrt(x);
        tape.rewind(mark);
        // Something of n operands takes the place of what was rewound.
        let _ = sum([x; 50]);
        slope
    };
    match form {
        0 if !far => sum(x.iter().map(|&x| x * slope(x))),
        1 => dot(x, x.iter().map(|&x| Var::from(slope(x)))),
        _ => affine(x, x.iter().map(|&x| slope(x)).map(Var::from), Var::from(0.0)),
    }
}

#[test]
fn a_rewind_while_terms_are_summed_gives_the_right_sum_or_is_refused() {
    for (n, from) in [(1, 0.0), (3, 0.0), (3, 2.0), (8, 4.0), (40, 0.0), (40, 5.0), (40, 30.0)] {
        let values: Vec<f64> = (1..=n).map(f64::from).collect();
        let twice: Vec<f64> = values.iter().map(|v| 2.0 * v).collect();
        for (form, far) in [(0, false), (1, false), (2, false), (1, true), (2, true)] {
            let attempt = std::panic::catch_unwind(|| {
                let tape = Tape::new();
                let x = tape.vars(&values);
                let y = sum_with_rewinds(&tape, &x, form, from, far);
                (y.value(), y.backward().wrt_all(&x))
            });
            let context = format!("form {form} of {n} terms, rewound from {from} on, far: {far}");
            match attempt {
                Ok(found) => {
                    assert_eq!(found, (2.0 * sum_squares(&values), twice.clone()), "{context}");
                }
                Err(panic) => {
                    let message = panic.downcast_ref::<String>().expect("a message");
                    assert!(message.contains("cleared or rewound"), "{context}: {message}");
                    assert!(n > 3, "{context}: refused");
                }
            }
        }
    }
}
