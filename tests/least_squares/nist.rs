//! The certified values of NIST, which come from 128-bit arithmetic.

use crate::models::{SETS, digits};
use gradtape::optim::{LeastSquares, least_squares};
use gradtape::program::Rows;

#[test]
fn parameters_and_standard_errors_have_six_certified_digits_from_both_starts() {
    let mut wrong = Vec::new();
    for set in &SETS {
        let data = set.read();
        for start in &data.starts {
            let x = Rows::row_major(&data.x, set.inputs()).unwrap();
            let fit = least_squares(set.model, x, &data.y, &set.named(start)).unwrap();
            let errors = fit.parameters.iter().map(|p| p.standard_error.unwrap());
            let right = [
                digits(&fit.values(), &data.certified[0]),
                digits(&errors.collect::<Vec<_>>(), &data.certified[1]),
                digits(&[fit.chi_square], &[data.ssr]),
            ];
            if right[0] < 6.0 || right[1] < 6.0 || right[2] < 7.0 {
                wrong.push(format!("{} from {start:?}: {right:.1?}", set.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_sets_are_whole() {
    let counts: Vec<(usize, usize)> = SETS
        .iter()
        .map(|set| {
            let data = set.read();
            assert_eq!(data.x.len(), data.y.len() * set.inputs(), "{}", set.name);
            assert_eq!(data.certified[1].len(), set.parameters.len(), "{}", set.name);
            (data.y.len(), set.parameters.len())
        })
        .collect();
    // Numbers of observations and parameters, from the files.
    let expected = [
        (14, 2),
        (214, 3),
        (24, 6),
        (6, 2),
        (250, 8),
        (151, 5),
        (128, 3),
        (25, 4),
        (168, 9),
        (11, 4),
        (37, 7),
        (9, 3),
        (154, 3),
    ];
    assert_eq!(counts, expected);
}

#[test]
fn bounds_that_hold_nothing_back_leave_the_certified_values() {
    for (name, bounds) in [
        ("Misra1a", vec![("saturation", 0.0, 1000.0), ("rate", 0.0, f64::INFINITY)]),
        ("Misra1a", vec![("saturation", -1e6, 1e6), ("rate", 0.0, 1e6)]),
        ("Rat42", vec![("capacity", 0.0, 100.0), ("rate", f64::NEG_INFINITY, 1.0)]),
        ("Thurber", vec![("n0", 0.0, 1e4), ("d1", 0.0, f64::INFINITY), ("d3", 0.0, 1.0)]),
        ("DanWood", vec![("factor", 0.0, 2.0), ("power", f64::NEG_INFINITY, 10.0)]),
    ] {
        let set = SETS.iter().find(|set| set.name == name).unwrap();
        let data = set.read();
        let x = Rows::row_major(&data.x, set.inputs()).unwrap();
        let named = set.named(&data.starts[1]);
        let mut problem = LeastSquares::new(set.model, x, &data.y, &named).unwrap();
        for (parameter, low, high) in bounds {
            problem = problem.bounds(parameter, low..=high).unwrap();
        }
        let fit = problem.fit().unwrap();
        let errors: Vec<f64> = fit.parameters.iter().map(|p| p.standard_error.unwrap()).collect();
        let right =
            [digits(&fit.values(), &data.certified[0]), digits(&errors, &data.certified[1])];
        assert!(right[0] >= 6.0 && right[1] >= 6.0, "{name}: {right:.1?}");
    }
}
