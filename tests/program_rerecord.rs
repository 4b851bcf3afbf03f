//! `Rerecord`: every path gets a program, and the numbers are those of the code.

use gradtape::program::{ReplayError, Rerecord, Workspace};
use gradtape::{CustomOp, Real, Var, custom, gradient};
use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};

/// Another expression in each unit interval.
fn pieces<S: Real>(x: &[S]) -> S {
    let mut n = 0.0;
    while x[0] > S::from(n) {
        n += 1.0;
    }
    (x[0] + x[1]).powi(n as i32 + 1)
}

#[test]
fn every_path_is_recorded_once_and_gives_the_numbers_of_the_code() {
    let runs = Cell::new(0);
    let mut function = Rerecord::new(|x: &[Var]| {
        runs.set(runs.get() + 1);
        pieces(x)
    });
    let mut workspace = Workspace::new();
    for round in 0..3 {
        for k in 0..40 {
            let x = [f64::from(k * 7 % 40) * 0.1, 0.5];
            let mut slopes = [0.0; 2];
            let value = function
                .run(&x, |program, x| program.value_and_gradient(x, &mut slopes, &mut workspace))
                .unwrap();
            assert_eq!(value, pieces(&x));
            assert_eq!(slopes.to_vec(), gradient(pieces, &x), "round {round}, at {x:?}");
        }
    }
    // From 0 to 3.9: 0 itself, and four intervals.
    assert_eq!(function.programs().len(), 5);
    assert_eq!((function.recordings(), runs.get()), (5, 5));
}

#[test]
fn the_program_used_last_is_first() {
    let mut function = Rerecord::new(|x: &[Var]| pieces(x));
    let mut workspace = Workspace::new();
    let mut first = |x: f64| {
        let value = function.run(&[x, 0.0], |program, x| program.value(x, &mut workspace)).unwrap();
        (value, function.programs()[0].stats().guards)
    };
    // In the n-th interval there are n + 1 comparisons.
    assert_eq!([0.5, 1.5, 2.5].map(|x| first(x).1), [2, 3, 4]);
    assert_eq!([0.25, 2.25, 1.25].map(|x| first(x).1), [2, 4, 3]);
    assert_eq!(function.recordings(), 3);
}

#[test]
fn the_limit_drops_the_least_recently_used() {
    let mut function = Rerecord::new(|x: &[Var]| pieces(x)).limit(2);
    let mut workspace = Workspace::new();
    let mut at = |x: f64| {
        function.run(&[x, 0.0], |program, x| program.value(x, &mut workspace)).unwrap();
        function.recordings()
    };
    assert_eq!([0.5, 1.5, 0.5].map(&mut at), [1, 2, 2]);
    // The third path drops that of 1.5.
    assert_eq!([2.5, 0.5, 1.5].map(&mut at), [3, 3, 4]);
    assert_eq!(function.programs().len(), 2);
    assert_eq!(function.limit(0).programs().len(), 1);
}

#[test]
fn no_more_programs_are_kept_than_the_limit() {
    let mut function = Rerecord::new(|x: &[Var]| pieces(x));
    let mut workspace = Workspace::new();
    for k in 0..200 {
        let x = [f64::from(k) + 0.5, 0.0];
        function.run(&x, |program, x| program.value(x, &mut workspace)).unwrap();
    }
    assert_eq!(function.recordings(), 200);
    assert_eq!(function.programs().len(), Rerecord::<()>::LIMIT);
}

#[test]
fn it_runs_every_method_of_a_program() {
    let f = |x: &[Var]| {
        if x[0] < x[1] { [x[0] * x[1].square(), x[0]] } else { [x[0].square() * x[1], x[1]] }
    };
    let (mut function, mut w) = (Rerecord::new(f), Workspace::new());
    for (x, a, b) in [([2.0, 3.0], 9.0, 12.0), ([3.0, 2.0], 12.0, 9.0)] {
        let mut y = [0.0; 2];
        function.run(&x, |program, x| program.values(x, &mut y, &mut w)).unwrap();
        assert_eq!(y, [18.0, 2.0]);
        let mut dx = [0.0; 2];
        function.run(&x, |program, x| program.vjp(x, &[1.0, 0.0], &mut dx, &mut w)).unwrap();
        assert_eq!(dx, [a, b]);
        function.run(&x, |program, x| program.jvp(x, &[1.0, 1.0], &mut dx, &mut w)).unwrap();
        assert_eq!(dx, [21.0, 1.0]);
        let mut rows = [0.0; 4];
        function
            .run(&x, |program, x| program.vjp(x, &[1.0, 0.0, 2.0, 0.0], &mut rows, &mut w))
            .unwrap();
        assert_eq!(rows, [a, b, 2.0 * a, 2.0 * b]);
        function
            .run(&x, |program, x| program.jvp(x, &[1.0, 1.0, 2.0, 2.0], &mut rows, &mut w))
            .unwrap();
        assert_eq!(rows, [21.0, 1.0, 42.0, 2.0]);
        function.run(&x, |program, x| program.jacobian(x, &mut rows, &mut w)).unwrap();
        assert_eq!(rows[..2], [a, b]);
    }
    let (mut scalar, mut h) = (Rerecord::new(|x: &[Var]| f(x)[0]), [0.0; 4]);
    for (x, second) in [([2.0, 3.0], [0.0, 6.0, 6.0, 4.0]), ([3.0, 2.0], [4.0, 6.0, 6.0, 0.0])] {
        assert_eq!(scalar.run(&x, |program, x| program.value(x, &mut w)), Ok(18.0));
        scalar.run(&x, |program, x| program.hessian(x, &mut h, &mut w)).unwrap();
        assert_eq!(h, second);
        let mut product = [0.0; 2];
        scalar
            .run(&x, |program, x| program.hessian_vector(x, &[1.0, 10.0], &mut product, &mut w))
            .unwrap();
        assert_eq!(product, [second[0] + 10.0 * second[1], second[2] + 10.0 * second[3]]);
    }
    assert_eq!((function.recordings(), scalar.recordings()), (2, 2));
}

#[test]
fn errors_other_than_a_branch_are_passed_on() {
    let mut function = Rerecord::new(|x: &[Var]| [x[0], x[1]]);
    let mut w = Workspace::new();
    assert_eq!(
        function.run(&[1.0, 2.0], |program, x| program.value(x, &mut w)),
        Err(ReplayError::OutputCount { outputs: 2 })
    );
    let error = function
        .run(&[1.0, 2.0], |program, x| program.values(x, &mut [0.0; 3], &mut w))
        .unwrap_err();
    assert!(matches!(error, ReplayError::Length { expected: 2, found: 3, .. }), "{error:?}");
    let error =
        function.run(&[1.0], |program, x| program.values(x, &mut [0.0; 2], &mut w)).unwrap_err();
    assert!(matches!(error, ReplayError::Length { expected: 2, found: 1, .. }), "{error:?}");
    assert_eq!(function.recordings(), 1);
}

#[test]
fn a_nan_has_a_path_of_its_own() {
    let mut function = Rerecord::new(|x: &[Var]| if x[0] < 0.0 { -x[0] } else { x[0] * 2.0 });
    let mut w = Workspace::new();
    assert_eq!(function.run(&[-1.0], |program, x| program.value(x, &mut w)), Ok(1.0));
    assert!(function.run(&[f64::NAN], |program, x| program.value(x, &mut w)).unwrap().is_nan());
    assert_eq!(function.run(&[1.0], |program, x| program.value(x, &mut w)), Ok(2.0));
    assert_eq!(function.recordings(), 2, "NaN < 0 is as false as 1 < 0");
}

/// Returns another number each time: not a function.
struct Counter(AtomicU32);

impl CustomOp for Counter {
    fn name(&self) -> &str {
        "counter"
    }
    fn value(&self, _x: &[f64], y: &mut [f64]) {
        y[0] = f64::from(self.0.fetch_add(1, Ordering::Relaxed));
    }
    fn vjp(&self, _x: &[f64], _y: &[f64], _w: &[f64], _dx: &mut [f64]) {}
}

#[test]
fn what_is_not_a_function_is_refused_and_not_recorded_for_ever() {
    let mut function = Rerecord::new(|x: &[Var]| {
        let count = custom(Counter(AtomicU32::new(0)), x)[0];
        if count < 1.0 { count } else { x[0] }
    });
    let error =
        function.run(&[1.0], |program, x| program.value(x, &mut Workspace::new())).unwrap_err();
    assert!(matches!(error, ReplayError::BranchChanged(_)), "{error:?}");
    assert_eq!(function.recordings(), 1);
}

#[test]
fn a_rerecord_moves_to_another_thread() {
    let mut function = Rerecord::new(|x: &[Var]| pieces(x));
    assert!(
        function.run(&[0.5, 0.0], |program, x| program.value(x, &mut Workspace::new())).is_ok()
    );
    let there = std::thread::spawn(move || {
        function.run(&[1.5, 0.0], |program, x| program.value(x, &mut Workspace::new()))
    });
    assert_eq!(there.join().unwrap(), Ok(3.375));
}
