//! What is blocked beats infinity, in each lane for itself; a zero by value does not.

use crate::{All, Table, bits, one_by_one};
use gradtape::program::{RowProgram, Rows, Workspace};
use gradtape::{Var, dot, log_sum_exp, sum};

/// Run with each number of rows from 1 on; compare with the engine for one point, and the sums with a loop.
#[track_caller]
fn agrees(name: &str, program: &RowProgram, p: f64, table: &Table) -> All {
    let (values, gradients) = one_by_one(program, &[p], table);
    let mut all = None;
    for count in 1..=values.len() {
        let chosen: Vec<usize> = (0..count).collect();
        let rows = table.rows().choose(&chosen).expect("rows that are there");
        let found = All::of(program, &[p], rows, &mut Workspace::new()).expect("no guard");
        let width = 1 + table.width;
        assert_eq!(bits(&found.gradients), bits(&gradients[..count * width]), "{name}");
        assert_eq!(bits(&found.values), bits(&values[..count]), "{name}");
        let slope: f64 = gradients[..count * width].iter().step_by(width).sum();
        let total = found.total.1[0];
        let same = total == slope || (total - slope).abs() <= 1e-14 * slope.abs();
        assert!(same, "{name}: the gradient of {count} rows is {total}, not {slope}");
        all = Some(found);
    }
    all.expect("rows")
}

/// 20 rows: which branch is wanted, and a number at which the other has an infinite slope.
fn switched() -> Table {
    let row = |i: usize| if i.is_multiple_of(3) { [-1.0, 0.0] } else { [1.0, i as f64] };
    Table { numbers: (0..20).flat_map(row).collect(), width: 2 }
}

#[test]
fn lanes_whose_adjoint_is_zero_get_no_nan_from_an_infinite_slope() {
    macro_rules! cases {
        ($($name:literal: |$p:ident, $s:ident, $x:ident| $body:expr;)*) => {
            [$(($name, RowProgram::record(|p, row| {
                let ($p, $s, $x) = (p[0], row[0], row[1]);
                $body
            }, &[1.0], &[1.0, 4.0])),)*]
        };
    }
    let cases = cases! {
        "sqrt not selected": |p, s, x| Var::select(s, (p * x).sqrt(), p);
        "the reciprocal not selected": |p, s, x| Var::select(s, (p * x).recip(), p);
        "a quotient not selected": |p, s, x| Var::select(s, p / (p * x), p);
        "a constant by something not selected": |p, s, x| Var::select(s, 3.0 / (p * x), p);
        "a quotient by sqrt not selected": |p, s, x| Var::select(s, p / (p * x).sqrt(), p);
        "sqrt under relu": |p, s, x| ((p * x).sqrt() + s).relu();
        "sqrt under max": |p, s, x| ((p * x).sqrt() + s).max(p * 0.5 - 0.5);
        "sqrt under min": |p, s, x| ((p * x).sqrt() - s).min(p * 0.5 - 0.5);
        "sqrt under clamp": |p, s, x| ((p * x).sqrt() + s).clamp(-0.5, 1e3);
        "sqrt times a constant zero": |p, s, x| (p * x).sqrt() * 0.0 + p * s;
        "sqrt in a sum that is not selected": |p, s, x| {
            Var::select(s, sum([(p * x).sqrt(), p, (p * x).recip()]), p)
        };
        "acosh under a step": |p, s, x| Var::select(s, (p * x + 1.0).acosh(), p);
        "asin at 1 not selected": |p, s, x| Var::select(s, (p.mul_add(x, 1.0)).recip().asin(), p);
    };
    for (name, program) in cases {
        let all = agrees(name, &program, 1.0, &switched());
        assert!(all.total.1[0].is_finite(), "{name}: {:?}", all.total.1);
        assert!(all.total.1[0] != 0.0, "{name} does have a slope");
    }
}

#[test]
fn lanes_where_a_zero_by_value_meets_an_infinite_slope_are_nan_and_no_others() {
    let times = RowProgram::record(|p, x| (p[0] * x[1]).sqrt() * x[0].relu(), &[1.0], &[1.0, 4.0]);
    let in_dot = RowProgram::record(
        |p, x| dot([(p[0] * x[1]).sqrt(), p[0]], [x[0].relu(), x[0]]),
        &[1.0],
        &[1.0, 4.0],
    );
    let table = switched();
    for program in [times, in_dot] {
        let (_, expected) = one_by_one(&program, &[1.0], &table);
        let mut found = vec![0.0; expected.len()];
        let done = program.gradients(&[1.0], table.rows(), &mut found, &mut Workspace::new());
        done.expect("no guard");
        assert_eq!(bits(&found), bits(&expected));
        for (row, slopes) in table.each().zip(found.chunks_exact(3)) {
            assert_eq!(slopes[0].is_nan(), row == [-1.0, 0.0], "{row:?}: {slopes:?}");
        }
    }
}

#[test]
fn kernels_too_are_asked_only_where_the_adjoint_is_not_zero() {
    // d/dp ln(p x) = 1/p where x > 0; d/dp of the log-sum-exp of (ln p x, 0) is x/(p x + 1).
    let logarithm =
        RowProgram::record(|p, x| Var::select(x[0], (p[0] * x[1]).ln(), p[0]), &[1.0], &[1.0, 4.0]);
    let both = RowProgram::record(
        |p, x| {
            let of_zero = log_sum_exp([(p[0] * x[1]).ln(), Var::from(0.0)]);
            Var::select(x[0], of_zero, p[0] * 2.0)
        },
        &[1.0],
        &[1.0, 4.0],
    );
    let root = RowProgram::record(
        |p, x| Var::select(x[0], (p[0] * x[1]).cbrt(), p[0]),
        &[1.0],
        &[1.0, 4.0],
    );
    let table = switched();
    let slope = |program: &RowProgram| {
        let all = All::of(program, &[2.0], table.rows(), &mut Workspace::new());
        all.expect("no guard").total.1[0]
    };
    let expected = |on: fn(f64) -> f64, off: f64| -> f64 {
        table.each().map(|row| if row[0] > 0.0 { on(row[1]) } else { off }).sum()
    };
    let close = |a: f64, b: f64| assert!((a - b).abs() <= 1e-13 * b.abs(), "{a} is not {b}");
    close(slope(&logarithm), expected(|_| 0.5, 1.0));
    close(slope(&both), expected(|x| x / (2.0 * x + 1.0), 2.0));
    close(slope(&root), expected(|x| x.cbrt() / (3.0 * 4.0_f64.cbrt()), 1.0));
}

#[test]
fn padding_lanes_add_nothing_to_an_infinite_slope() {
    // The last row, which the padding lanes repeat, has √0: d/dp √(p + x) = ∞ there, and 0 · ∞ beside it.
    let program = RowProgram::record(|p, x| (p[0] + x[0]).sqrt(), &[1.0], &[3.0]);
    for count in 1..=20 {
        let numbers = (1..=count).map(|i| if i == count { -1.0 } else { f64::from(i) }).collect();
        let all = agrees("√(p + x)", &program, 1.0, &Table { numbers, width: 1 });
        assert_eq!(all.total.1, [f64::INFINITY]);
    }
}

#[test]
fn a_weight_of_zero_stops_an_infinite_slope() {
    let program =
        RowProgram::record(|p, x| (p[0] * x[0]).sqrt() + (p[0] + x[0]).recip(), &[1.0], &[3.0]);
    let (numbers, weights) = ([4.0, 0.0, -1.0, f64::NAN, 9.0], [1.0, 0.0, -0.0, 0.0, -2.0]);
    let rows = Rows::row_major(&numbers, 1).expect("whole rows");
    let rows = rows.weighted(&weights).expect("one for each");
    let mut slope = [0.0];
    let sum = program.sum_and_gradient(&[1.0], rows, &mut slope, &mut Workspace::new());
    // Of row 0 and twice row 4: √(p x) + 1/(p + x) with slopes √x/2 - 1/(1 + x)².
    let expected = (2.0 + 1.0 / 5.0) - 2.0 * (3.0 + 1.0 / 10.0);
    assert!((sum.expect("no guard") - expected).abs() <= 1e-15 * expected.abs());
    let expected = (1.0 - 1.0 / 25.0) - 2.0 * (1.5 - 1.0 / 100.0);
    assert!(
        (slope[0] - expected).abs() <= 1e-15 * expected.abs(),
        "{} is not {expected}",
        slope[0]
    );
}

#[test]
fn a_uniform_part_whose_adjoint_is_zero_is_not_swept() {
    // ln p at p = 0 is shared by all rows, and no row has an adjoint for it.
    let program =
        RowProgram::record(|p, x| Var::select(x[0], p[0].ln() * x[0], p[0] * 3.0), &[1.0], &[1.0]);
    let rows = Rows::row_major(&[-1.0, 0.0, -2.0], 1).expect("whole rows");
    let mut slope = [0.0];
    let sum = program.sum_and_gradient(&[0.0], rows, &mut slope, &mut Workspace::new());
    assert_eq!((sum.expect("no guard"), slope), (0.0, [9.0]));
}
