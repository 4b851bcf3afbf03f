//! The first row that takes another branch is refused, with its number; padding lanes never are.

use crate::property::seed::random;
use crate::{Table, available};
use gradtape::Var;
use gradtape::lanes::{Isa, Kernel};
use gradtape::program::{BranchChanged, ReplayError, RowProgram, Rows, Workspace};
use gradtape::tape::Relation;

/// The answer of every way of running the same rows, which must be the same.
#[track_caller]
fn run(program: &RowProgram, shared: &[f64], rows: Rows<'_>) -> Result<f64, Box<BranchChanged>> {
    let mut results = Vec::new();
    for isa in available() {
        let mut workspace = Workspace::new().with_isa(isa);
        let sum = program.sum(shared, rows, &mut workspace);
        let mut gradient = vec![0.0; shared.len()];
        let total = program.sum_and_gradient(shared, rows, &mut gradient, &mut workspace);
        let mut values = vec![0.0; rows.count()];
        let values = program.values(shared, rows, &mut values, &mut workspace);
        let mut slopes = vec![0.0; rows.count() * program.program().inputs()];
        let slopes = program.gradients(shared, rows, &mut slopes, &mut workspace);
        let said = |error: ReplayError| format!("{error:?}");
        for error in [values.map_err(said), slopes.map_err(said)] {
            // As texts, because a NaN in an error is not equal to itself.
            assert_eq!(error, total.clone().map(|_| ()).map_err(said));
        }
        results.extend([sum, total]);
    }
    let texts: Vec<String> = results.iter().map(|result| format!("{result:?}")).collect();
    assert!(texts.iter().all(|text| *text == texts[0]), "{texts:#?}");
    results.swap_remove(0).map_err(|error| match error {
        ReplayError::BranchChanged(change) => change,
        other => panic!("{other}"),
    })
}

/// |p·x|, written with a branch; recorded where p·x is 6.
fn branching() -> RowProgram {
    RowProgram::record(
        |p, x| {
            let y = (p[0] * x[0].label("x")).label("y");
            if y > 0.0 { y } else { -y }
        },
        &[2.0],
        &[3.0],
    )
}

fn column(numbers: &[f64]) -> Rows<'_> {
    Rows::row_major(numbers, 1).expect("whole rows")
}

#[test]
fn the_row_and_what_was_compared_there_are_named() {
    let mut numbers = vec![1.0; 20];
    numbers[13] = -0.5;
    let change = run(&branching(), &[2.0], column(&numbers)).unwrap_err();
    assert_eq!(change.row, Some(13));
    assert_eq!((change.relation, change.outcome), (Relation::Greater, true));
    assert_eq!((change.recorded[0], change.present[0]), (6.0, -1.0));
    assert_eq!((&change.names[1], change.present[1]), (&None, 0.0));
    assert_eq!(change.names[0].as_deref(), Some("`y`"));
    let text = run(&branching(), &[2.0], column(&numbers)).unwrap_err().to_string();
    let start = "row 13: `y` > 0 is false, and was true when recorded (`y` = -1, was 6): ";
    assert!(text.starts_with(start), "{text}");
}

#[test]
fn every_lane_of_full_and_partial_blocks_is_checked() {
    let program = branching();
    for count in [1, 2, 7, 8, 9, 15, 16, 17, 24, 31, 33, 127, 129, 144] {
        let kept = vec![1.0; count];
        assert_eq!(run(&program, &[2.0], column(&kept)).expect("kept"), 2.0 * count as f64);
        for row in [0, count / 2, count - 1] {
            let mut numbers = kept.clone();
            numbers[row] = f64::NAN;
            let change = run(&program, &[2.0], column(&numbers)).unwrap_err();
            assert_eq!(change.row, Some(row), "of {count}");
            assert!(change.present[0].is_nan());
        }
    }
}

#[test]
fn of_several_rows_the_first_is_refused_for_the_first_guard_it_breaks() {
    let program = RowProgram::record(
        |p, x| {
            let mut y = p[0] * x[0];
            // Three guards, each on another number.
            for &x in x {
                y = if x > 0.0 { y + x } else { y - x };
            }
            y
        },
        &[1.0],
        &[1.0, 1.0, 1.0],
    );
    let mut random = random(8);
    for count in [1, 5, 8, 9, 16, 17, 40, 130, 300] {
        for _ in 0..10 {
            let mut number = || if random.u32(0..12) == 0 { -1.0 } else { 1.0 };
            let numbers: Vec<f64> = (0..3 * count).map(|_| number()).collect();
            let table = Table { numbers, width: 3 };
            // What a loop over the rows meets first.
            let place = table.numbers.iter().position(|&x| x < 0.0);
            match (run(&program, &[1.0], table.rows()), place) {
                (Ok(_), None) => {}
                (Err(change), Some(place)) => {
                    assert_eq!(change.row, Some(place / 3));
                    assert_eq!(change.names[0], Some(format!("input {}", 1 + place % 3)));
                }
                (found, place) => panic!("{found:?} where the first is {place:?}"),
            }
        }
    }
}

#[test]
fn a_chosen_row_is_refused_by_its_number_among_all_rows() {
    let numbers: Vec<f64> = (0..20).map(|i| if i == 4 { -1.0 } else { 1.0 }).collect();
    let chosen = [3, 19, 0, 3, 3, 7, 4, 4, 2, 1];
    let columns = [&numbers[..]];
    let by_column = Rows::columns(&columns).expect("even columns");
    for rows in [column(&numbers), by_column] {
        let rows = rows.choose(&chosen).expect("rows that are there");
        assert_eq!(run(&branching(), &[1.0], rows).unwrap_err().row, Some(4));
        let without = rows.choose(&chosen[..6]).expect("rows that are there");
        assert_eq!(run(&branching(), &[1.0], without).expect("kept"), 6.0);
    }
}

#[test]
fn a_guard_of_shared_inputs_alone_names_no_row() {
    let program = RowProgram::record(
        |p, x| {
            if p[0] * 2.0 > p[1] { p[0] * x[0] } else { p[1] * x[0] }
        },
        &[2.0, 1.0],
        &[3.0],
    );
    let numbers = [1.0, 2.0, 3.0];
    assert_eq!(run(&program, &[2.0, 1.0], column(&numbers)).expect("kept"), 12.0);
    for rows in [column(&numbers), column(&[])] {
        let change = run(&program, &[0.5, 1.0], rows).unwrap_err();
        assert_eq!((change.row, change.present[0], change.present[1]), (None, 1.0, 1.0));
        assert_eq!(change.names[1].as_deref(), Some("input 1"));
        assert!(!change.to_string().contains("row"), "{change}");
    }
}

#[test]
fn a_guard_of_shared_inputs_alone_is_decided_once_and_not_by_a_kernel() {
    // Where the two exponentials differ, the guard lies between them.
    let points: Vec<f64> = (1..10_000).map(|i| f64::from(i) * 1e-3).collect();
    let mut kernel = vec![0.0; points.len()];
    Kernel::Exp.map(Isa::Baseline, &points, &mut kernel);
    let differs = points.iter().zip(&kernel).find(|&(p, &kernel)| kernel != p.exp());
    let (&p, &kernel) = differs.expect("a kernel is not the standard library's function");
    let bound = kernel.max(p.exp());
    let program = RowProgram::record(
        |p, x| {
            let e = p[0].exp();
            if e < bound { e * x[0] } else { e + x[0] }
        },
        &[p],
        &[1.0],
    );
    assert!(run(&program, &[p], column(&[1.0, 2.0])).is_ok());
}

#[test]
fn a_shared_and_a_row_value_are_compared_in_every_row() {
    // p² is of the uniform part and x + 1 of the row part; either may stand on either side.
    type IsLess = fn(Var, Var) -> bool;
    let written: [(bool, IsLess); 2] =
        [(false, |square, sum| square < sum), (true, |square, sum| sum > square)];
    for (swapped, is_less) in written {
        let program = RowProgram::record(
            |p, x| {
                let (square, sum) = (p[0].square(), x[0] + 1.0);
                if is_less(square, sum) { sum } else { square }
            },
            &[2.0],
            &[5.0],
        );
        let numbers: Vec<f64> = (0..30).map(|i| 30.0 - f64::from(i)).collect();
        let change = run(&program, &[2.0], column(&numbers)).unwrap_err();
        let sides = change.present;
        assert_eq!(change.row, Some(27), "30 - 27 + 1 is not more than 4");
        assert_eq!(sides, [4.0, 4.0]);
        let change = run(&program, &[4.5], column(&numbers)).unwrap_err();
        assert_eq!(change.row, Some(11), "30 - 11 + 1 is not more than 20.25");
        let expected = if swapped { [20.0, 20.25] } else { [20.25, 20.0] };
        assert_eq!(change.present, expected);
    }
}

#[test]
fn a_guard_on_what_no_output_reads_is_checked() {
    let program = RowProgram::record(
        |p, x| {
            let scale = if (x[1] * p[0]).exp() < 10.0 { 2.0 } else { 3.0 };
            x[0] * scale
        },
        &[1.0],
        &[1.0, 1.0],
    );
    let numbers = [1.0, 1.0, 1.0, 2.0, 1.0, 3.0];
    let rows = Rows::row_major(&numbers, 2).expect("whole rows");
    assert_eq!(run(&program, &[1.0], rows).unwrap_err().row, Some(2));
    assert_eq!(run(&program, &[0.5], rows).expect("kept"), 6.0);
}

#[test]
fn guards_compare_the_right_results_when_slots_are_used_again() {
    // A long chain frees slots; the early result is compared at the very end.
    let f = |p: f64, x: f64| -> (f64, f64) {
        let early = p + x;
        (early, (0..50).fold(early, |y, i| y * 0.5 + f64::from(i)))
    };
    let program = RowProgram::record(
        |p, x| {
            let early = p[0] + x[0];
            let late = (0..50).fold(early, |y, i| y * 0.5 + f64::from(i));
            if late > early { late } else { early }
        },
        &[0.25],
        &[4.0],
    );
    let numbers: Vec<f64> = (0..50).map(|i| f64::from(i) * 2.5).collect();
    let first = numbers.iter().position(|&x| f(0.25, x).1 <= f(0.25, x).0).expect("one");
    let change = run(&program, &[0.25], column(&numbers)).unwrap_err();
    assert_eq!(change.row, Some(first));
    let (early, late) = f(0.25, numbers[first]);
    assert_eq!(change.present, [late, early]);
    assert!(run(&program, &[0.25], column(&numbers[..first])).is_ok());
}

#[test]
fn every_relation_is_kept_in_lanes() {
    /// A comparison of a variable, and the same of a number.
    macro_rules! comparisons {
        ($(|$x:ident, $c:ident| $compare:expr;)*) => {
            [$((|$x: Var, $c: f64| _ = $compare, |$x: f64, $c: f64| format!("{:?}", $compare)),)*]
        };
    }
    type Comparison = (fn(Var, f64), fn(f64, f64) -> String);
    let comparisons: [Comparison; 6] = comparisons! {
        |x, c| x < c;
        |x, c| x <= c;
        |x, c| x > c;
        |x, c| x >= c;
        |x, c| x == c;
        |x, c| x.partial_cmp(&c);
    };
    let special = [1.0, 2.0, 3.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, 5e-324];
    for (on_tape, plain) in comparisons {
        for recorded_at in special {
            let program = RowProgram::record(
                |_, x| {
                    on_tape(x[0], 2.0);
                    x[0] * 2.0
                },
                &[],
                &[recorded_at],
            );
            let kept = |&&x: &&f64| plain(x, 2.0) == plain(recorded_at, 2.0);
            let same: Vec<f64> = special.iter().filter(kept).copied().collect();
            let mut values = vec![0.0; same.len()];
            let mut workspace = Workspace::new();
            program.values(&[], column(&same), &mut values, &mut workspace).expect("kept");
            for x in special.iter().filter(|x| !kept(x)) {
                let numbers = [&same[..], &[*x]].concat();
                let change = run(&program, &[], column(&numbers)).unwrap_err();
                assert_eq!(change.row, Some(same.len()), "{x} where {recorded_at} was recorded");
            }
        }
    }
}

#[test]
fn a_row_of_weight_zero_must_keep_its_guards() {
    let numbers = [1.0, -1.0];
    let rows = column(&numbers).weighted(&[1.0, 0.0]).expect("one for each");
    assert_eq!(run(&branching(), &[1.0], rows).unwrap_err().row, Some(1));
}

#[test]
fn after_a_refusal_the_workspace_can_still_be_used() {
    let program = branching();
    let (mut workspace, mut slope) = (Workspace::new(), [0.0]);
    let bad: Vec<f64> = (0..40).map(|i| 20.5 - f64::from(i)).collect();
    assert!(program.sum_and_gradient(&[1.0], column(&bad), &mut slope, &mut workspace).is_err());
    let good = column(&bad[..20]);
    let sum = program.sum_and_gradient(&[1.0], good, &mut slope, &mut workspace).expect("kept");
    assert_eq!((sum, slope), (220.0, [220.0]));
}

#[test]
fn a_program_without_outputs_still_has_its_guards() {
    let program = RowProgram::record(
        |p, x| {
            assert!(p[0] * x[0] > 0.0);
            let nothing: [Var; 0] = [];
            nothing
        },
        &[1.0],
        &[1.0],
    );
    let numbers: Vec<f64> = (0..300).map(|i| 200.5 - f64::from(i)).collect();
    let workspaces = [
        Workspace::new(),
        #[cfg(feature = "rayon")]
        Workspace::new().parallel(),
    ];
    for mut workspace in workspaces {
        let mut check = |rows| program.values(&[1.0], rows, &mut [], &mut workspace);
        check(column(&numbers[..200])).expect("kept");
        match check(column(&numbers)) {
            Err(ReplayError::BranchChanged(change)) => assert_eq!(change.row, Some(201)),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_guard_on_a_shared_function_is_decided_alike_by_every_method() {
    // Where kernel and standard library differ in the last bit, a bound between the two tells which was used.
    let (p, library, kernel) = (0..100_000)
        .map(|i| f64::from(i) * 1e-4)
        .map(|p| {
            let mut y = [0.0];
            Kernel::Exp.map(Isa::Baseline, &[p], &mut y);
            (p, p.exp(), y[0])
        })
        .find(|(_, library, kernel)| library != kernel)
        .expect("they are not the same to the last bit everywhere");
    let bound = library.max(kernel);
    let program = RowProgram::record(
        |p, x| {
            let e = p[0].exp();
            if e < x[0] { e * x[0] } else { x[0] }
        },
        &[0.0],
        &[bound],
    );
    let (mut values, mut slopes, mut both) = ([0.0], [0.0], [0.0; 2]);
    let mut workspace = Workspace::new();
    let data = [bound];
    let rows = Rows::row_major(&data, 1).expect("one number");
    let accepted = [
        program.values(&[p], rows, &mut values, &mut workspace).is_ok(),
        program.sum(&[p], rows, &mut workspace).is_ok(),
        program.sum_and_gradient(&[p], rows, &mut slopes, &mut workspace).is_ok(),
        program.gradients(&[p], rows, &mut both, &mut workspace).is_ok(),
    ];
    assert_eq!(accepted, [library < bound; 4]);
}
