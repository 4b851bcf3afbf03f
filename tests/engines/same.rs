//! Forced engines have the same bits and the same errors.

use super::{MIXTURE, dosage, guarded, mixture, numbers, rows, wide};
use gradtape::lanes::Isa;
use gradtape::nn::Dosage;
use gradtape::program::{Engine, ReplayError, RerecordRows, RowProgram, Rows, Workspace};
use gradtape::{Var, sum};

/// All that is computed of some rows: values, gradients, sum, sum and slopes. NaN is one number.
fn all(
    program: &RowProgram,
    shared: &[f64],
    rows: Rows<'_>,
    workspace: &mut Workspace,
) -> Result<Vec<u64>, ReplayError> {
    let mut found = vec![program.sum(shared, rows, workspace)?];
    let mut slopes = vec![0.0; shared.len()];
    found.push(program.sum_and_gradient(shared, rows, &mut slopes, workspace)?);
    found.append(&mut slopes);
    let mut out = vec![0.0; rows.count()];
    program.values(shared, rows, &mut out, workspace)?;
    found.append(&mut out);
    out.resize(rows.count() * (shared.len() + rows.width()), 0.0);
    program.gradients(shared, rows, &mut out, workspace)?;
    found.append(&mut out);
    Ok(found.iter().map(|x| if x.is_nan() { u64::MAX } else { x.to_bits() }).collect())
}

/// Compare native code for each instruction set with the interpreter for the baseline.
#[track_caller]
pub fn assert_same(what: &str, program: &RowProgram, shared: &[f64], rows: Rows<'_>) {
    let mut interpreter = Workspace::new().with_isa(Isa::Baseline).with_engine(Engine::Interpreter);
    let expected = all(program, shared, rows, &mut interpreter);
    for isa in wide() {
        let mut native = Workspace::new().with_isa(isa).with_engine(Engine::Native);
        let found = all(program, shared, rows, &mut native);
        assert_eq!(found, expected, "{what}, {isa}");
        // A refusal comes from the first method, and ends it.
        let methods = program.stats(&native).methods;
        let ran = methods.iter().filter(|method| expected.is_ok() || method.method == "sum");
        ran.for_each(|method| assert!(method.code.is_some(), "{what}, {isa}: {method:?}"));
    }
}

fn programs() -> [(&'static str, RowProgram, Vec<f64>, usize); 3] {
    [
        ("dosage", dosage(), Dosage::details_2().start.to_vec(), 2),
        ("mixture", mixture(), MIXTURE.to_vec(), 2),
        ("guarded", guarded(), vec![0.1, 0.2, -0.3], 3),
    ]
}

#[test]
fn every_number_of_rows_has_the_same_bits() {
    for (name, program, shared, width) in programs() {
        let numbers = numbers(300 * width);
        for count in (0..=17).chain([63, 64, 65, 300]) {
            let rows = rows(&numbers[..count * width], width);
            assert_same(&format!("{name}, {count} rows"), &program, &shared, rows);
        }
    }
}

#[test]
fn weights_chosen_rows_and_columns_have_the_same_bits() {
    for (name, program, shared, width) in programs() {
        let numbers = numbers(60 * width);
        let columns: Vec<Vec<f64>> = (0..width)
            .map(|column| (0..60).map(|row| numbers[row * width + column]).collect())
            .collect();
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let weights: Vec<f64> = (0..60).map(|i| f64::from(i % 5) - 1.0).collect();
        let chosen = [59, 0, 0, 7, 31, 30, 29, 8, 9, 10, 58];
        let by_rows = rows(&numbers, width);
        let by_columns = Rows::columns(&columns).expect("even columns");
        for (layout, rows) in [("rows", by_rows), ("columns", by_columns)] {
            let weighted = rows.weighted(&weights).expect("one for each");
            let few = weighted.choose(&chosen).expect("rows");
            for (kind, rows) in [("all", rows), ("weighted", weighted), ("chosen", few)] {
                assert_same(&format!("{name}, {layout}, {kind}"), &program, &shared, rows);
            }
        }
    }
}

#[test]
fn zeros_infinities_and_nan_among_the_rows_have_the_same_bits() {
    let special = [0.0, -0.0, 1e-310, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 1e300, -1.5];
    // Steep where 0 meets infinity, so that some of its sweeps are done twice.
    let steep = RowProgram::record(
        |p, x| [(x[0] * p[0]).sqrt().square() + p[1] / x[1] + Var::select(x[0], x[1].ln(), p[0])],
        &[0.5, 2.0],
        &[1.0, 1.0],
    );
    let mut cases = vec![("steep", steep, vec![0.5, 2.0], 2)];
    cases.extend(programs().into_iter().take(2));
    for (name, program, shared, _) in &cases {
        for &x in &special {
            let numbers: Vec<f64> = special.iter().flat_map(|&y| [x, y]).collect();
            // Block by block and row by row, for a NaN makes all of a run careful.
            assert_same(&format!("{name}, {x}"), program, shared, rows(&numbers, 2));
            for row in numbers.chunks(2) {
                assert_same(&format!("{name}, {row:?}"), program, shared, rows(row, 2));
            }
        }
    }
}

#[test]
fn several_outputs_and_outputs_that_no_row_changes_have_the_same_bits() {
    let program = RowProgram::record(
        |p, x| [p[0].exp(), p[1], x[0], x[0] * p[0], x[0].sin(), Var::from(3.0)],
        &[0.5, 2.0],
        &[1.0],
    );
    let numbers = numbers(13);
    let rows = rows(&numbers, 1);
    let values = |workspace: &mut Workspace| {
        let mut out = vec![0.0; 6 * rows.count()];
        program.values(&[0.25, -1.5], rows, &mut out, workspace).expect("no guards");
        out.iter().map(|x| x.to_bits()).collect::<Vec<u64>>()
    };
    let expected = values(&mut Workspace::new().with_engine(Engine::Interpreter));
    for isa in wide() {
        let mut native = Workspace::new().with_isa(isa).with_engine(Engine::Native);
        assert_eq!(values(&mut native), expected, "{isa}");
        assert!(program.stats(&native).methods[0].code.is_some(), "{}", program.stats(&native));
    }
    for output in [0, 1, 2] {
        let one =
            RowProgram::record(|p, x| [[p[0].exp(), p[1], x[0]][output]], &[0.5, 2.0], &[1.0]);
        assert_same(&format!("output {output}"), &one, &[0.25, -1.5], rows);
    }
}

#[test]
fn the_first_row_that_breaks_a_guard_is_refused_by_its_number() {
    let program = RowProgram::record(
        |p, x| {
            let y = (x[0] * p[0]).exp();
            let z = if y < 2.0 { y } else { y * 0.5 };
            [if z > 0.25 { z.sqrt() } else { z }]
        },
        &[1.0],
        &[0.0],
    );
    for count in [1, 7, 8, 9, 20, 200] {
        // The second guard of one row, the first guard of a later one.
        for broken in [0, 3, 7, 8, 12, 19, 150].into_iter().filter(|&broken| broken < count) {
            let mut numbers = vec![0.1; count];
            numbers[broken] = -3.0;
            if broken + 2 < count {
                numbers[broken + 2] = 3.0;
            }
            let rows = rows(&numbers, 1);
            let mut interpreter = Workspace::new().with_engine(Engine::Interpreter);
            let refused = program.sum(&[1.0], rows, &mut interpreter).expect_err("a broken guard");
            assert!(refused.to_string().contains(&format!("row {broken}")), "{refused}");
            assert_same(&format!("row {broken} of {count}"), &program, &[1.0], rows);
            for isa in wide() {
                let mut native = Workspace::new().with_isa(isa).with_engine(Engine::Native);
                let mut slopes = [0.0];
                let sum = program.sum_and_gradient(&[1.0], rows, &mut slopes, &mut native);
                assert_eq!(sum.expect_err("a broken guard"), refused, "{isa}");
                let (mut values, mut gradients) = (vec![0.0; count], vec![0.0; 2 * count]);
                let values = program.values(&[1.0], rows, &mut values, &mut native);
                assert_eq!(values.expect_err("a broken guard"), refused, "{isa}");
                let gradients = program.gradients(&[1.0], rows, &mut gradients, &mut native);
                assert_eq!(gradients.expect_err("a broken guard"), refused, "{isa}");
            }
        }
    }
}

#[test]
fn rows_of_many_paths_have_the_same_bits() {
    let pieces = |p: &[Var], x: &[Var]| {
        let mut y = x[0] * p[0];
        while y > 1.0 {
            y *= 0.5;
        }
        [if y < 0.0 { y.exp() } else { sum([y, p[1].sin(), y.square()]) }]
    };
    let numbers: Vec<f64> = numbers(200).iter().map(|x| x * 20.0).collect();
    let run = |workspace: &mut Workspace| {
        let (mut all, mut slopes) = (RerecordRows::new(pieces), [0.0; 2]);
        let rows = rows(&numbers, 1);
        let sum = all.sum_and_gradient(&[1.5, 0.5], rows, &mut slopes, workspace).expect("paths");
        (sum.to_bits(), slopes.map(f64::to_bits), all.programs().len())
    };
    let expected = run(&mut Workspace::new().with_engine(Engine::Interpreter));
    assert!(expected.2 > 3);
    for isa in wide() {
        let mut native = Workspace::new().with_isa(isa).with_engine(Engine::Native);
        assert_eq!(run(&mut native), expected, "{isa}");
    }
}

#[cfg(feature = "rayon")]
#[test]
fn threads_share_the_code_and_have_the_same_bits() {
    let program = mixture();
    let numbers = numbers(2 * 5000);
    let rows = rows(&numbers, 2);
    let alone = Workspace::new().with_engine(Engine::Interpreter);
    let expected = all(&program, &MIXTURE, rows, &mut alone.clone()).expect("no guards");
    for isa in wide() {
        let native = Workspace::new().with_isa(isa).with_engine(Engine::Native);
        let found = all(&program, &MIXTURE, rows, &mut native.clone().parallel());
        assert_eq!(found.expect("no guards"), expected, "{isa}");
        // Programs are shared as well, while the code is being made.
        let fresh = mixture();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                let (fresh, native, expected) = (&fresh, &native, &expected);
                scope.spawn(move || {
                    let found = all(fresh, &MIXTURE, rows, &mut native.clone());
                    assert_eq!(&found.expect("no guards"), expected);
                });
            }
        });
    }
}
