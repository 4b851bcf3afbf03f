//! What is no pattern, and what is no plan: errors that say where.

use gradtape::program::{Program, ReplayError, Workspace};
use gradtape::sparse::{Colouring, Pattern, PatternError};
use gradtape::{CustomOp, Var, custom, sum};

#[test]
fn wrong_index_arrays_are_refused_with_their_place() {
    let said = |rows, columns, starts: &[usize], indices: &[usize]| {
        Pattern::new(rows, columns, starts.to_vec(), indices.to_vec()).unwrap_err().to_string()
    };
    let cases = [
        (said(2, 2, &[0, 1], &[0]), "2 rows need 3 starts, not 2"),
        (
            said(usize::MAX, 2, &[0, 1], &[0]),
            "18446744073709551615 by 2: each can be 4294967294 at most",
        ),
        (said(2, 2, &[1, 1, 1], &[0]), "row 0 goes from 1 to 1 of 1 index"),
        (said(2, 2, &[0, 2, 1], &[0, 1]), "row 1 goes from 2 to 1 of 2"),
        (said(2, 2, &[0, 1, 1], &[0, 1]), "row 1 goes from 1 to 1 of 2"),
        (said(1, 2, &[0, 3], &[0, 1]), "row 0 goes from 0 to 3 of 2"),
        (said(0, 2, &[1], &[0]), "row 0 goes from 1 to 1 of 1 index"),
        (said(1, 3, &[0, 2], &[1, 1]), "row 0 has column 1 behind column 1"),
        (said(2, 3, &[0, 1, 3], &[0, 2, 1]), "row 1 has column 1 behind column 2"),
        (
            said(1, 3, &[0, 2], &[1, 3]),
            "entry (0, 3) lies outside the matrix of 1 row and 3 columns",
        ),
    ];
    for (said, expected) in cases {
        assert!(said.contains(expected), "{said}\n{expected}");
    }
    let outside = Pattern::from_entries(2, 3, [(0, 0), (2, 1)]).unwrap_err();
    assert_eq!(outside, PatternError::Outside { entry: [2, 1], shape: [2, 3] });
    let large = Pattern::from_entries(2, usize::MAX, []).unwrap_err();
    assert_eq!(large, PatternError::TooLarge { shape: [2, usize::MAX] });
}

#[test]
fn what_is_not_symmetric_has_no_star_colouring() {
    let wide = Pattern::from_entries(2, 3, [(0, 1), (1, 0)]).unwrap();
    let said = Colouring::star(&wide).unwrap_err().to_string();
    assert!(said.contains("2 rows and 3 columns"), "{said}");
    let one_way = Pattern::from_entries(3, 3, [(0, 1), (1, 0), (2, 1)]).unwrap();
    let said = Colouring::acyclic(&one_way).unwrap_err().to_string();
    assert!(said.contains("entry (2, 1)") && said.contains("no mirror image (1, 2)"), "{said}");
}

#[test]
fn wrong_lengths_and_other_branches_are_errors_of_the_plan() {
    let program = Program::record(
        |x| {
            let first = if x[0] > 0.0 { x[0] * x[1] } else { x[1] };
            [first, x[2].sin()]
        },
        &[1.0; 3],
    );
    let (plan, mut workspace) = (program.jacobian_plan(), Workspace::new());
    let mut values = [0.0; 3];
    plan.evaluate(&[1.0; 3], &mut values, &mut workspace).unwrap();
    let error = plan.evaluate(&[-1.0, 1.0, 1.0], &mut values, &mut workspace).unwrap_err();
    assert!(matches!(error, ReplayError::BranchChanged(_)), "{error}");
    let error = plan.evaluate(&[1.0; 2], &mut values, &mut workspace).unwrap_err();
    assert!(error.to_string().contains("the program takes 3 numbers, not 2"), "{error}");
    let error = plan.evaluate(&[1.0; 3], &mut values[..2], &mut workspace).unwrap_err();
    assert_eq!(
        error,
        ReplayError::Length { what: "the entries `values` of the Jacobian", expected: 3, found: 2 }
    );

    let program = Program::record(|x| if x[0] > 0.0 { x[0] * x[1] } else { x[1] }, &[1.0; 2]);
    let plan = program.hessian_plan().unwrap();
    let mut values = [0.0; 2];
    plan.evaluate(&[1.0; 2], &mut values, &mut workspace).unwrap();
    assert_eq!(values, [1.0; 2]);
    let error = plan.evaluate(&[-1.0, 1.0], &mut values, &mut workspace).unwrap_err();
    assert!(matches!(error, ReplayError::BranchChanged(_)), "{error}");
    let error = plan.evaluate(&[1.0; 2], &mut [0.0; 4], &mut workspace).unwrap_err();
    assert!(error.to_string().contains("of the Hessian: the program takes 2 numbers"), "{error}");
}

/// A square without second derivative.
struct Once;

impl CustomOp for Once {
    fn name(&self) -> &str {
        "once"
    }
    fn value(&self, x: &[f64], y: &mut [f64]) {
        y[0] = x[0] * x[0];
    }
    fn vjp(&self, x: &[f64], _: &[f64], w: &[f64], dx: &mut [f64]) {
        dx[0] = w[0] * 2.0 * x[0];
    }
}

#[test]
fn a_hessian_belongs_to_one_output_that_is_twice_differentiable() {
    let two = Program::record(|x| [x[0], x[1]], &[1.0; 2]);
    let error = two.hessian_plan().unwrap_err();
    assert_eq!(error, ReplayError::OutputCount { outputs: 2 });
    let once = Program::record(|x| custom(Once, &x[..1])[0] + x[1], &[1.0; 2]);
    let error = once.hessian_plan().unwrap_err();
    assert!(matches!(error, ReplayError::NotTwiceDifferentiable(_)), "{error}");
}

#[test]
fn no_inputs_no_outputs_and_constants_are_plans_too() {
    let mut workspace = Workspace::new();
    let none = Program::record(|_| Vec::<Var>::new(), &[1.0; 3]).jacobian_plan();
    assert_eq!((none.pattern().rows(), none.pattern().columns(), none.sweeps()), (0, 3, 0));
    none.evaluate(&[1.0; 3], &mut [], &mut workspace).unwrap();
    let constant = Program::record(|_| [Var::from(2.0)], &[]).jacobian_plan();
    assert_eq!((constant.pattern().rows(), constant.pattern().columns()), (1, 0));
    constant.evaluate(&[], &mut [], &mut workspace).unwrap();
    let constant = Program::record(|_| [Var::from(2.0)], &[]).hessian_plan().unwrap();
    assert_eq!(constant.pattern().nonzeros(), 0);
    constant.evaluate(&[], &mut [], &mut workspace).unwrap();

    // An input, a constant, the same output twice.
    let plan = Program::record(
        |x| {
            let twice = x[1] * x[1];
            [x[0], Var::from(3.0), twice, twice, x[0], sum(x)]
        },
        &[1.0; 20],
    )
    .jacobian_plan();
    let mut values = vec![f64::NAN; plan.pattern().nonzeros()];
    plan.evaluate(&[2.0; 20], &mut values, &mut workspace).unwrap();
    assert_eq!(values[..4], [1.0, 4.0, 4.0, 1.0]);
    assert_eq!(values[4..], [1.0; 20]);
}

#[test]
fn plans_are_shared_by_threads() {
    fn is_shared<T: Send + Sync + Clone + std::fmt::Debug>(_: &T) {}
    let program = Program::record(|x| sum(x.iter().map(|x| x.exp())), &[0.0; 100]);
    let plan = program.hessian_plan().unwrap();
    is_shared(&plan);
    is_shared(&program.jacobian_plan());
    std::thread::scope(|scope| {
        for shift in 0..3 {
            let plan = &plan;
            scope.spawn(move || {
                let mut values = [0.0; 100];
                let at = [f64::from(shift); 100];
                plan.evaluate(&at, &mut values, &mut Workspace::new()).unwrap();
                assert!(values.iter().all(|&v| (v - at[0].exp()).abs() <= 1e-15 * v), "{values:?}");
            });
        }
    });
}
