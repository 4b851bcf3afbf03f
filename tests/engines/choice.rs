//! Which engine runs, and what the statistics say about it.

use super::counting::allocations;
use super::{dosage, guarded, numbers, rows, wide};
use gradtape::lanes::Isa;
use gradtape::nn::Dosage;
use gradtape::program::{Engine, RowProgram, Workspace};
use gradtape::{Var, custom};

/// What the statistics say about a method.
fn says(program: &RowProgram, workspace: &Workspace, method: &str) -> (bool, String) {
    let stats = program.stats(workspace);
    let of_method = stats.methods.iter().find(|found| found.method == method);
    let of_method = of_method.unwrap_or_else(|| panic!("no {method}: {stats}"));
    // Where there is native code, the interpreter has none for AVX-512.
    let interpreted = if wide().is_empty() { Isa::Avx512 } else { Isa::Avx2 };
    let most = if of_method.code.is_some() { Isa::Avx512 } else { interpreted };
    assert_eq!(of_method.isa, workspace.isa().min(most));
    (of_method.code.is_some(), of_method.why.clone())
}

const METHODS: [&str; 4] = ["values", "sum", "sum_and_gradient", "gradients"];

#[test]
fn the_interpreter_is_asked_for_and_runs() {
    let (program, mut workspace) = (dosage(), Workspace::new().with_engine(Engine::Interpreter));
    let start = Dosage::details_2().start;
    let numbers = numbers(2000);
    program.sum(&start, rows(&numbers, 2), &mut workspace).expect("no guards");
    for method in METHODS {
        let expected = (false, "asked for".to_string());
        assert_eq!(says(&program, &workspace, method), expected, "{method}");
    }
}

#[test]
fn native_code_is_made_for_what_is_run_and_for_its_instructions() {
    let start = Dosage::details_2().start;
    for isa in wide() {
        let program = dosage();
        let mut native = Workspace::new().with_isa(isa).with_engine(Engine::Native);
        let before = (false, "native code is made at the first run".to_string());
        assert_eq!(says(&program, &native, "sum"), before);
        program.sum(&start, rows(&[0.5, 1.0], 2), &mut native).expect("no guards");
        assert_eq!(says(&program, &native, "sum"), (true, "asked for".to_string()));
        assert_eq!(says(&program, &native, "values"), before);
        for other in wide().into_iter().filter(|&other| other != isa) {
            let other = Workspace::new().with_isa(other).with_engine(Engine::Native);
            assert_eq!(says(&program, &other, "sum"), before);
        }
        let text = program.stats(&native).to_string();
        assert!(text.contains(&format!("native, {isa}, ")), "{text}");
        // Clones have what is made.
        assert_eq!(says(&program.clone(), &native, "sum"), (true, "asked for".to_string()));
    }
}

#[test]
fn the_engine_is_changed_when_native_code_has_paid_and_nothing_is_allocated_then() {
    let start = Dosage::details_2().start;
    let numbers = numbers(2 * 8 * 512);
    for isa in wide() {
        let mut auto = Workspace::new().with_isa(isa).with_engine(Engine::Auto);
        let (program, mut slopes) = (dosage(), [0.0; 7]);
        let mut step = |rows| program.sum_and_gradient(&start, rows, &mut slopes, &mut auto);
        for _ in 0..12 {
            step(rows(&numbers[..6], 2)).expect("no guards");
        }
        let expected = (false, "native code does not pay yet: 12 of 512 blocks".to_string());
        assert_eq!(says(&program, &auto, "sum_and_gradient"), expected);
        // One long run is enough, and has native code itself.
        let mut step = |rows| program.sum_and_gradient(&start, rows, &mut slopes, &mut auto);
        step(rows(&numbers, 2)).expect("no guards");
        assert_eq!(allocations(|| _ = step(rows(&numbers, 2))), 0);
        assert_eq!(allocations(|| _ = step(rows(&numbers[..6], 2))), 0);
        let expected = (true, "it pays".to_string());
        assert_eq!(says(&program, &auto, "sum_and_gradient"), expected);
        let (native, why) = says(&program, &auto, "gradients");
        assert_eq!((native, &*why), (false, "native code does not pay yet: 0 of 512 blocks"));
    }
}

#[test]
fn the_baseline_has_no_native_code() {
    let baseline = Workspace::new().with_isa(Isa::Baseline).with_engine(Engine::Native);
    let (native, why) = says(&dosage(), &baseline, "sum");
    assert!(!native);
    if !wide().is_empty() {
        assert_eq!(why, "the baseline was asked for");
    }
}

#[test]
fn custom_operations_are_interpreted_where_rows_call_them() {
    let half = |p: &[Var], x: &[Var]| {
        let value = |x: &[f64], y: &mut [f64]| y[0] = x[0] / 2.0;
        let vjp = |_: &[f64], _: &[f64], w: &[f64], dx: &mut [f64]| dx[0] = w[0] / 2.0;
        [custom(("half", value, vjp), &[p[0] * x[0]])[0]]
    };
    let of_rows = RowProgram::record(half, &[1.0], &[1.0]);
    for isa in wide() {
        let mut native = Workspace::new().with_isa(isa).with_engine(Engine::Native);
        let sum = of_rows.sum(&[3.0], rows(&[1.0, 2.0], 1), &mut native);
        assert_eq!(sum, Ok(4.5));
        for method in METHODS {
            let expected = (false, "custom operations".to_string());
            assert_eq!(says(&of_rows, &native, method), expected, "{method}");
        }
    }
}

#[test]
fn the_size_is_counted_and_printed() {
    let isa = Isa::Baseline;
    let workspace = Workspace::new().with_isa(isa).with_engine(Engine::Interpreter);
    let stats = guarded().stats(&workspace);
    assert_eq!((stats.uniform, stats.frontier, stats.guards), (1, 4, (0, 1)));
    assert_eq!(stats.row, guarded().instructions().1);
    let expected = format!(
        "\
once              1 instruction, 0 guards
between           4 numbers
each row          {} instructions, 1 guard
values            interpreter, {isa}: asked for
sum               interpreter, {isa}: asked for
sum_and_gradient  interpreter, {isa}: asked for
gradients         interpreter, {isa}: asked for
",
        stats.row
    );
    assert_eq!(stats.to_string(), expected);
    let two = RowProgram::record(|p, x| [p[0], x[0]], &[1.0], &[1.0]);
    let methods = two.stats(&Workspace::new()).methods;
    assert_eq!(methods.iter().map(|method| method.method).collect::<Vec<_>>(), ["values"]);
}

#[test]
fn a_program_prints_as_before_and_does_not_show_its_code() {
    let program = dosage();
    let debug = format!("{program:?}");
    let mut native = Workspace::new().with_engine(Engine::Native);
    program.sum(&Dosage::details_2().start, rows(&[0.5, 1.0], 2), &mut native).expect("no guards");
    assert_eq!(format!("{program:?}"), debug);
}

/// What is said where there is no native code at all.
#[cfg(not(feature = "native"))]
#[test]
fn without_the_feature_the_interpreter_runs_and_the_statistics_say_so() {
    for engine in [Engine::Auto, Engine::Native] {
        let (native, why) = says(&dosage(), &Workspace::new().with_engine(engine), "sum");
        assert_eq!((native, &*why), (false, "built without the feature `native`"));
    }
    let mut workspace = Workspace::new().with_engine(Engine::Native);
    let line = RowProgram::record(|p, x| [p[0] * x[0]], &[1.0], &[1.0]);
    assert_eq!(line.sum(&[2.0], rows(&[1.0, 2.0], 1), &mut workspace), Ok(6.0));
    assert_eq!(workspace.engine(), Engine::Native);
}
