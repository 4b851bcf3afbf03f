//! Constants, odd shapes, `f32`, and texts without `std`.

use super::common::apply::{apply, scalar_rows, split};
use super::common::numeric::{same, same_bits};
use super::common::programs::record_plain;
use super::common::rustc::{Answer, Case, Shape, assert_formatted, compile, folder, run};
use super::{assert_same, one};
use gradtape::program::{Pass, Program, RowProgram, RustOptions, Workspace};
use gradtape::{Var, affine, log_sum_exp, sum, sum_squares};

#[test]
fn every_constant_reads_back_to_the_same_bits() {
    let constants = [
        0.0,
        -0.0,
        0.1,
        -1.0 / 3.0,
        1e16,
        1.5e-7,
        f64::MAX,
        f64::MIN_POSITIVE,
        5e-324,
        -5e-324,
        123_456_789.123_456_79,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NAN,
        f64::from_bits(0x7ff8_0000_0000_1234),
        f64::from_bits(0xfff8_0000_0000_0000),
    ];
    let program = record_plain(|x| constants.map(|c| Var::from(c) * 1.0 + x[0] * 0.0 + c), &[0.0]);
    let outputs = record_plain(|_| constants.map(Var::from), &[]);
    for (program, x) in [(program, vec![0.0]), (outputs, vec![])] {
        let text = program.to_rust(&RustOptions::new()).expect("no custom operation");
        let (inputs, outputs) = (program.inputs(), program.outputs());
        assert_formatted("constants", &[&text]);
        let shape = Shape::Many { inputs, outputs, guarded: false };
        let answers = run("constants", "f64", &[Case { text, shape }], &[(0, x.clone())]);
        let mut expected = vec![0.0; outputs];
        program.values(&x, &mut expected, &mut Workspace::new()).expect("no branch");
        let Answer::Numbers(found) = &answers[0] else { panic!("{answers:?}") };
        for (found, expected) in found.iter().zip(&expected) {
            // A NaN that is handed out as it is has its own bits.
            let is_same = if inputs == 0 {
                found.to_bits() == expected.to_bits()
            } else {
                same_bits(*found, *expected)
            };
            assert!(is_same, "{found:e} {expected:e}");
        }
    }
}

/// What depends on no input, and was not computed beforehand: a method cannot be called of a number without a type.
#[test]
fn methods_are_called_of_numbers_alone() {
    let f = |x: &[Var]| {
        let one = x[0].powi(0);
        let nine: Vec<Var> = (0..9).map(|_| one).collect();
        [(one.square().tanh() + one).sin()
            + sum_squares(&nine[..3]).cos()
            + sum(&nine).exp()
            + x[0]]
    };
    let program = record_plain(f, &[1.0]).optimized(&[Pass::Identities]);
    assert_same("alone", &RustOptions::new(), std::slice::from_ref(&program), &[(0, vec![2.0])]);
    let text = program.to_rust(&RustOptions::new()).expect("no custom operation");
    assert!(text.contains(": f64 = "), "{text}");
    let folded = program.optimized(&[Pass::Fold]);
    assert_same("folded", &RustOptions::new(), &[folded], &[(0, vec![2.0])]);
}

#[test]
fn odd_shapes_are_written_too() {
    let one_outputs: Vec<(Program, Vec<f64>)> = vec![
        (record_plain(|x| [x[0]], &[2.0]), vec![2.0]),
        (record_plain(|x| [x[1]], &[2.0, 3.0]), vec![2.0, 3.0]),
        (record_plain(|_| [Var::from(2.5)], &[1.0]), vec![1.0]),
        (record_plain(|_| [Var::from(2.5)], &[]), vec![]),
        (record_plain(|x| [sum(&x[..0]) + x[0]], &[1.0]), vec![1.0]),
        (record_plain(|x| [sum_squares(&x[..1]).sin() * 2.0], &[1.0]), vec![1.0]),
        (record_plain(|x| [log_sum_exp(&x[..0]).exp() + x[0]], &[1.0]), vec![1.0]),
        (record_plain(|x| [-x[0] - 2.0], &[1.0]), vec![1.0]),
    ];
    let at: Vec<(usize, Vec<f64>)> =
        one_outputs.iter().enumerate().map(|(k, (_, x))| (k, x.clone())).collect();
    let programs: Vec<Program> = one_outputs.into_iter().map(|(program, _)| program).collect();
    assert_same("odd", &RustOptions::new(), &programs, &at);

    // Several outputs: none, twice the same, inputs among them.
    let many: [Program; 3] = [
        record_plain(|_| Vec::new(), &[1.0, 2.0]),
        record_plain(|x| vec![x[0] * x[1], x[1], x[0] * 2.0, x[1]], &[1.0, 2.0]),
        record_plain(
            |x| if x[0] < x[1] { vec![x[1], x[1]] } else { vec![x[0], x[0]] },
            &[1.0, 2.0],
        ),
    ];
    let cases: Vec<Case> = many
        .iter()
        .map(|program| {
            let text = program.to_rust(&RustOptions::new()).expect("no custom operation");
            let guarded = text.contains("BranchChanged");
            let shape = Shape::Many { inputs: 2, outputs: program.outputs(), guarded };
            Case { text, shape }
        })
        .collect();
    let texts: Vec<&str> = cases.iter().map(|case| &*case.text).collect();
    assert_formatted("odd-many", &texts);
    let at: Vec<(usize, Vec<f64>)> = (0..3).map(|k| (k, vec![3.0, 4.0])).collect();
    let answers = run("odd-many", "f64", &cases, &at);
    assert_eq!(answers[0], Answer::Numbers(vec![]));
    assert_eq!(answers[1], Answer::Numbers(vec![12.0, 4.0, 6.0, 4.0]));
    assert_eq!(answers[2], Answer::Numbers(vec![4.0, 4.0]));
}

/// Each row at its samples, with the program of it.
fn samples() -> (Vec<Program>, Vec<(usize, Vec<f64>)>) {
    let (mut programs, mut at) = (Vec::new(), Vec::new());
    for op in scalar_rows() {
        for point in op.info().samples {
            let (x, c) = split(op, point);
            at.push((programs.len(), x.to_vec()));
            programs.push(record_plain(|x| [apply(op, x, c)], x));
        }
    }
    (programs, at)
}

/// The value and gradient of the program.
fn expected(program: &Program, x: &[f64]) -> Vec<f64> {
    let mut gradient = vec![0.0; x.len()];
    let value = program.value_and_gradient(x, &mut gradient, &mut Workspace::new());
    [vec![value.expect("no branch")], gradient].concat()
}

fn assert_near(test: &str, float: &str, options: &RustOptions, tolerance: f64) {
    let (programs, at) = samples();
    let cases: Vec<Case> = programs.iter().map(|program| one(program, options)).collect();
    let texts: Vec<&str> = cases.iter().map(|case| &*case.text).collect();
    assert_formatted(test, &texts);
    for ((case, x), answer) in at.iter().zip(run(test, float, &cases, &at)) {
        let Answer::Numbers(found) = answer else { panic!("{answer:?}") };
        let expected = expected(&programs[*case], x);
        for (a, b) in found[1..].iter().zip(&expected) {
            let near = (a - b).abs() <= tolerance * b.abs().max(1.0);
            assert!(near || same(*a, *b), "{a} {b} at {x:?}:\n{}", programs[*case]);
        }
    }
}

#[test]
fn every_row_in_f32_is_near_the_program() {
    assert_near("f32", "f32", &RustOptions::new().f32(), 2e-5);
}

/// A crate without `std` is compiled from all of them, and linked to a program that has it.
#[test]
fn every_row_compiles_without_std_in_both_types() {
    for (float, options) in
        [("f64", RustOptions::new().no_std()), ("f32", RustOptions::new().no_std().f32())]
    {
        let (programs, at) = samples();
        let mut source = String::from("#![no_std]\n#![deny(warnings)]\n");
        let mut main = String::from("fn main() {\n");
        let mut tried = Vec::new();
        for (case, x) in &at {
            let text = programs[*case].to_rust(&options).expect("no custom operation");
            source += &format!("pub mod c{case} {{\n{text}}}\n");
            let numbers: Vec<String> = x.iter().map(|x| format!("{x:?}")).collect();
            let (n, x) = (x.len(), numbers.join(", "));
            main += &format!(
                "    let mut g = [0.0; {n}];\n    let y = texts::c{case}::value_and_gradient(&[{x}], &mut g);\n    \
                 println!(\"{{:?}} {{:?}}\", y, g);\n"
            );
            tried.push(*case);
        }
        main += "}\n";
        let folder = folder(&format!("no-std-{float}"));
        let write = |name: &str, text: &str| {
            std::fs::write(folder.join(name), text).expect("a file in the folder of tests");
        };
        write("texts.rs", &source);
        write("main.rs", &main);
        let library = folder.join("libtexts.rlib");
        compile(&folder.join("texts.rs"), &library, &["--crate-type=rlib".to_owned()]);
        let program = folder.join("main");
        let more = ["--extern".to_owned(), format!("texts={}", library.display()), "-L".to_owned()];
        let deps = super::common::rustc::libm().parent().expect("a folder").display().to_string();
        compile(&folder.join("main.rs"), &program, &[&more[..], &[deps]].concat());
        let output = std::process::Command::new(program).output().expect("it runs");
        let said = String::from_utf8(output.stdout).expect("text");
        assert_eq!(said.lines().count(), at.len(), "{said}");
        let tolerance = if float == "f64" { 1e-13 } else { 2e-5 };
        for (line, (case, x)) in said.lines().zip(&at) {
            let numbers = line.replace(['[', ']', ','], " ");
            let found = numbers.split_whitespace().map(|n| n.parse::<f64>().expect("a number"));
            for (a, b) in found.zip(expected(&programs[*case], x)) {
                let near = (a - b).abs() <= tolerance * b.abs().max(1.0);
                assert!(near || same(a, b), "{a} {b} at {x:?}:\n{}", programs[*case]);
            }
        }
    }
}

/// Large and small, with guards, over rows: each combination of choices compiles without a warning.
#[test]
fn programs_of_every_kind_compile_with_every_choice() {
    let network = |p: &[Var], x: &[Var]| {
        let layer = |from: usize, x: &[Var]| -> Vec<Var> {
            (0..9).map(|k| affine(&p[from + 9 * k..][..9], x, p[81 + k]).gelu()).collect()
        };
        [sum_squares(layer(0, &layer(0, x)))]
    };
    let guarded = |p: &[Var], x: &[Var]| {
        let mut y = x[0] * p[0];
        for _ in 0..20 {
            y = if y > p[1] { y.erfcx() * p[2] } else { y + x[1].sinc() };
        }
        [y]
    };
    let numbers: Vec<f64> = (0..99).map(|k| f64::from(k).sin()).collect();
    let programs = [
        RowProgram::record(network, &numbers[..90], &numbers[90..]),
        RowProgram::record(guarded, &[0.5, 1.0, 0.7], &[0.3, 0.4]),
    ];
    for no_std in [false, true] {
        let mut source = String::from("#![deny(warnings)]\n");
        let mut texts = Vec::new();
        for statements in [10, 1000] {
            for f32 in [false, true] {
                let mut options = RustOptions::new().statements(statements);
                options = if no_std { options.no_std() } else { options };
                options = if f32 { options.f32() } else { options };
                for program in &programs {
                    texts.push(program.to_rust(&options).expect("no custom operation"));
                    texts.push(program.program().to_rust(&options).expect("no custom operation"));
                }
            }
        }
        if no_std {
            source.insert_str(0, "#![no_std]\n");
        }
        for (k, text) in texts.iter().enumerate() {
            source += &format!("pub mod c{k} {{\n{text}}}\n");
        }
        let test = format!("kinds-{no_std}");
        assert_formatted(&test, &texts.iter().map(|text| &**text).collect::<Vec<&str>>());
        let file = folder(&test).join("texts.rs");
        std::fs::write(&file, source).expect("a file in the folder of tests");
        let library = folder(&test).join("libtexts.rlib");
        compile(&file, &library, &["--crate-type=rlib".to_owned()]);
    }
}
